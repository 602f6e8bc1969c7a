import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pydantic import TypeAdapter

from tinyvae.errors import ConfigError, DataError
from tinyvae.pictures.store import MemoryStore
from tinyvae.worlds import picture_rows
from tinyvae.worlds.own_pictures import Pictures
from tinyvae.worlds.world import Population, World

ADAPTER = TypeAdapter(Pictures)


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("TINYVAE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def pixels():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (50, 6, 7, 3), dtype=np.uint8)


@pytest.fixture
def labels():
    return {"x": np.arange(50.0) ** 2, "side": ["left", "right"] * 25}


def test_it_is_a_world_and_its_population_is_one(pixels, labels):
    world = Pictures(pixels, labels)
    assert isinstance(world, World)
    assert isinstance(world.population(), Population)
    assert world.describe().startswith("50 pictures of 6x7 in colour")


def test_settings_survive_json_and_stay_hashable(pixels, labels):
    world = Pictures(pixels, labels, kinds={"x": "circular:100"}, size=8).settled()
    again = ADAPTER.validate_json(ADAPTER.dump_json(world))
    assert again == world
    assert hash(again) == hash(world)
    assert ADAPTER.validate_python(
        {"images": "a/", "kinds": {"x": "ordered"}}
    ).kinds == (("x", "ordered"),)


def test_images_on_the_device_are_the_pixels_divided_by_255(pixels):
    population = Pictures(pixels).population()
    rows = jnp.array([[3, 1], [4, 9]])
    np.testing.assert_allclose(
        population.images(rows), pixels[np.asarray(rows)] / 255, rtol=1e-6
    )


def test_pictures_read_from_disk_equal_those_on_the_device(
    pixels, tmp_path, monkeypatch
):
    np.save(tmp_path / "a.npy", pixels)
    on_device = Pictures(tmp_path / "a.npy").population()
    monkeypatch.setattr(picture_rows, "RESIDENT_BYTES", 0)
    on_disk = Pictures(tmp_path / "a.npy").population()
    assert on_disk.stored is None
    rows = jnp.arange(24).reshape(2, 3, 4)
    assert np.array_equal(on_device.images(rows), on_disk.images(rows))
    by_member = jax.jit(jax.vmap(on_disk.images))(rows)
    assert np.array_equal(by_member, on_device.images(rows))


def training(population, key, steps):
    """A loop as training has it: members under vmap, steps in a while loop."""

    def step(carry):
        number, key, total = carry
        key, draw = jax.random.split(key)
        keys = jax.random.split(draw, 3)
        images = jax.vmap(lambda k: population.images(population.sample(16, key=k)))(
            keys
        )
        return number + 1, key, total + images.mean((1, 2, 3, 4))

    start = (0, key, jnp.zeros(3))
    return jax.lax.while_loop(lambda carry: carry[0] < steps, step, start)[2]


def test_a_compiled_loop_over_members_reads_from_disk_without_deadlock(
    pixels, tmp_path, monkeypatch
):
    np.save(tmp_path / "a.npy", pixels)
    loop = eqx.filter_jit(training)
    key = jax.random.key(0)
    on_device = loop(Pictures(tmp_path / "a.npy").population(), key, 300)
    monkeypatch.setattr(picture_rows, "RESIDENT_BYTES", 0)
    on_disk = Pictures(tmp_path / "a.npy").population()
    np.testing.assert_allclose(loop(on_disk, key, 300), on_device, rtol=1e-6)


def test_sample_never_draws_a_held_out_picture(pixels, labels):
    population = Pictures(pixels, labels).population()
    held_out = population.held_out(100)
    assert held_out is not None
    rows = set(np.asarray(population.sample(2000, key=jax.random.key(0))).tolist())
    assert len(held_out[1]) == 10
    assert not rows & set(held_out[1].tolist())
    assert len(rows) == 40


def test_the_table_holds_the_labels_of_held_out_pictures(pixels, labels):
    population = Pictures(pixels, labels).population()
    table, rows = population.table(6)
    assert len(table) == 6
    assert not table.independent
    assert not table.complete
    assert np.array_equal(table.values[:, 0], labels["x"][rows])
    assert np.array_equal(table.values[:, 1], rows % 2)
    np.testing.assert_allclose(
        population.factor_values(jnp.asarray(rows)), table.values
    )


def test_without_labels_tables_have_no_column(pixels):
    population = Pictures(pixels).population()
    assert population.factors == ()
    table, rows = population.table(100)
    assert table.values.shape == (len(rows), 0)


def test_pictures_with_a_missing_label_are_trained_on_but_not_in_the_table(pixels):
    x = np.arange(50.0) ** 2
    x[::2] = np.nan
    population = Pictures(pixels, {"x": x}).population()
    _, rows = population.table(100)
    assert (rows % 2 == 1).all()
    assert len(population.training) == 40


def test_binary_pictures_are_bool():
    bits = np.random.default_rng(0).random((20, 5, 5)) < 0.5
    population = Pictures(bits).population()
    assert population.pixels == "binary"
    assert population.images(jnp.arange(20)).dtype == bool
    assert np.array_equal(population.images(jnp.arange(20))[..., 0], bits)


def test_a_table_of_numbers_is_standardised_on_its_training_rows():
    numbers = np.random.default_rng(0).normal(5, 3, (100, 4))
    numbers[:, 2] = 7.0
    world = Pictures(numbers).settled()
    population = world.population()
    training = population.images(population.training)[:, 0, :, 0]
    np.testing.assert_allclose(training.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(training.std(0), [1, 1, 0, 1], atol=1e-5)
    other = world.like(numbers[:20] + 1).population().images(jnp.arange(20))
    expected = (numbers[:20] + 1 - world.offsets) / world.scales
    np.testing.assert_allclose(other[:, 0, :, 0], expected, atol=1e-5)


def test_a_few_other_pictures_take_the_form_of_the_run(pixels):
    world = Pictures(pixels, size=5, fit="crop").settled()
    other = world.like(pixels[:2]).population()
    assert other.held_out(10) is None
    assert np.array_equal(
        other.images(jnp.arange(2)), world.population().images(jnp.arange(2))
    )
    grey = world.like(pixels[:3, ..., 0]).population()
    assert grey.image_shape == (5, 5, 3)


def test_a_table_of_another_width_is_refused():
    world = Pictures(np.random.default_rng(0).normal(size=(20, 4))).settled()
    with pytest.raises(DataError, match=r"expected 4 numbers per row.*got 3"):
        world.like(np.ones((5, 3)) * np.arange(3)).population()


def test_arrays_kept_in_a_run_folder_are_found_again(pixels, labels, tmp_path):
    labels |= {"flag": [True, False] * 25, "class": np.arange(50) % 3 * 1.5}
    labels |= {"angle": np.random.default_rng(0).random(50)}
    kinds = {"angle": "circular:0.3", "class": "categorical"}
    world = Pictures(pixels, labels, kinds=kinds, split_seed=3).settled()
    kept = world.keep(tmp_path)
    again = ADAPTER.validate_json(ADAPTER.dump_json(kept)).resolved(tmp_path)
    assert again == kept
    old, new = world.population(), again.population()
    assert new.factors == old.factors
    assert np.array_equal(new.images(jnp.arange(50)), old.images(jnp.arange(50)))
    assert np.array_equal(new.table(100)[1], old.table(100)[1])


def test_labels_of_python_beside_files_are_kept_too(pixels, labels, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    np.save(tmp_path / "a.npy", pixels)
    world = Pictures(tmp_path / "a.npy", labels).settled()
    again = ADAPTER.validate_json(ADAPTER.dump_json(world.keep(run))).resolved(run)
    assert again.population().factors == world.population().factors


def test_arrays_that_were_not_kept_are_asked_for(pixels):
    named = ADAPTER.validate_json(ADAPTER.dump_json(Pictures(pixels)))
    with pytest.raises(ConfigError, match=r"array in Python and was not kept"):
        named.population()


def test_settling_twice_changes_nothing(pixels, labels):
    once = Pictures(pixels, labels).settled()
    assert dataclasses.replace(once).settled() == once


def test_arrays_of_other_libraries_and_lists_of_arrays_are_known_by_content(pixels):
    names = {Pictures(kind(pixels)).images for kind in (np.asarray, jnp.asarray, list)}
    assert len(names) == 1
    other = pixels.copy()
    other[-1, -1, -1, -1] ^= 1
    assert Pictures(list(other)).images not in names


def test_an_array_that_has_its_form_is_not_copied():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 4, 4), dtype=np.uint8)
    store = Pictures(pixels).read().store
    assert isinstance(store, MemoryStore)
    assert np.shares_memory(store.pixels, pixels)
