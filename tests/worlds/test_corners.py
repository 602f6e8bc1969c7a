import jax
import numpy as np
import pytest
from pydantic import TypeAdapter

from tinyvae.worlds.circles import Circles
from tinyvae.worlds.corners import HeldOutCorners
from tinyvae.worlds.world import Measures, Population, World

TWO_CORNERS = ("high radius, high x", "low x, low y, low radius")


@pytest.mark.parametrize("corners", [TWO_CORNERS[:1], TWO_CORNERS])
def test_training_sees_every_row_but_those_held_out(corners):
    population = HeldOutCorners(corners=corners).population()
    drawn = np.unique(population.sample(60_000, key=jax.random.key(10_000)))
    held_out = population.held_out(10_000)
    assert held_out is not None
    others = np.setdiff1d(np.arange(1536), held_out[1])
    np.testing.assert_array_equal(drawn, others)


def test_the_default_corner_is_the_upper_third_of_radius_with_that_of_x():
    world = HeldOutCorners()
    table, rows = world.population().table(10_000)
    np.testing.assert_array_equal(table.values, Circles().table.values)
    assert table.complete
    assert table.uniform
    assert table.independent
    radius, x, _ = table.values.T
    np.testing.assert_array_equal(world.left_out, (radius >= 7) & (x >= 19))
    held_out = world.population().held_out(10_000)
    assert held_out is not None
    np.testing.assert_array_equal(held_out[0].values, table.values[held_out[1]])
    assert len(held_out[1]) == 2 * 5 * 16
    assert held_out[0].independent  # one corner is a grid of its own
    assert rows.dtype == np.int32


def test_two_corners_together_are_no_grid():
    held_out = HeldOutCorners(corners=TWO_CORNERS).population().held_out(10_000)
    assert held_out is not None
    assert len(held_out[1]) == 2 * 5 * 16 + 2 * 5 * 5
    assert not held_out[0].independent


def test_the_share_says_how_large_a_corner_is():
    world = HeldOutCorners(corners=("low x, high y",), share=0.5)
    _, x, y = world.table.values.T
    np.testing.assert_array_equal(world.left_out, (x <= 15) & (y >= 16))


def test_pictures_are_those_of_the_circles():
    world = HeldOutCorners()
    population = world.population()
    rows = np.arange(0, 1536, 9)
    images = np.asarray(population.images(rows))
    values = np.asarray(population.factor_values(rows))
    assert images.shape == (len(rows), 32, 32, 1)
    np.testing.assert_array_equal(
        images[..., 0], np.asarray(Circles().draw(values)).reshape(images.shape[:-1])
    )
    np.testing.assert_allclose(world.measure(images.astype(float)), values, atol=1e-9)


def test_a_world_is_read_back_from_json_and_keeps_the_protocols():
    world = HeldOutCorners(48, (4, 9), TWO_CORNERS, 0.25)
    adapter = TypeAdapter(HeldOutCorners)
    again = adapter.validate_json(adapter.dump_json(world))
    assert again == world
    assert hash(again) == hash(world)
    assert isinstance(world, World)
    assert isinstance(world, Measures)
    assert isinstance(world.population(), Population)
    assert "without high radius, high x; low x, low y, low radius" in world.describe()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"corners": ()}, "at least one corner"),
        (
            {"corners": ("high radius",)},
            "two or three different factors.* 'high radius'",
        ),
        ({"corners": ("high x, low x",)}, "different factors among"),
        ({"corners": ("big radius, high x",)}, "an end, high or low.* got 'big radius"),
        ({"corners": ("high area, high x",)}, "among radius, x, y"),
        ({"corners": ("high x,",)}, "got 'high x,'"),
        ({"share": 0}, "above 0 and up to 0.5, got 0"),
        ({"share": 0.6}, "above 0 and up to 0.5, got 0.6"),
        (
            {"corners": ("high x, high y", "high x, low y"), "share": 0.5},
            "to see every x, got corners that leave out all circles of x 16 px",
        ),
    ],
)
def test_worlds_that_cannot_be_drawn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        HeldOutCorners(**settings)
