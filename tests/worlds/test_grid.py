from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.factors import Factor, full_grid
from tinyvae.worlds.grid import GridPopulation, num_combinations
from tinyvae.worlds.world import Population

SIZE, PLACE = (
    Factor("size", (1.0, 2.5, 4.0)),
    Factor("place", (0.0, 1.0, 2.0, 3.0, 4.0)),
)


@dataclass(frozen=True)
class Numbers:
    """A world whose picture is the row of its factor values."""

    num_factors: int

    @property
    def image_shape(self):
        return 1, self.num_factors, 1

    def draw(self, factors):
        return factors[..., None, :, None]


def test_rows_count_through_the_combinations_last_factor_fastest():
    population = GridPopulation(Numbers(2), (SIZE, PLACE), "real")
    values = population.factor_values(np.arange(15))
    np.testing.assert_array_equal(values, full_grid((SIZE, PLACE)).values)
    table, rows = population.table(15)
    np.testing.assert_array_equal(table.values, values)
    np.testing.assert_array_equal(rows, np.arange(15))
    assert table.complete
    assert table.uniform
    assert table.independent
    assert population.held_out(15) is None
    assert isinstance(population, Population)


def test_a_grid_of_a_billion_rows_is_sampled_without_being_written_out():
    factors = tuple(Factor(name, tuple(map(float, range(1000)))) for name in "abc")
    population = GridPopulation(Numbers(3), factors, "real")
    table, rows = population.table(500, seed=3)
    assert not table.complete
    assert len(np.unique(rows)) == 500
    assert rows.dtype == np.int32
    np.testing.assert_array_equal(population.factor_values(rows), table.values)
    assert rows.max() > 900_000_000
    np.testing.assert_array_equal(rows, population.table(500, seed=3)[1])
    assert (rows != population.table(500, seed=4)[1]).any()


def test_every_combination_is_drawn_equally_often():
    population = GridPopulation(Numbers(2), (SIZE, PLACE), "real")
    rows = population.sample(150_000, key=jax.random.key(10_000))
    counts = np.bincount(rows, minlength=15)
    # a count's standard deviation is 97
    np.testing.assert_allclose(counts, 10_000, atol=500)


def test_a_population_is_an_argument_of_compiled_code():
    traced = []

    @jax.jit
    def pictures(population, key):
        traced.append(1)
        return population.images(population.sample(6, key=key))

    first = GridPopulation(Numbers(2), (SIZE, PLACE), "real")
    equal = GridPopulation(Numbers(2), (SIZE, PLACE), "real")
    key = jax.random.key(10_000)
    np.testing.assert_array_equal(pictures(first, key), pictures(equal, key))
    assert len(traced) == 1
    rows = first.sample(6, key=key)
    one_by_one = jnp.stack([first.images(row) for row in rows])
    np.testing.assert_array_equal(jax.vmap(first.images)(rows), one_by_one)
    np.testing.assert_array_equal(pictures(first, key), one_by_one)


def test_a_world_without_factors_has_one_row():
    population = GridPopulation(Numbers(0), (), "real")
    assert population.num_rows == 1
    assert population.factor_values(np.zeros((4, 2), int)).shape == (4, 2, 0)


def test_more_combinations_than_int32_can_count_are_refused():
    factors = tuple(Factor(name, tuple(map(float, range(2000)))) for name in "abc")
    with pytest.raises(ValueError, match=r"got 8000000000 \(a 2000, b 2000, c 2000\)"):
        num_combinations(factors)
