import jax
import jax.numpy as jnp
import numpy as np
import pytest
from opencv_shapes import drawn_by_opencv
from pydantic import TypeAdapter

from tinyvae.worlds.shapes import Shapes
from tinyvae.worlds.silhouettes import FORMS
from tinyvae.worlds.world import Measures, Population, RunsInPage, World

ALL = tuple(FORMS)
TURNING = tuple(shape for shape in ALL if shape != "disc")


drawn = jax.jit(Shapes.draw, static_argnums=0)


def pictures(world: Shapes, **columns) -> np.ndarray:
    """Pictures (sample, height, width, channel) of these values of the factors."""
    values = np.broadcast_arrays(*(columns[factor.name] for factor in world.factors))
    return np.asarray(drawn(world, np.stack(values, axis=-1)))


def a_few_rows(world: Shapes, num: int) -> np.ndarray:
    return np.asarray(world.population().sample(num, key=jax.random.key(10_000)))


def test_the_default_world_varies_five_factors():
    factors = Shapes().factors
    assert [f.name for f in factors] == ["shape", "scale", "rotation", "x", "y"]
    assert [f.kind for f in factors] == ["categorical", "ordered", "circular"] + [
        "ordered"
    ] * 2
    assert factors[0].levels == ("square", "ellipse", "heart")
    assert Shapes().population().num_rows == 3 * 4 * 8 * 12 * 12


@pytest.mark.parametrize("shape", ALL)
@pytest.mark.parametrize("whole_pixels", [True, False])
def test_shapes_are_those_of_opencv_within_the_stated_tolerance(shape, whole_pixels):
    rng = np.random.default_rng(10_000)
    world = Shapes(shapes=(shape, *set(ALL) - {shape}), scale=(2, 6))
    for _ in range(30):
        scale, own_turn = rng.uniform(2, 6), rng.uniform(0, 1)
        x, y = rng.uniform(12, 20, 2)
        if whole_pixels:
            x, y, own_turn = round(x), round(y), round(4 * own_turn) / 4
        ours = np.asarray(drawn(world, np.array([0, scale, own_turn, x, y])))[..., 0]
        degrees = own_turn * FORMS[shape].turn
        theirs = drawn_by_opencv(shape, scale, degrees, x, y, 32)
        assert np.abs(ours - theirs).max() < 0.11
        assert np.abs(ours - theirs).sum() < 0.045 * np.pi * scale**2


@pytest.mark.parametrize("shape", TURNING)
def test_turning_a_shape_by_its_symmetry_changes_no_pixel(shape):
    world = Shapes(shapes=(shape,), rotations=7)
    turn = FORMS[shape].turn
    assert world.chosen["rotation"].period == turn
    there = {"scale": 4.5, "x": 14.3, "y": 16.8}
    before = pictures(world, rotation=np.array([0.0, 17.0, 80.0]), **there)
    after = pictures(world, rotation=turn + np.array([0.0, 17, 80]), **there)
    np.testing.assert_allclose(after, before, atol=1e-5)
    half = pictures(world, rotation=turn / 2, **there)
    assert np.abs(half - before[0]).max() > 0.1


