import numpy as np
import pytest
from PIL import Image

from tinyvae.pictures import FormRule, LabelRule, Rules, SplitRule, read_pictures


def all_rows(reading):
    return reading.store.read(np.arange(len(reading.names)))


def test_a_folder_gives_its_pixels_in_the_order_of_names(photos, pixels):
    reading = read_pictures(photos)
    assert np.array_equal(all_rows(reading), pixels)
    assert reading.names[:2] == ["p00.png", "p01.png"]
    assert reading.factors == ()
    assert reading.values.shape == (12, 0)


def test_the_second_reading_comes_from_the_cache_and_is_the_same(photos, monkeypatch):
    first = read_pictures(photos)

    def refuse(*_):
        raise AssertionError("decoded twice")

    monkeypatch.setattr("tinyvae.pictures.pixels.decoded", refuse)
    second = read_pictures(photos)
    assert np.array_equal(all_rows(first), all_rows(second))
    assert first.fingerprint == second.fingerprint


def test_subfolders_are_classes(tmp_path):
    for row in range(12):
        folder = tmp_path / ("cats" if row < 6 else "dogs")
        folder.mkdir(exist_ok=True)
        Image.new("L", (4, 4), row * 20).save(folder / f"{row}.png")
    reading = read_pictures(tmp_path)
    (factor,) = reading.factors
    assert (factor.name, factor.kind, factor.levels) == (
        "class",
        "categorical",
        ("cats", "dogs"),
    )
    assert reading.held.sum() == 2


def test_labels_are_joined_by_file_name_and_guessed_with_a_reason(photos):
    reading = read_pictures(photos, photos.parent / "labels.csv")
    species, x = reading.labels
    assert species.factor.levels == ("cat", "dog")
    assert species.reason == "texts"
    assert x.factor.kind == "ordered"
    assert np.array_equal(x.values, np.arange(12) * 1.5)
    assert any("found by its cells" in line for line in reading.report.lines())


def test_a_table_of_labels_in_the_folder_is_not_left_out(photos):
    (photos.parent / "labels.csv").rename(photos / "labels.csv")
    reading = read_pictures(photos, photos / "labels.csv")
    assert not reading.report.about("left out")
    assert len(reading.labels) == 2


def test_hidden_and_other_files_are_counted_and_named(photos):
    (photos / ".hidden").write_text("x")
    (photos / "notes.txt").write_text("x")
    left_out = [note.line() for note in read_pictures(photos).report.about("left out")]
    assert left_out == [
        "left out: 1 file other than pictures: notes.txt.",
        "left out: 1 hidden files: .hidden.",
    ]


@pytest.mark.parametrize(
    ("dtype", "peak"), [("uint8", 255), ("uint16", 65535), ("float32", 1.0)]
)
def test_values_of_each_type_mean_the_same(dtype, peak):
    shares = np.linspace(0, 1, 12 * 6 * 5).reshape(12, 6, 5)
    images = (shares * peak).astype(dtype)
    reading = read_pictures(images)
    assert str(reading.store.dtype) == dtype
    found = all_rows(reading)[..., 0] / reading.store.peak
    np.testing.assert_allclose(found, images / peak, rtol=1e-6)


def test_bits_are_binary_and_bytes_of_0_and_255_too():
    bits = np.random.default_rng(0).random((20, 6, 6)) < 0.5
    assert read_pictures(bits).pixels == "binary"
    assert read_pictures(bits.astype(np.uint8) * 255).pixels == "binary"
    assert read_pictures(np.where(bits, 0.999, 0.0)).pixels == "saturated"
    assert read_pictures(np.where(bits, 0.7, 0.2)).pixels == "grey"


def test_npy_npz_and_hdf5_files_give_what_the_array_gives(tmp_path, pixels):
    h5py = pytest.importorskip("h5py")
    np.save(tmp_path / "a.npy", pixels)
    np.save(tmp_path / "f.npy", np.asfortranarray(pixels))
    np.savez_compressed(tmp_path / "a.npz", images=pixels, size=np.arange(12.0) ** 2)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["stack"] = pixels
        file["size"] = np.arange(12.0) ** 2
    for name in ("a.npy", "f.npy", "a.npz", "a.h5"):
        reading = read_pictures(tmp_path / name)
        assert np.array_equal(all_rows(reading), pixels), name
        known = name in ("a.npz", "a.h5")
        assert [f.name for f in reading.factors] == (["size"] if known else [])


def test_a_list_of_paths_keeps_its_order(photos, pixels):
    paths = sorted(photos.glob("*.png"), reverse=True)
    assert np.array_equal(all_rows(read_pictures(paths)), pixels[::-1])


def test_a_table_of_numbers_is_vectors(tmp_path):
    numbers = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    reading = read_pictures(numbers, {"x": numbers[:, 0]})
    assert reading.pixels == "real"
    assert reading.form.shape == (1, 4, 1)
    assert np.array_equal(all_rows(reading)[:, 0, :, 0], numbers)


def test_rgba_is_laid_over_the_background(tmp_path):
    clear = np.zeros((12, 4, 4, 4), np.uint8)
    clear[..., :2, 3] = 255
    clear[..., :2, 0] = 200
    rules = Rules(FormRule(background="white"))
    from_array = all_rows(read_pictures(clear, rules=rules))
    for row, picture in enumerate(clear):
        Image.fromarray(picture).save(tmp_path / f"{row:02}.png")
    from_files = all_rows(read_pictures(tmp_path, rules=rules))
    assert np.array_equal(from_array, from_files)
    assert from_files[0, 0].tolist() == [[200, 0, 0]] * 2 + [[255] * 3] * 2


def test_none_is_held_out_if_the_share_is_0(photos):
    reading = read_pictures(photos, rules=Rules(split=SplitRule(held_out=0.0)))
    assert not reading.held.any()


def test_declared_kinds_and_factors_are_kept(photos):
    labels = {"a": np.arange(12) * 30.0, "b": np.arange(12) % 3, "c": np.arange(12.0)}
    rule = LabelRule(
        kinds=(("a", "circular:180"), ("b", "categorical")), factors=("b", "a")
    )
    images = np.random.default_rng(0).random((12, 5, 5))
    b, a = read_pictures(images, labels, rules=Rules(labels=rule)).labels
    assert b.factor.levels == ("0", "1", "2")
    assert (a.factor.kind, a.factor.period) == ("circular", 180.0)
    assert np.array_equal(a.values, np.arange(12) * 30.0 % 180)
