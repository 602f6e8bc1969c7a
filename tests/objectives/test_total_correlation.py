import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate
from scipy.special import logsumexp

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.objectives.total_correlation import (
    MOST_UNROLLED,
    batch_total_correlation,
    log_mixtures,
    stratified_total_correlation,
    stratified_weights,
    total_correlation,
)


def posteriors(means, standard_deviations) -> DiagonalGaussian:
    means = jnp.asarray(means, jnp.float32)
    deviations = jnp.broadcast_to(jnp.asarray(standard_deviations), means.shape)
    return DiagonalGaussian(means, 2 * jnp.log(deviations))


def densities(posterior: DiagonalGaussian, points: np.ndarray) -> np.ndarray:
    """ln q(z_ij | x_m) for every point i, component m and latent j, by the formula."""
    mean = np.asarray(posterior.mean, float)
    variance = np.exp(np.asarray(posterior.log_variance, float))
    difference = points[:, None, :] - mean[None, :, :]
    return -0.5 * (difference**2 / variance + np.log(2 * np.pi * variance))


def integrated(posterior: DiagonalGaussian, weights: np.ndarray) -> float:
    """TC of a mixture over two latents, by quadrature of its definition."""

    def integrand(b: float, a: float) -> float:
        log_density = densities(posterior, np.array([[a, b]]))[0]
        joint = logsumexp(np.log(weights) + log_density.sum(1))
        marginal = logsumexp(np.log(weights)[:, None] + log_density, axis=0).sum()
        return float(np.exp(joint) * (joint - marginal))

    return integrate.dblquad(integrand, -5, 5, -5, 5, epsabs=1e-3)[0]


def test_exact_value_is_the_integral_of_the_definition():
    posterior = posteriors([[-1, -1], [1, 0.8], [0.2, 1.5]], [0.5, 0.6])
    weights = np.array([0.5, 0.3, 0.2])
    found = total_correlation(
        posterior, jnp.asarray(weights, jnp.float32), num_draws=5_000,
        key=jax.random.key(10_000),
    )  # fmt: skip
    np.testing.assert_allclose(found, integrated(posterior, weights), atol=0.01)


def test_independent_latents_have_none():
    a, b = np.meshgrid(np.linspace(-2, 2, 8), np.linspace(-1, 1, 8))
    posterior = posteriors(np.stack([a.ravel(), b.ravel()], 1), 0.3)
    found = total_correlation(
        posterior, jnp.full(64, 1 / 64), num_draws=8, key=jax.random.key(10_000)
    )
    np.testing.assert_allclose(found, 0, atol=1e-4)


def test_turned_latents_have_more():
    a, b = np.meshgrid(np.linspace(-2, 2, 8), np.linspace(-2, 2, 8))
    straight = np.stack([a.ravel(), b.ravel()], 1)
    angle = np.pi / 6
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    values = [
        total_correlation(
            posteriors(codes, 0.2), jnp.full(64, 1 / 64), key=jax.random.key(10_000)
        )
        for codes in (straight, straight @ turn)
    ]
    assert values[1] > values[0] + 0.1


def test_a_copied_latent_costs_its_information():
    # q(z1, z2) of two far components: TC = I(z1; z2) = ln 2
    posterior = posteriors([[-3, -3], [3, 3]], 0.3)
    found = total_correlation(
        posterior, jnp.full(2, 0.5), num_draws=100, key=jax.random.key(10_000)
    )
    np.testing.assert_allclose(found, np.log(2), atol=1e-4)


def test_batch_estimate_is_that_of_loops():
    rng = np.random.default_rng(10_000)
    posterior = posteriors(rng.normal(size=(7, 3)), 0.4)
    latent = rng.normal(size=(7, 3)).astype(np.float32)
    log_density = densities(posterior, latent)
    expected = np.mean(
        [
            logsumexp([log_density[i, m].sum() for m in range(7)])
            - np.log(7)
            - sum(
                logsumexp([log_density[i, m, j] for m in range(7)]) - np.log(7)
                for j in range(3)
            )
            for i in range(7)
        ]
    )
    found = batch_total_correlation(posterior, jnp.asarray(latent))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("num_latents", [1, 4])