def test_every_own_turn_ends_where_it_began_and_differs_in_between():
    world = Shapes(shapes=TURNING)
    index = np.arange(len(TURNING))
    there = {"shape": index, "scale": 5.0, "x": 15.0, "y": 16.0}
    begin, half, end = (pictures(world, rotation=r, **there) for r in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(end, begin, atol=1e-5)
    assert (np.abs(half - begin).max((1, 2, 3)) > 0.1).all()


def test_a_disc_leaves_the_unit_of_rotation_to_the_other_shape():
    world = Shapes(shapes=("disc", "triangle"))
    rotation = world.chosen["rotation"]
    assert (rotation.unit, rotation.period) == ("deg", 120.0)


def test_a_positive_rotation_is_clockwise():
    # a triangle's apex is the top corner; turned by 30 degrees it has moved right
    world = Shapes(shapes=("triangle",), positions=1, scale=5, rotations=12)
    tops = [np.asarray(world.draw(np.array([angle])))[8:10] for angle in (0.0, 30.0)]
    columns = [(top.sum((0, 2)) @ np.arange(32)) / top.sum() for top in tops]
    assert columns[1] > columns[0] + 1


@pytest.mark.parametrize(("axis", "name"), [(1, "y"), (2, "x")])
def test_moving_by_a_pixel_moves_the_picture_by_a_pixel(axis, name):
    world = Shapes(shapes=ALL)
    place = {"x": 14.3, "y": 15.6}
    rest = {"shape": np.arange(5), "scale": 4.0, "rotation": 0.3}
    before = pictures(world, **rest, **place)
    after = pictures(world, **rest, **{**place, name: place[name] + 1})
    np.testing.assert_allclose(after, np.roll(before, 1, axis), atol=1e-5)


@pytest.mark.parametrize("shape", ALL)
def test_area_is_that_of_the_disc_whose_radius_is_the_scale(shape):
    world = Shapes(shapes=ALL)
    scale = np.array([2.0, 3, 4, 5, 6])
    at = ALL.index(shape)
    there = {"shape": at, "rotation": 0.2, "x": 15.2, "y": 15.7}
    area = pictures(world, scale=scale, **there).sum((1, 2, 3))
    np.testing.assert_allclose(area, np.pi * scale**2, rtol=0.04)
    np.testing.assert_allclose(area[2:], np.pi * scale[2:] ** 2, rtol=0.02)


def test_the_hue_changes_no_silhouette():
    white, coloured = Shapes(positions=4), Shapes(positions=4, hues=9, hue=20)
    rows = a_few_rows(coloured, 200)
    values = np.asarray(coloured.population().factor_values(rows))
    silhouette = np.asarray(drawn(white, values[:, :-1]))[..., 0]
    images = np.asarray(drawn(coloured, values))
    assert images.shape == (200, 32, 32, 3)
    np.testing.assert_allclose(images.max(-1), silhouette, atol=1e-6)


@pytest.mark.parametrize(
    ("hue", "colour"),
    [(0, (1, 0, 0)), (60, (1, 1, 0)), (120, (0, 1, 0)), (240, (0, 0, 1))],
)
def test_hues_are_the_colours_of_the_circle(hue, colour):
    image = pictures(Shapes(hue=hue), shape=0, scale=6, rotation=0, x=15, y=15)
    np.testing.assert_allclose(image[15, 15], colour, atol=1e-6)


@pytest.mark.parametrize("size", [16, 32, 48])
def test_every_shape_of_the_grid_is_drawn_inside_the_frame(size):
    world = Shapes(size=size, shapes=ALL, scales=2, positions=3)
    images = np.asarray(world.population().images(np.arange(5 * 2 * 8 * 9)))
    assert images[:, [0, -1]].max() == 0
    assert images[:, :, [0, -1]].max() == 0
    assert images.min() == 0
    assert images.max() == pytest.approx(1, abs=1e-6)


def test_every_row_of_the_default_grid_is_a_different_picture():
    world = Shapes()
    images = np.asarray(jax.jit(world.draw)(world.population().table(20_000)[0].values))
    coarse = np.rint(images.reshape(len(images), -1) * 255).astype(np.uint8)
    assert len({row.tobytes() for row in coarse}) == len(images)


def test_pictures_of_rows_are_those_of_their_factor_values():
    population = Shapes(hues=5).population()
    rows = population.sample(50, key=jax.random.key(10_000))
    expected = population.world.draw(population.factor_values(rows))
    np.testing.assert_array_equal(population.images(rows), expected)


def test_drawing_a_batch_is_drawing_its_pictures_one_by_one():
    world = Shapes(shapes=ALL, hues=5)
    values = world.population().factor_values(a_few_rows(world, 12))
    draw = jax.jit(world.draw)
    together = draw(values.reshape(3, 4, -1)).reshape(12, 32, 32, 3)
    np.testing.assert_allclose(jax.vmap(draw)(values), together, atol=1e-6)
    one_by_one = jnp.stack([draw(one) for one in values])
    np.testing.assert_allclose(one_by_one, together, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"shapes": ("disc",), "rotations": 1}, ["scale", "x", "y"]),
        ({"rotations": 1, "scale": 4, "positions": 1}, ["shape"]),
        ({"rotations": 1, "scale": 4, "shapes": ("heart",)}, ["x", "y"]),
        ({"scale": 4, "positions": (5, 1)}, ["shape", "rotation", "x"]),
        (
            {
                "shapes": ("disc",),
                "rotations": 1,
                "scale": 4,
                "positions": 1,
                "hues": 6,
            },
            ["hue"],
        ),
        ({"shapes": ("disc",), "rotations": 1, "scales": 1}, ["x", "y"]),
    ],
)
def test_any_subset_of_the_factors_may_vary(settings, names):
    world = Shapes(**settings)
    population = world.population()
    assert [factor.name for factor in population.factors] == names
    table, rows = population.table(10_000)
    images = np.asarray(population.images(rows[:7].reshape(-1, 1)))
    assert images.shape == (min(7, len(rows)), 1, *world.image_shape)
    assert table.values.shape == (population.num_rows, len(names))
    for name in names:
        assert name in world.describe()


