"""Small files of the same form as the data sets of record."""

import itertools
import math

import numpy as np
import pytest
from scipy import io

from tinyvae.errors import DataError
from tinyvae.pictures import FormRule, Rules, SplitRule, read_pictures

h5py = pytest.importorskip("h5py")
RNG = np.random.default_rng(0)


def dsprites(shape=(1, 3, 2, 5, 2, 2)):
    """Arrays as dSprites has them, of every few values."""
    classes = np.array(list(itertools.product(*map(range, shape))))
    axes = [
        np.ones(1),
        np.arange(1.0, 4),
        np.linspace(0.5, 1, shape[2]),
        np.linspace(0, 2 * math.pi, shape[3]),
        np.linspace(0, 1, shape[4]),
        np.linspace(0, 1, shape[5]),
    ]
    values = np.stack([a[c] for a, c in zip(axes, classes.T, strict=True)], axis=1)
    images = RNG.integers(0, 2, (len(classes), 8, 8), dtype=np.uint8)
    return images, values, classes


@pytest.mark.parametrize("ending", ["npz", "hdf5"])
def test_dsprites_has_its_factors_and_binary_pictures(ending, tmp_path):
    images, values, classes = dsprites()
    path = tmp_path / f"dsprites_ndarray.{ending}"
    if ending == "npz":
        np.savez_compressed(
            path,
            imgs=images,
            latents_values=values,
            latents_classes=classes,
            metadata=np.array({"title": "dSprites"}, object),
        )
    else:
        with h5py.File(path, "w") as file:
            file["imgs"] = images
            file["latents/values"] = values
            file["latents/classes"] = classes
    reading = read_pictures(path)
    assert reading.pixels == "binary"
    assert np.array_equal(reading.store.read(np.arange(len(images)))[..., 0], images)
    names = ["shape", "scale", "orientation", "posX", "posY"]  # the colour is constant
    assert [factor.name for factor in reading.factors] == names
    shape, scale, orientation = reading.factors[:3]
    assert shape.levels == ("square", "ellipse", "heart")
    assert scale.values == (0.5, 1.0)
    assert (orientation.kind, orientation.unit) == ("circular", "rad")
    assert orientation.period == 2 * math.pi
    assert len(orientation.values) == 4  # the fifth is the first again
    assert np.array_equal(reading.values[:, 0], values[:, 1] - 1)
    np.testing.assert_allclose(
        np.cos(orientation.angle(reading.values[:, 2])), np.cos(values[:, 3]), atol=1e-9
    )
    assert any("'color': it is 1" in line for line in reading.report.lines())


def test_dsprites_of_another_size_has_greys(tmp_path):
    images, values, classes = dsprites()
    np.savez(
        tmp_path / "d.npz", imgs=images, latents_values=values, latents_classes=classes
    )
    reading = read_pictures(tmp_path / "d.npz", rules=Rules(FormRule(size=(4, 4))))
    blocks = images.reshape(-1, 4, 2, 4, 2).mean((2, 4))
    found = reading.store.read(np.arange(len(images)))[..., 0] / 255
    np.testing.assert_allclose(found, blocks, atol=1 / 255)


def test_dsprites_whose_arrays_do_not_fit(tmp_path):
    images, values, _ = dsprites()
    np.savez(tmp_path / "d.npz", imgs=images, latents_values=values[:, :5])
    with pytest.raises(DataError, match=r"latents_values of shape \(sample, 6\)"):
        read_pictures(tmp_path / "d.npz")


def test_shapes3d_has_circular_hues(tmp_path):
    hues, scales = np.arange(3) / 10, np.linspace(0.75, 1.25, 2)
    grid = itertools.product(hues, hues, hues[:2], scales, range(4), (-30.0, 0.0, 30.0))
    values = np.array(list(grid))
    images = RNG.integers(0, 256, (len(values), 4, 4, 3), dtype=np.uint8)
    with h5py.File(tmp_path / "3dshapes.h5", "w") as file:
        file["images"], file["labels"] = images, values
    reading = read_pictures(tmp_path / "3dshapes.h5")
    assert np.array_equal(reading.store.read(np.arange(len(images))), images)
    assert np.array_equal(reading.values, values)
    kinds = [factor.kind for factor in reading.factors]
    assert kinds == ["circular"] * 3 + ["ordered", "categorical", "ordered"]
    assert reading.factors[0].period == 1.0
    assert reading.factors[5].unit == "deg"


