import itertools
from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor, FactorTable
from tinyvae.worlds import (
    Circles,
    CorrelatedCircles,
    HeldOutCorners,
    Pictures,
    TwoCircles,
)
from tinyvae.worlds.draws import choose_factors, draw_pairs
from tinyvae.worlds.listed import ListedPopulation
from tinyvae.worlds.partners import places_of, row_at
from tinyvae.worlds.recorded import RecordedPopulation
from tinyvae.worlds.world import HasPartners

KEY = jax.random.key(10_000)
WORLDS = [
    Circles(16),
    Circles(16, layout="inside"),
    CorrelatedCircles(16),
    HeldOutCorners(16),
    TwoCircles(16),
    TwoCircles(24, overlap=False, step=3),
]


def pairs_of(population, changed, num=400):
    """Factor values of rows and of their partners, and which factors should differ."""
    keys = jax.random.split(KEY, 3)
    rows = population.sample(num, key=keys[0])
    which = choose_factors(num, len(population.factors), changed, key=keys[1])
    partners = population.partner(rows, which, key=keys[2])
    values = population.factor_values(rows), population.factor_values(partners)
    return np.asarray(rows), np.asarray(partners), *map(np.asarray, (*values, which))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.describe()[:40])
@pytest.mark.parametrize("changed", [1, 2, "random"])
def test_partners_differ_in_the_changed_factors_alone(world, changed):
    population = world.population()
    rows, partners, before, after, which = pairs_of(population, changed)
    alone = rows == partners  # no such partner exists
    np.testing.assert_array_equal((before != after)[~alone], which[~alone])
    table = population.table(10**9)[0]
    for place in np.flatnonzero(alone)[:20]:
        differs = table.values != before[place]
        assert not (differs == which[place]).all(axis=1).any()
    if table.independent and "corners" not in world.kind:
        assert not alone.any()
    assert alone.mean() < 0.5


def test_drawn_worlds_have_partners():
    assert all(isinstance(world.population(), HasPartners) for world in WORLDS)


def test_partners_are_never_held_out():
    world = HeldOutCorners(16)
    _, partners, *_ = pairs_of(world.population(), "random", 2000)
    assert not world.left_out[partners].any()


@dataclass(frozen=True)
class Six:
    """Two factors, a by b, with some combinations more probable, and one missing."""

    @cached_property
    def table(self):
        values = np.array([(a, b) for a in (0.0, 1) for b in (0.0, 1, 2)])
        probability = np.array([0.1, 0.2, 0.3, 0.15, 0.25, 0.0])
        factors = Factor("a", (0.0, 1.0)), Factor("b", (0.0, 1.0, 2.0))
        return FactorTable(factors, values, probability, independent=False)

    @property
    def image_shape(self):
        return 1, 2, 1

    def draw(self, factors):
        return factors[..., None, :, None]


def test_partners_are_drawn_by_the_probability_of_their_rows():
    population = ListedPopulation(Six(), "real")
    rows = jnp.zeros(100_000, jnp.int32)  # a = 0, b = 0
    for changed, expected in {
        (False, True): [0, 0.2 / 0.5, 0.3 / 0.5, 0, 0, 0],
        (True, False): [0, 0, 0, 1, 0, 0],
        (True, True): [0, 0, 0, 0, 1, 0],
        (False, False): [1, 0, 0, 0, 0, 0],
    }.items():
        which = jnp.tile(jnp.array(changed), (len(rows), 1))
        partners = population.partner(rows, which, key=KEY)
        shares = np.bincount(partners, minlength=6) / len(rows)
        np.testing.assert_allclose(shares, expected, atol=0.01)


def test_a_grid_and_a_table_of_the_same_rows_have_the_same_partners():
    world = Circles(8)
    grid = world.population()
    table = world.population()
    assert grid.in_order
    object.__setattr__(table, "in_order", False)
    counts = []
    for population in (grid, table):
        rows = jnp.full(60_000, 7, jnp.int32)
        which = choose_factors(60_000, 3, 1, key=KEY)
        partners = population.partner(rows, which, key=jax.random.key(1))
        counts.append(np.bincount(partners, minlength=len(world.table)) / 60_000)
    np.testing.assert_array_equal(counts[0] > 0, counts[1] > 0)
    np.testing.assert_allclose(counts[0], counts[1], atol=0.01)


def test_rows_and_places_of_a_grid():
    sizes = (2, 5, 3)
    rows = np.arange(30)
    places = np.stack(places_of(rows, sizes), axis=1)
    np.testing.assert_array_equal(
        places, list(itertools.product(range(2), range(5), range(3)))
    )
    np.testing.assert_array_equal(row_at(list(places.T), sizes), rows)


def test_every_choice_of_factors_is_as_likely():
    two = np.asarray(choose_factors(60_000, 4, 2, key=KEY))
    assert (two.sum(axis=1) == 2).all()
    shares = np.bincount(two @ [1, 2, 4, 8], minlength=16) / 60_000
    assert (shares > 0).sum() == 6
    np.testing.assert_allclose(shares[shares > 0], 1 / 6, atol=0.01)
    any_number = np.asarray(choose_factors(60_000, 4, "random", key=KEY)).sum(axis=1)
    shares = np.bincount(any_number, minlength=5) / 60_000
    np.testing.assert_allclose(shares, [0, 1 / 3, 1 / 3, 1 / 3, 0], atol=0.01)


def test_pictures_of_a_pair_are_those_of_its_rows():
    world = Circles(16)
    batch = draw_pairs(world.population(), 50, changed=1, key=KEY)
    assert batch.other is not None
    before, after = (
        world.measure(np.asarray(images, float))
        for images in (batch.images, batch.other)
    )
    assert ((np.abs(before - after) > 0.4).sum(axis=1) == 1).all()


def test_worlds_without_pairs_say_so():
    pixels = np.random.default_rng(0).integers(0, 2, (20, 8, 8)).astype(bool)
    own = Pictures(pixels).population()
    fixed = RecordedPopulation(Circles(8).population(), 20, key=KEY)
    for population in (own, fixed):
        with pytest.raises(ConfigError, match="come in pairs.* Got pictures without"):
            draw_pairs(population, 4, changed=1, key=KEY)


def test_a_pair_shares_a_factor():
    population = Circles(8).population()
    with pytest.raises(ConfigError, match="at least 4 factors.* got 3"):
        draw_pairs(population, 4, changed=3, key=KEY)


def test_a_table_that_is_too_long_to_be_searched_is_refused(monkeypatch):
    monkeypatch.setattr("tinyvae.worlds.partners.MOST_SEARCHED", 10)
    population = CorrelatedCircles(16).population()
    with pytest.raises(ConfigError, match="at most 10 dependent combinations"):
        draw_pairs(population, 4, changed=1, key=KEY)
