import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.evaluation.encode import Posteriors, encode_images, encode_rows
from tinyvae.evaluation.fit import (
    MOST_ROWS,
    answer_rows,
    evaluate,
    intersection_over_union,
)
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.likelihoods import Bernoulli
from tinyvae.models.vae import GaussianHead, gaussian

WORLD = tv.Circles(8)
POPULATION = WORLD.population()
VAE = FullyConnected(hidden=(16,)).build(
    WORLD.image_shape, GaussianHead(3), Bernoulli(), key=jax.random.key(10_000)
)


def parts_of(posteriors: Posteriors) -> tuple[np.ndarray, np.ndarray]:
    """Mean and log variance of Gaussian posteriors."""
    assert posteriors.log_variance is not None
    return posteriors.mean, posteriors.log_variance


def test_elbo_is_that_of_a_plain_monte_carlo_in_numpy():
    rows = answer_rows(POPULATION)
    found = evaluate(VAE, POPULATION, rows, key=jax.random.key(0)).fit
    images = np.asarray(WORLD.draw(WORLD.table.values), np.float32)
    mean, log_variance = parts_of(encode_images(VAE, images))
    rng = np.random.default_rng(10_000)
    draws = mean + np.exp(log_variance / 2) * rng.standard_normal((400, *mean.shape))
    logits = np.asarray(jax.vmap(jax.vmap(VAE.decode))(jnp.asarray(draws, jnp.float32)))
    likelihood = (images * logits - np.logaddexp(0, logits)).sum((-3, -2, -1))
    np.testing.assert_allclose(found.reconstruction, likelihood.mean(), rtol=0.02)
    kl = 0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1).sum(1).mean()
    np.testing.assert_allclose(found.kl, kl, rtol=1e-5)
    np.testing.assert_allclose(found.elbo, found.reconstruction - found.kl)


def test_posteriors_are_those_of_the_encoder_one_by_one():
    images = np.asarray(WORLD.draw(WORLD.table.values[:5]), np.float32)
    posteriors = parts_of(encode_images(VAE, images))
    for image, mean, log_variance in zip(images, *posteriors, strict=True):
        one = gaussian(VAE.encode(jnp.asarray(image)), "this test")
        np.testing.assert_allclose(one.mean, mean, atol=1e-5)
        np.testing.assert_allclose(one.log_variance, log_variance, atol=1e-5)


def test_rows_are_encoded_as_their_pictures():
    images = np.asarray(WORLD.draw(WORLD.table.values[:5]), np.float32)
    for one, other in zip(
        parts_of(encode_rows(VAE, POPULATION, np.arange(5))),
        parts_of(encode_images(VAE, images)),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_kl_of_posteriors_is_that_of_the_gaussian():
    posteriors = encode_images(VAE, np.asarray(WORLD.draw(WORLD.table.values)))
    same = DiagonalGaussian(*(jnp.asarray(part, jnp.float32) for part in posteriors))
    each = [posteriors.mean_kl(row) for row in np.eye(len(posteriors.mean))]
    np.testing.assert_allclose(each, same.kl_to_prior(), rtol=1e-4)


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ([1, 1, 0, 0], [1, 1, 0, 0], 1.0),
        ([1, 1, 0, 0], [0, 0, 1, 1], 0.0),
        ([1, 1, 0, 0], [0, 1, 1, 0], 1 / 3),
        ([0, 0, 0, 0], [0, 0, 0, 0], 1.0),
    ],
)
def test_intersection_over_union_counts_pixels(first, second, overlap):
    images = [jnp.array(pixels, bool).reshape(2, 2) for pixels in (first, second)]
    np.testing.assert_allclose(intersection_over_union(*images), overlap, rtol=1e-6)


def test_small_worlds_are_enumerated_and_large_ones_sampled():
    table, rows = answer_rows(POPULATION)
    assert table is WORLD.table
    np.testing.assert_array_equal(rows, np.arange(len(table)))
    large = answer_rows(tv.Circles(64, layout="clipped").population()).table
    assert len(large) == MOST_ROWS
    assert not large.complete
