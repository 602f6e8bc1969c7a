import cv2
import jax
import numpy as np
import pytest
from pydantic import TypeAdapter

from tinyvae.worlds.two_circles import TwoCircles
from tinyvae.worlds.world import Population, World


def drawn_by_opencv(world: TwoCircles, six: np.ndarray) -> np.ndarray:
    """Pictures of (radius1, x1, y1, radius2, x2, y2), the dim circle first."""
    images = np.zeros((len(six), world.size, world.size, 1), np.uint8)
    for image, values in zip(images, six.astype(int).tolist(), strict=True):
        radius1, x1, y1, radius2, x2, y2 = values
        cv2.circle(image, (x2, y2), radius2, (1,), thickness=-1)
        cv2.circle(image, (x1, y1), radius1, (2,), thickness=-1)
    return images / 2


images_of = jax.jit(lambda population, rows: population.images(rows))


def with_radii(values: np.ndarray, radius1: int, radius2: int) -> np.ndarray:
    return np.insert(values, [0, 2], [radius1, radius2], axis=1)


@pytest.mark.parametrize("overlap", [True, False])
def test_every_picture_is_that_of_cv2_circle(overlap):
    world = TwoCircles(overlap=overlap)
    table, rows = world.population().table(20_000)
    images = np.asarray(images_of(world.population(), rows))
    expected = drawn_by_opencv(world, with_radii(table.values, 3, 6))
    np.testing.assert_array_equal(images, expected)


def test_sampled_pictures_of_varying_radii_are_those_of_cv2_circle():
    world = TwoCircles(64, bright_radius=(2, 5), dim_radius=(6, 10), step=3)
    names = [factor.name for factor in world.factors]
    assert names == ["radius1", "x1", "y1", "radius2", "x2", "y2"]
    population = world.population()
    rows = population.sample(400, key=jax.random.key(10_000))
    values = np.asarray(population.factor_values(rows))
    np.testing.assert_array_equal(
        population.images(rows), drawn_by_opencv(world, values)
    )


@pytest.mark.parametrize("overlap", [True, False])
def test_every_combination_is_a_different_picture(overlap):
    population = TwoCircles(overlap=overlap).population()
    _, rows = population.table(20_000)
    images = np.asarray(images_of(population, rows))
    coarse = np.rint(images.reshape(len(rows), -1) * 2).astype(np.uint8)
    assert len({row.tobytes() for row in coarse}) == len(rows)


def test_circles_that_do_not_overlap_share_no_pixel():
    world = TwoCircles(overlap=False)
    table = world.table
    assert not table.independent
    assert 0 < len(table) < len(TwoCircles().table)
    images = np.asarray(world.draw(table.values))
    alone = {
        look: np.asarray(world.draw(table.values[:1]) == level).sum()
        for look, level in (("bright", 1.0), ("dim", 0.5))
    }
    assert ((images == 1.0).sum((1, 2, 3)) == alone["bright"]).all()
    assert ((images == 0.5).sum((1, 2, 3)) == alone["dim"]).all()


def test_both_circles_are_whole():
    images = np.asarray(
        TwoCircles(step=1).draw(np.array([[3, 28, 6, 25], [28, 3, 25, 6]]))
    )
    assert (images == 1.0).sum((1, 2, 3)).tolist() == [29, 29]


def test_the_picture_of_a_batch_is_that_of_each():
    world = TwoCircles()
    values = np.asarray(world.population().factor_values(np.arange(0, 16_900, 1300)))
    together = jax.jit(world.draw)(values[:12].reshape(3, 4, -1)).reshape(12, 32, 32, 1)
    np.testing.assert_array_equal(jax.jit(jax.vmap(world.draw))(values[:12]), together)


@pytest.mark.parametrize(
    "world", [TwoCircles(), TwoCircles(40, (2, 4), (5, 6), 4, overlap=False)]
)
def test_a_world_is_read_back_from_json_and_keeps_the_protocols(world):
    adapter = TypeAdapter(TwoCircles)
    again = adapter.validate_json(adapter.dump_json(world))
    assert again == world
    assert hash(again) == hash(world)
    assert isinstance(world, World)
    assert isinstance(world.population(), Population)
    assert "bright before dim" in world.describe()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 8}, "size to be a whole number, 16 to 256, got 8"),
        (
            {"bright_radius": 6},
            "dim circle above those of the bright one.* got 6 and 6",
        ),
        ({"bright_radius": (5, 4)}, "low <= high, got"),
        ({"dim_radius": 16}, "dim_radius to be a whole number, 1 to 15, got 16"),
        ({"bright_radius": 0}, "bright_radius to be a whole number, 1 to 15, got 0"),
        ({"step": 0}, "step to be a whole number, 1 or more, got 0"),
        (
            {"step": 1, "size": 256, "bright_radius": (9, 12)},
            "at most 2147483647 combinations",
        ),
        (
            {"step": 1, "size": 128, "overlap": False},
            "at most 5000000.* Raise the step",
        ),
        (
            {"bright_radius": 12, "dim_radius": 13, "overlap": False},
            "circles that fit beside each other",
        ),
    ],
)
def test_worlds_that_cannot_be_drawn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TwoCircles(**settings)