def test_one_latent_has_none_whatever_the_batch(num_latents):
    rng = np.random.default_rng(10_000)
    posterior = posteriors(rng.normal(size=(9, num_latents)), 0.4)
    latent = jnp.asarray(rng.normal(size=(9, num_latents)), jnp.float32)
    found = float(batch_total_correlation(posterior, latent))
    assert (abs(found) < 1e-5) == (num_latents == 1)


@pytest.mark.parametrize(("batch", "num_pictures"), [(2, 2), (3, 5), (4, 6), (6, 6)])
def test_stratified_densities_have_no_bias(batch, num_pictures):
    """The mean over every batch that holds a picture is the density of the whole set.

    Enumerated: all batches of different pictures, each latent and all of them jointly.
    """
    rng = np.random.default_rng(10_000)
    posterior = posteriors(rng.normal(size=(num_pictures, 2)), 0.4)
    point = rng.normal(size=(1, 2))
    log_density = densities(posterior, point)[0]  # (picture, latent)
    each = np.exp(np.column_stack([log_density, log_density.sum(1)]))
    weights = np.asarray(stratified_weights(batch, num_pictures))
    others = itertools.combinations(range(1, num_pictures), batch - 1)
    found = [weights[0] @ each[[0, *other]] for other in others]
    np.testing.assert_allclose(np.mean(found, axis=0), each.mean(0), rtol=1e-5)
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-6)


def test_stratified_value_of_all_pictures_is_the_exact_one():
    rng = np.random.default_rng(10_001)
    posterior = posteriors(rng.normal(size=(7, 3)), 0.5)
    latent = posterior.sample(key=jax.random.key(10_000))
    log_density = densities(posterior, np.asarray(latent))
    joint = logsumexp(log_density.sum(-1), axis=1) - np.log(7)
    marginals = (logsumexp(log_density, axis=1) - np.log(7)).sum(-1)
    found = stratified_total_correlation(posterior, latent, 7)
    np.testing.assert_allclose(found, np.mean(joint - marginals), rtol=1e-4)
    # with equal weights both estimates are the same
    np.testing.assert_allclose(
        found, batch_total_correlation(posterior, latent), rtol=1e-4
    )


@pytest.mark.parametrize("num_latents", [1, MOST_UNROLLED, MOST_UNROLLED + 3])
def test_densities_of_many_latents_are_those_of_the_formula(num_latents):
    rng = np.random.default_rng(10_004)
    posterior = posteriors(rng.normal(size=(5, num_latents)), 0.7)
    latent = rng.normal(size=(5, num_latents)).astype(np.float32)
    log_density = densities(posterior, latent)
    joint, marginals = log_mixtures(posterior, jnp.asarray(latent))
    expected = logsumexp(log_density.sum(-1), axis=1)
    np.testing.assert_allclose(joint, expected, rtol=1e-5)
    expected = logsumexp(log_density, axis=1).sum(-1)
    np.testing.assert_allclose(marginals, expected, rtol=1e-5)


def test_stratified_estimate_is_near_the_exact_value():
    # wide posteriors, so that a batch of them tells the density of all
    rng = np.random.default_rng(10_002)
    a = rng.normal(size=2_000)
    posterior = posteriors(np.stack([a, a + 0.5 * rng.normal(size=2_000)], 1), 0.8)
    exact = total_correlation(
        posterior, jnp.full(2_000, 1 / 2_000), key=jax.random.key(10_000)
    )
    values = []
    for start in range(0, 2_000, 250):
        part = jax.tree.map(lambda leaf, s=start: leaf[s : s + 250], posterior)
        latent = part.sample(key=jax.random.key(start))
        values.append(stratified_total_correlation(part, latent, 2_000))
    assert float(exact) > 0.1
    np.testing.assert_allclose(np.mean(values), exact, atol=0.03)
