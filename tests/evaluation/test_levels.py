from collections import Counter
from math import log

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.evaluation.encode import Posteriors, encode_rows
from tinyvae.evaluation.fit import answer_rows, evaluate, representation
from tinyvae.evaluation.levels import (
    level_entropies,
    level_total_correlation,
    nearest_levels,
)
from tinyvae.evaluation.likelihood import importance_weighted_bound
from tinyvae.evaluation.traversal import walk, walk_of
from tinyvae.models import Bernoulli
from tinyvae.models.quantised import CodebookHead, QuantisedHead

CODES = np.random.default_rng(10_000).integers(0, 3, (50, 2)) / 2.0
CODES = np.column_stack([CODES, CODES[:, 0] * 4, np.full(50, 7.0)])
EQUAL = np.full(50, 1 / 50)
WORLD = tv.Circles(8)
POPULATION = WORLD.population()
VAE = tv.FullyConnected((8,), latents=2).build(
    WORLD.image_shape, CodebookHead(2, 4), Bernoulli(), key=jax.random.key(10_001)
)


def entropy_of(rows):
    counts = Counter(rows)
    return -sum(c / len(rows) * log(c / len(rows)) for c in counts.values())


def test_entropies_are_those_of_counts():
    expected = [entropy_of(column.tolist()) for column in CODES.T]
    np.testing.assert_allclose(level_entropies(CODES, EQUAL), expected)
    assert level_entropies(CODES, EQUAL)[3] == 0


def test_rows_count_by_their_probability():
    twice = np.concatenate([CODES, CODES[:10]])
    probability = np.where(np.arange(50) < 10, 2, 1) / 60
    np.testing.assert_allclose(
        level_entropies(CODES, probability),
        level_entropies(twice, np.full(60, 1 / 60)),
    )


def test_total_correlation_is_that_of_counts():
    joint = entropy_of([tuple(row) for row in CODES.tolist()])
    alone = sum(entropy_of(column.tolist()) for column in CODES.T)
    found = level_total_correlation(CODES, EQUAL)
    np.testing.assert_allclose(found, alone - joint)
    grid = np.stack(np.meshgrid(range(3), range(4)), -1).reshape(-1, 2).astype(float)
    assert level_total_correlation(grid, np.full(12, 1 / 12)) == pytest.approx(0)


def test_a_walk_takes_the_levels_nearest_to_even_steps():
    posteriors = Posteriors(CODES)
    even = walk(CODES, EQUAL, 0, 5)
    np.testing.assert_array_equal(even, [0, 0.25, 0.5, 0.75, 1])
    found = walk_of(posteriors, EQUAL, 0, 5)
    assert set(found) == {0, 0.5, 1}
    np.testing.assert_array_equal(found, nearest_levels(even, CODES[:, 0]))
    gaussian = Posteriors(CODES, np.zeros_like(CODES))
    np.testing.assert_array_equal(walk_of(gaussian, EQUAL, 0, 5), even)


def test_fit_of_quantised_latents_by_hand():
    evaluated = answer_rows(POPULATION)
    table, rows = evaluated
    found = evaluate(VAE, POPULATION, evaluated, key=jax.random.key(0))
    codes = encode_rows(VAE, POPULATION, rows).mean
    np.testing.assert_array_equal(found.posteriors.mean, codes)
    assert isinstance(VAE.head, QuantisedHead)
    levels = np.asarray(VAE.head.levels())
    assert all(np.isin(codes[:, j], levels[j].astype(float)).all() for j in range(2))
    images = POPULATION.images(np.asarray(rows))
    each = jax.vmap(VAE.log_likelihood)(images, jnp.asarray(codes, jnp.float32))
    expected = np.mean(each)
    kl = [entropy_of(column.tolist()) for column in codes.T]
    np.testing.assert_allclose(found.kl, kl, atol=1e-12)
    np.testing.assert_allclose(found.fit.reconstruction, expected, rtol=1e-5)
    np.testing.assert_allclose(found.fit.elbo, expected - sum(kl), rtol=1e-5)
    assert found.fit.total_correlation == level_total_correlation(
        codes, table.probability
    )


def test_a_latent_with_one_level_is_not_active():
    evaluated = answer_rows(POPULATION)
    table = evaluated.table
    found = evaluate(VAE, POPULATION, evaluated, key=jax.random.key(0))
    same = np.zeros_like(found.posteriors.mean)
    same[:, 0] = np.arange(len(same)) % 4
    posteriors = Posteriors(same)
    changed = found._replace(
        posteriors=posteriors, kl=posteriors.mean_kl(table.probability)
    )
    np.testing.assert_array_equal(representation(changed, table).active, [True, False])


def test_a_bound_from_several_draws_is_refused():
    with pytest.raises(ConfigError, match="expected Gaussian latents .* quantised"):
        importance_weighted_bound(
            VAE, POPULATION, answer_rows(POPULATION), num_draws=3, key=jax.random.key(0)
        )
