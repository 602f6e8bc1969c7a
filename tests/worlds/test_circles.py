import base64
import subprocess
import sys

import cv2
import jax
import numpy as np
import pytest

from tinyvae.worlds import Circles
from tinyvae.worlds.layouts import INDEPENDENT, RULES
from tinyvae.worlds.world import HasCoordinates, Measures, RunsInPage, World

LAYOUTS = sorted(RULES)


def drawn_by_opencv(world: Circles, rows: np.ndarray) -> np.ndarray:
    images = np.zeros((len(rows), world.size, world.size), np.uint8)
    for image, (radius, x, y) in zip(images, rows.astype(int), strict=True):
        cv2.circle(image, (int(x), int(y)), int(radius), (255,), thickness=-1)
    return (images == 255)[..., None]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [8, 32, 48])
def test_every_picture_is_that_of_cv2_circle(layout, size):
    world = Circles(size, layout=layout)
    images = np.asarray(jax.jit(world.draw)(world.table.values))
    np.testing.assert_array_equal(images, drawn_by_opencv(world, world.table.values))


@pytest.mark.parametrize(("layout", "least"), [("margin", 20), ("clipped", 3)])
def test_a_picture_tells_its_radius_though_the_frame_cuts_it(layout, least):
    """Pictures of different radii differ by so many pixels, wherever they are."""
    table = Circles(layout=layout).table
    rows = drawn_by_opencv(Circles(layout=layout), table.values).reshape(len(table), -1)
    white, radius = rows.sum(1), table.values[:, 0]
    pixels, found = rows.astype(np.float32), rows.shape[1]
    for one in np.unique(radius):
        mine, others = radius == one, radius > one
        if others.any():
            both = pixels[mine] @ pixels[others].T
            differ = white[mine][:, None] + white[others] - 2 * both
            found = min(found, int(differ.min()))
    assert found == least


@pytest.mark.parametrize("size", [64, 65, 128, 256])
@pytest.mark.parametrize("layout", ["margin", "clipped"])
def test_sampled_pictures_of_large_worlds_are_those_of_cv2_circle(layout, size):
    world = Circles(size, layout=layout)
    rows = world.table.sample_rows(300, seed=10_000).values
    images = np.asarray(world.draw(rows))
    np.testing.assert_array_equal(images, drawn_by_opencv(world, rows))


def test_a_radius_may_cut_the_frame_on_every_side_when_clipped():
    world = Circles(8, radius=(1, 8), layout="clipped")
    images = np.asarray(world.draw(world.table.values))
    np.testing.assert_array_equal(images, drawn_by_opencv(world, world.table.values))


def test_circles_larger_than_the_frame_are_those_of_cv2_circle():
    world = Circles(64, radius=(60, 64), layout="clipped")
    rows = world.table.sample_rows(300, seed=10_000).values
    np.testing.assert_array_equal(world.draw(rows), drawn_by_opencv(world, rows))


def test_the_default_world_is_that_of_the_demonstration():
    table = Circles().table
    assert len(table) == 6 * 16 * 16
    assert Circles().image_shape == (32, 32, 1)
    assert table.names == ("radius", "x", "y")
    np.testing.assert_array_equal(table.values.min(0), [3, 8, 8])
    np.testing.assert_array_equal(table.values.max(0), [8, 23, 23])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_factors_are_independent_exactly_where_the_layout_says_so(layout):
    table = Circles(layout=layout).table
    assert table.independent == (layout in INDEPENDENT)
    joint = {tuple(v): p for v, p in zip(table.values, table.probability, strict=True)}
    marginals = [
        {f: table.probability[c == f].sum() for f in np.unique(c)}
        for c in table.values.T
    ]
    factorises = all(
        np.isclose(
            joint.get((r, x, y), 0.0),
            marginals[0][r] * marginals[1][x] * marginals[2][y],
        )
        for r in marginals[0]
        for x in marginals[1]
        for y in marginals[2]
    )
    assert factorises == table.independent


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "clipped"])
def test_circles_are_whole_unless_clipped(layout):
    radius, x, y = Circles(layout=layout).table.values.T
    assert (np.minimum(x, y) >= radius).all()
    assert (np.maximum(x, y) <= 31 - radius).all()


def test_radius_is_uniform_in_every_layout():
    for layout in LAYOUTS:
        table = Circles(layout=layout).table
        shares = [table.probability[table.values[:, 0] == r].sum() for r in range(3, 9)]
        np.testing.assert_allclose(shares, 1 / 6)