def test_mpi3d_has_the_factors_of_its_order(tmp_path):
    count = 460_800
    images = RNG.integers(0, 256, (count, 1, 1, 3), dtype=np.uint8)
    np.savez(tmp_path / "mpi3d_real.npz", images=images)
    reading = read_pictures(
        tmp_path / "mpi3d_real.npz", rules=Rules(split=SplitRule(0.0))
    )
    sizes = [len(factor.values) for factor in reading.factors]
    assert sizes == [4, 4, 2, 3, 3, 40, 40]
    row = 3 * 115_200 + 2 * 28_800 + 14_400 + 2 * 4_800 + 1_600 + 7 * 40 + 9
    assert reading.values[row].tolist() == [3, 2, 1, 2, 1, 7, 9]
    assert reading.factors[0].levels == ("green", "red", "blue", "brown")


def test_mpi3d_of_an_unknown_number_of_pictures(tmp_path):
    np.savez(tmp_path / "mpi3d_toy.npz", images=np.zeros((50, 4, 4, 3), np.uint8))
    with pytest.raises(DataError, match=r"1036800 or 460800 of them, got 50"):
        read_pictures(tmp_path / "mpi3d_toy.npz")


def test_cars3d_turns_round_each_car(tmp_path):
    cars = RNG.integers(0, 256, (3, 8, 8, 3, 24, 4), dtype=np.uint8)
    for number, car in enumerate(cars):
        io.savemat(tmp_path / f"car_{number:03}_mesh.mat", {"im": car})
    io.savemat(tmp_path / "other.mat", {"x": np.zeros(3)})
    reading = read_pictures(tmp_path)
    car, azimuth, elevation = reading.factors
    assert car.levels == ("car_000_mesh", "car_001_mesh", "car_002_mesh")
    assert (azimuth.kind, azimuth.period, azimuth.values[:2]) == (
        "circular",
        360.0,
        (0.0, 15.0),
    )
    assert len(elevation.values) == 4
    row = 2 * 96 + 5 * 4 + 3
    assert reading.values[row].tolist() == [2, 75, 3]
    assert np.array_equal(reading.store.read(np.array([row]))[0], cars[2, ..., 5, 3])
    assert any("1 file without a car: other.mat" in x for x in reading.report.lines())


def write_matrix(path, array, magic):
    lengths = [*array.shape, *[1] * (3 - array.ndim)]
    header = np.array([magic, array.ndim, *lengths], "<i4").tobytes()
    path.write_bytes(header + array.tobytes())


def smallnorb(folder, name, count, seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 2, 8, 8), dtype=np.uint8)
    category = rng.integers(0, 5, count, dtype=np.int32)
    info = np.stack(
        [
            rng.integers(0, 10, count),
            rng.integers(0, 9, count),
            2 * rng.integers(0, 18, count),
            rng.integers(0, 6, count),
        ],
        axis=1,
    ).astype(np.int32)
    write_matrix(folder / f"{name}-dat.mat", images, 0x1E3D4C55)
    write_matrix(folder / f"{name}-cat.mat", category, 0x1E3D4C54)
    write_matrix(folder / f"{name}-info.mat", info, 0x1E3D4C54)
    return images, category, info


def test_smallnorb_joins_its_parts_and_takes_the_first_camera(tmp_path):
    test = smallnorb(tmp_path, "smallnorb-testing", 90, 0)
    train = smallnorb(tmp_path, "smallnorb-training", 110, 1)
    reading = read_pictures(tmp_path)
    images = np.concatenate([test[0], train[0]])[:, 0]
    info = np.concatenate([test[2], train[2]])
    assert np.array_equal(reading.store.read(np.arange(200))[..., 0], images)
    names = ["category", "instance", "elevation", "azimuth", "light"]
    assert [factor.name for factor in reading.factors] == names
    category, _, elevation, azimuth, light = reading.values.T
    assert np.array_equal(category, np.concatenate([test[1], train[1]]))
    assert np.array_equal(elevation, 30 + 5 * info[:, 1])
    assert np.array_equal(azimuth, 10 * info[:, 2])
    assert np.array_equal(light, info[:, 3])
    assert reading.factors[3].period == 360.0
    one = read_pictures(tmp_path / "smallnorb-training-dat.mat")
    assert len(one.names) == 110


def test_smallnorb_without_its_labels(tmp_path):
    smallnorb(tmp_path, "smallnorb-training", 20, 1)
    (tmp_path / "smallnorb-training-info.mat").unlink()
    with pytest.raises(DataError, match=r"smallnorb-training-info.mat.*No such file"):
        read_pictures(tmp_path)


def test_smallnorb_cut_short(tmp_path):
    smallnorb(tmp_path, "smallnorb-training", 20, 1)
    path = tmp_path / "smallnorb-training-dat.mat"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, match=r"expected 2584 bytes for the shape .*got 500"):
        read_pictures(tmp_path)
