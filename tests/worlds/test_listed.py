from dataclasses import dataclass
from functools import cached_property

import jax
import numpy as np

from tinyvae.factors import Factor, FactorTable
from tinyvae.worlds.listed import ListedPopulation
from tinyvae.worlds.world import Population

PROBABILITY = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.0])


@dataclass(frozen=True)
class SixNumbers:
    """A world whose picture is one pixel, its number."""

    @cached_property
    def table(self):
        values = np.arange(6.0)[:, None]
        factor = Factor("number", tuple(values[:, 0].tolist()))
        return FactorTable((factor,), values, PROBABILITY, independent=True)

    @property
    def image_shape(self):
        return 1, 1, 1

    def draw(self, factors):
        return factors[..., None, None]


def test_rows_are_drawn_by_their_probability_and_never_without_any():
    population = ListedPopulation(SixNumbers(), "real")
    rows = population.sample(200_000, key=jax.random.key(10_000))
    shares = np.bincount(rows, minlength=6) / 200_000
    np.testing.assert_allclose(shares, PROBABILITY, atol=0.005)
    assert shares[0] == shares[5] == 0
    assert isinstance(population, Population)


def test_rows_left_out_are_never_drawn_and_the_others_in_proportion():
    left_out = np.array([False, False, False, True, False, False])
    population = ListedPopulation(SixNumbers(), "real", left_out)
    rows = population.sample(200_000, key=jax.random.key(10_000))
    shares = np.bincount(rows, minlength=6) / 200_000
    np.testing.assert_allclose(shares, [0, 1 / 7, 2 / 7, 0, 4 / 7, 0], atol=0.005)


def test_the_table_holds_every_row_or_a_sample_by_probability():
    population = ListedPopulation(SixNumbers(), "real")
    table, rows = population.table(6)
    assert table is SixNumbers().table or table.complete
    np.testing.assert_array_equal(rows, np.arange(6))
    np.testing.assert_array_equal(table.probability, PROBABILITY)
    sample, rows = population.table(5, seed=1)
    assert not sample.complete
    assert sample.uniform
    np.testing.assert_array_equal(sample.values[:, 0], rows)
    np.testing.assert_array_equal(rows, population.table(5, seed=1)[1])
    assert (PROBABILITY[rows] > 0).all()


def test_held_out_rows_are_those_left_out():
    assert ListedPopulation(SixNumbers(), "real").held_out(10) is None
    left_out = np.array([False, True, False, True, False, False])
    population = ListedPopulation(SixNumbers(), "real", left_out)
    held_out = population.held_out(10)
    assert held_out is not None
    np.testing.assert_array_equal(held_out[1], [1, 3])
    np.testing.assert_allclose(held_out[0].probability, [0.25, 0.75])
    few = population.held_out(1)
    assert few is not None
    assert few[1][0] in (1, 3)
    assert not few[0].complete


def test_equal_worlds_share_one_compiled_program():
    traced = []

    @jax.jit
    def pictures(population, key):
        traced.append(1)
        return population.images(population.sample(4, key=key))

    key = jax.random.key(10_000)
    first = pictures(ListedPopulation(SixNumbers(), "real"), key)
    second = pictures(ListedPopulation(SixNumbers(), "real"), key)
    np.testing.assert_array_equal(first, second)
    assert len(traced) == 1