def test_relative_coordinates_of_inside_are_nearly_independent_of_the_radius():
    world = Circles(48, layout="inside")
    coordinates = world.independent_coordinates(world.table)
    assert coordinates is not None
    radius, x, _ = coordinates.values.T
    # fraction of the room has the same mean for every radius; x itself too, but not
    # the same spread
    spread = [x[radius == r].std() for r in np.unique(radius)]
    assert np.ptp(spread) < 0.02
    absolute = [world.table.values[radius == r, 1].std() for r in np.unique(radius)]
    assert np.ptp(absolute) > 2


def test_diagonals_of_the_diamond_are_uncorrelated_and_bounded_alike():
    world = Circles(layout="diamond")
    coordinates = world.independent_coordinates(world.table)
    assert coordinates is not None
    _, plus, minus = coordinates.values.T
    assert abs(np.corrcoef(plus, minus)[0, 1]) < 1e-12
    assert np.ptp(plus) == np.ptp(minus)
    assert Circles().independent_coordinates(Circles().table) is None


@pytest.mark.parametrize("layout", ["margin", "inside"])
def test_measured_factors_of_whole_circles_are_their_factors(layout):
    world = Circles(layout=layout)
    images = np.asarray(world.draw(world.table.values), float)
    np.testing.assert_allclose(world.measure(images), world.table.values, atol=1e-9)


def test_a_black_picture_measures_as_undefined():
    assert np.isnan(Circles().measure(np.zeros((1, 32, 32, 1)))).all()


def test_factors_have_words_for_what_is_seen():
    words = {(f.name, f.grows, f.falls) for f in Circles().population().factors}
    assert words == {
        ("radius", "larger circle", "smaller circle"),
        ("x", "further right", "further left"),
        ("y", "further down", "further up"),
    }
    world = Circles(layout="diamond")
    coordinates = world.independent_coordinates(world.table)
    assert coordinates is not None
    assert coordinates.factors[1].grows == "further down and right"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_population_lists_the_table_in_its_order(layout):
    world = Circles(16, layout=layout)
    population = world.population()
    table, rows = population.table(10_000)
    assert table.complete
    assert (population.image_shape, population.pixels) == ((16, 16, 1), "binary")
    np.testing.assert_array_equal(table.values, world.table.values)
    np.testing.assert_array_equal(population.factor_values(rows), table.values)
    np.testing.assert_array_equal(population.images(rows), world.draw(table.values))
    assert population.held_out(100) is None


def test_rows_are_drawn_by_their_probability():
    population = Circles(8, layout="gaussian").population()
    table, _ = population.table(10_000)
    rows = population.sample(200_000, key=jax.random.key(10_000))
    shares = np.bincount(rows, minlength=len(table)) / 200_000
    np.testing.assert_allclose(shares, table.probability, atol=4e-3)


def test_a_world_describes_itself():
    assert Circles(16, (2, 4), "clipped").describe() == (
        "16x16 circles, radius 2 to 4 px, layout clipped (768 different pictures)"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 7}, "8 to 256 pixels, got 7"),
        ({"size": 257}, "8 to 256 pixels, got 257"),
        ({"radius": (3, 16)}, "at most 15 pixels.*got 16"),
        ({"radius": (5, 4)}, "1 <= low <= high.*got 5:4"),
        ({"radius": (0, 4)}, "1 <= low <= high.*got 0:4"),
        ({"layout": "inisde"}, "a layout among .* got 'inisde'"),
    ],
)
def test_worlds_that_cannot_be_drawn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Circles(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("size='32'", "whole number of pixels, got '32'"),
        ("size=32.5", "whole number of pixels, got 32.5"),
        ("radius=5", "(low, high) in whole pixels, such as (3, 8), got 5"),
        (
            "radius=(3.5, 8)",
            "(low, high) in whole pixels, such as (3, 8), got (3.5, 8)",
        ),
    ],
)
def test_settings_of_a_wrong_type_are_refused(settings, message):
    # in another process: here, every call is checked against its annotations first
    code = f"from tinyvae.worlds import Circles; Circles({settings})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert message in done.stderr


def test_a_world_shows_its_pictures_in_a_notebook():
    text = Circles(8)._repr_html_()
    assert "8x8 circles" in text
    png = base64.b64decode(text.split("base64,")[1].split('"')[0])
    strip = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert strip is not None
    assert strip.shape == (10, 100)
    assert set(np.unique(strip)) == {0, 128, 255}


def test_circles_have_every_ability_of_a_world():
    for ability in (World, Measures, HasCoordinates, RunsInPage):
        assert isinstance(Circles(), ability), ability