def test_measured_factors_are_the_factors():
    world = Shapes(shapes=ALL, hues=12)
    values = np.asarray(world.population().factor_values(a_few_rows(world, 300)))
    found = world.measure(np.asarray(drawn(world, values)))
    shape, scale, rotation, x, y, hue = found.T
    assert np.isnan(shape).all()
    assert np.isnan(rotation).all()
    np.testing.assert_allclose(scale, values[:, 1], rtol=0.02)
    np.testing.assert_allclose(x, values[:, 3], atol=0.06)
    np.testing.assert_allclose(y, values[:, 4], atol=0.06)
    np.testing.assert_allclose(np.cos(np.radians(hue - values[:, 5])), 1, atol=1e-6)


@pytest.mark.parametrize("shape", TURNING)
def test_the_measured_rotation_of_one_shape_is_its_rotation(shape):
    world = Shapes(shapes=(shape,), rotations=24, positions=3)
    values = np.asarray(world.population().factor_values(a_few_rows(world, 200)))
    found = world.measure(np.asarray(drawn(world, values)))
    turn = FORMS[shape].turn
    off = (found[:, 1] - values[:, 1] + turn / 2) % turn - turn / 2
    assert np.abs(off).max() < 4


def test_nothing_is_measured_in_a_black_picture():
    world = Shapes(hues=3, shapes=("heart",))
    found = world.measure(np.zeros((2, 32, 32, 3)))
    assert np.isnan(np.delete(found, 1, axis=1)).all()


def test_a_world_is_read_back_from_json():
    adapter = TypeAdapter(Shapes)
    for world in (
        Shapes(),
        Shapes(64, ("disc", "heart"), scale=(4, 9), positions=(5, 1), hue=40.0),
        Shapes(scale=4.5, hues=3),
    ):
        assert adapter.validate_json(adapter.dump_json(world)) == world
        assert hash(adapter.validate_json(adapter.dump_json(world))) == hash(world)


def test_a_world_keeps_the_protocols():
    world = Shapes()
    assert isinstance(world, World)
    assert isinstance(world, Measures)
    assert isinstance(world, RunsInPage)
    assert isinstance(world.population(), Population)
    assert world.kind == world.page_data()["world"] == "shapes"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 15}, "size to be a whole number, 16 to 256, got 15"),
        ({"size": 257}, "size to be a whole number, 16 to 256, got 257"),
        ({"shapes": ()}, r"different shapes among disc.* got \(\)"),
        ({"shapes": ("star",)}, r"different shapes among .* got \('star',\)"),
        ({"shapes": ("disc", "disc")}, "different shapes among"),
        ({"scale": (5, 4)}, r"low <= high, got \(5, 4\)"),
        ({"scale": 0.5}, "1 pixel or more, got 0.5"),
        ({"scale": 12}, "largest scale of at most 9.89 pixels.* got 12. Lower"),
        ({"scales": 0}, "scales to be a whole number, 1 or more, got 0"),
        ({"rotations": 0}, "rotations to be a whole number"),
        ({"hues": 0}, "hues to be a whole number"),
        ({"positions": (3, 0)}, "positions along y to be a whole number.* got 0"),
        ({"hue": 361}, "hue of 0 to 360 degrees, got 361"),
        ({"scale": float("inf")}, "largest scale of at most 9.89 pixels.* got inf"),
        ({"scale": float("nan")}, "low <= high, got nan"),
        ({"shapes": ("disc",)}, "a disc's rotation is not visible"),
        (
            {"shapes": ("heart",), "scale": 3, "rotations": 1, "positions": 1},
            "expected a factor that varies",
        ),
        (
            {"scales": 1000, "rotations": 1000, "positions": 1000},
            r"at most 2147483647 combinations.* \(shape 3, scale 1000",
        ),
    ],
)
def test_worlds_that_cannot_be_drawn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Shapes(**settings)


def test_the_largest_scale_that_is_offered_fits():
    assert Shapes(scale=9.89, positions=2).population().num_rows == 3 * 8 * 4
