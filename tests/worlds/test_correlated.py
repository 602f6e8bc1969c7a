import jax
import numpy as np
import pytest
from pydantic import TypeAdapter

from tinyvae.worlds.circles import Circles
from tinyvae.worlds.correlated import CorrelatedCircles
from tinyvae.worlds.world import Measures, Population, World

PAIRS = [("radius", "x"), ("x", "y"), ("y", "radius")]


def correlations(table) -> dict[tuple[str, str], float]:
    weights = np.cov(table.values.T, aweights=table.probability, ddof=0)
    matrix = weights / np.sqrt(np.outer(np.diag(weights), np.diag(weights)))
    return {
        (a, b): float(matrix[i, j])
        for i, a in enumerate(table.names)
        for j, b in enumerate(table.names)
    }


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("correlation", [-0.95, 0.3, 0.95])
def test_only_the_stated_pair_is_correlated_as_stated(pair, correlation):
    table, _ = (
        CorrelatedCircles(pair=pair, correlation=correlation).population().table(10_000)
    )
    for names, achieved in correlations(table).items():
        expected = 1.0 if names[0] == names[1] else 0.0
        if set(names) == set(pair):
            expected = correlation
        assert achieved == pytest.approx(expected, abs=1e-3)
    assert not table.independent
    assert table.complete


def test_each_factor_alone_stays_uniform():
    table = CorrelatedCircles(correlation=0.9).table
    for factor, column in zip(table.factors, table.values.T, strict=True):
        shares = [table.probability[column == v].sum() for v in factor.values]
        np.testing.assert_allclose(shares, 1 / len(factor.values), rtol=1e-9)


def test_without_correlation_it_is_the_world_of_circles():
    table = CorrelatedCircles(correlation=0).table
    np.testing.assert_array_equal(table.values, Circles().table.values)
    np.testing.assert_allclose(table.probability, Circles().table.probability)
    assert table.independent


def test_training_pictures_are_correlated_as_stated():
    world = CorrelatedCircles(correlation=-0.8, pair=("x", "y"))
    population = world.population()
    rows = population.sample(50_000, key=jax.random.key(10_000))
    _, x, y = np.asarray(population.factor_values(rows)).T
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(-0.8, abs=0.01)


def test_pictures_are_those_of_the_circles():
    world = CorrelatedCircles()
    population = world.population()
    rows = np.arange(0, 1536, 7).reshape(-1, 4)[:50]
    images = np.asarray(population.images(rows))
    values = np.asarray(population.factor_values(rows))
    assert images.shape == (*rows.shape, 32, 32, 1)
    np.testing.assert_array_equal(
        images[..., 0], np.asarray(Circles().draw(values)).reshape(images.shape[:-1])
    )
    np.testing.assert_allclose(world.measure(images.astype(float)), values, atol=1e-9)


def test_a_world_is_read_back_from_json_and_keeps_the_protocols():
    world = CorrelatedCircles(48, (4, 9), ("y", "x"), -0.25)
    adapter = TypeAdapter(CorrelatedCircles)
    again = adapter.validate_json(adapter.dump_json(world))
    assert again == world
    assert hash(again) == hash(world)
    assert isinstance(world, World)
    assert isinstance(world, Measures)
    assert isinstance(world.population(), Population)
    assert "y and x correlated by -0.25" in world.describe()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"pair": ("x", "x")},
            r"different factors among radius, x, y, got \('x', 'x'\)",
        ),
        ({"pair": ("x", "z")}, r"different factors among .* got \('x', 'z'\)"),
        ({"correlation": 0.96}, "from -0.95 to 0.95, got 0.96"),
        ({"correlation": float("nan")}, "from -0.95 to 0.95, got nan"),
        ({"radius": (3, 4), "correlation": 0.9}, "at most 0.86 either way"),
        ({"radius": (3, 3)}, "a constant correlates with nothing"),
        ({"size": 7}, "8 to 256 pixels, got 7"),
    ],
)
def test_worlds_that_cannot_be_drawn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CorrelatedCircles(**settings)
