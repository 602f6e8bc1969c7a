"""The bound, for a model whose likelihood is known: linear, with Gaussian pixels."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.evaluation.fit import Evaluated, evaluate
from tinyvae.evaluation.likelihood import importance_weighted_bound, log_weights
from tinyvae.models.likelihoods import Gaussian
from tinyvae.models.vae import VAE, GaussianHead, gaussian
from tinyvae.worlds.listed import ListedPopulation

SCALE = 0.7
# columns are orthogonal, so that the true posterior is diagonal
LOADING = np.array([[1.0, 0.5], [1.0, -0.5], [0.0, 0.0], [0.0, 0.0]])
OFFSET = np.array([0.3, -0.2, 0.1, 0.0])


class Linear(eqx.Module):
    """Features or pixels that are a linear function of pixels or latents."""

    matrix: jax.Array
    offset: jax.Array
    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, numbers: jax.Array) -> jax.Array:
        return (self.matrix @ numbers.ravel() + self.offset).reshape(self.shape)


def linear_vae(stretch: float = 1.0, shift: float = 0.0) -> VAE:
    """A VAE with the true posterior, or one that is too wide or displaced."""
    precision = np.eye(2) + LOADING.T @ LOADING / SCALE**2
    variance = np.linalg.inv(precision)
    assert np.allclose(variance, np.diag(np.diag(variance)))
    to_mean = variance @ LOADING.T / SCALE**2
    log_variance = np.log(np.diag(variance) * stretch)
    raw = 12 * np.arctanh(log_variance / 12)  # the head limits log variances
    matrix = np.concatenate([to_mean, np.zeros((2, 4))])
    offset = np.concatenate([shift - to_mean @ OFFSET, raw])
    scale = 7 * np.arctanh(np.log(SCALE) / 7) / 10
    return VAE(
        Linear(single(matrix), single(offset), (4,)),
        GaussianHead(2),
        Linear(single(LOADING), single(OFFSET), (1, 4, 1)),
        Gaussian(single(scale)),
    )


def single(numbers: Any) -> jax.Array:
    return jnp.asarray(numbers, jnp.float32)


@dataclass(frozen=True)
class Rows:
    """A world of ten pictures of four pixels, which are their factors."""

    @property
    def image_shape(self):
        return 1, 4, 1

    @cached_property
    def table(self):
        rng = np.random.default_rng(10_000)
        values = rng.normal(size=(10, 4))
        factors = tuple(
            tv.Factor(f"pixel {i}", tuple(np.unique(column).tolist()))
            for i, column in enumerate(values.T)
        )
        probability = rng.dirichlet(np.ones(10))
        return tv.FactorTable(factors, values, probability, independent=False)

    def draw(self, factors):
        return factors[..., None, :, None]


WORLD = Rows()
POPULATION = ListedPopulation(WORLD, "real")
ROWS = Evaluated(WORLD.table, np.arange(10, dtype=np.int32))


def exact() -> float:
    """Mean log density of the pictures under N(offset, W W' + scale^2)."""
    return float(WORLD.table.probability @ log_density(WORLD.table.values))


def log_density(pictures: np.ndarray) -> np.ndarray:
    """ln p(x) of each picture: a Gaussian, summed up by hand."""
    covariance = LOADING @ LOADING.T + SCALE**2 * np.eye(4)
    away = pictures - OFFSET
    squared = np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away)
    return -0.5 * (squared + np.linalg.slogdet(2 * np.pi * covariance)[1])


def bound(vae: VAE, num_draws: int, seed: int = 0):
    key = jax.random.key(seed)
    return importance_weighted_bound(
        vae, POPULATION, ROWS, num_draws=num_draws, key=key
    )


@pytest.mark.parametrize("num_draws", [1, 7])
def test_with_the_true_posterior_every_draw_gives_the_likelihood(num_draws):
    found = bound(linear_vae(), num_draws)
    np.testing.assert_allclose(found.value, exact(), rtol=1e-5)
    if num_draws > 1:
        assert found.standard_error < 1e-3


def test_many_draws_from_another_posterior_give_the_likelihood():
    found = bound(linear_vae(1.7, 0.4), 20_000)
    assert found.standard_error < 0.01
    assert abs(found.value - exact()) < 4 * found.standard_error
    assert (found.num_draws, found.num_pictures) == (20_000, 10)


def test_one_draw_gives_the_elbo_on_average():
    vae = linear_vae(1.7, 0.4)
    values = [bound(vae, 1, seed).value for seed in range(200)]
    elbo = evaluate(vae, POPULATION, ROWS, key=jax.random.key(1)).fit
    many = [
        evaluate(vae, POPULATION, ROWS, key=jax.random.key(seed)).fit.elbo
        for seed in range(20)
    ]
    error = np.hypot(np.std(values) / np.sqrt(200), np.std(many) / np.sqrt(20))
    assert abs(np.mean(values) - np.mean(many)) < 4 * error
    assert elbo.elbo < exact() - 0.05


def test_the_bound_grows_with_the_number_of_draws():
    vae = linear_vae(0.3, 0.8)  # far too narrow
    means = [
        np.mean([bound(vae, draws, seed).value for seed in range(40)])
        for draws in (1, 4, 32, 1000)
    ]
    assert (np.diff(means) > 0).all()
    assert means[-1] <= exact() + 0.05


def test_the_standard_error_is_the_spread_of_repeated_estimates():
    vae = linear_vae(1.7, 0.4)
    found = [bound(vae, 200, seed) for seed in range(100)]
    spread = np.std([one.value for one in found], ddof=1)
    np.testing.assert_allclose(found[0].standard_error, spread, rtol=0.3)


def test_a_sample_of_pictures_has_the_error_of_the_sample():
    table, rows = POPULATION.table(6)
    found = importance_weighted_bound(
        linear_vae(), POPULATION, Evaluated(table, rows), num_draws=3,
        key=jax.random.key(0),
    )  # fmt: skip
    density = log_density(table.values)
    np.testing.assert_allclose(found.value, density.mean(), rtol=1e-5)
    expected = density.std(ddof=1) / np.sqrt(6)
    np.testing.assert_allclose(found.standard_error, expected, rtol=1e-4)


def test_weights_are_those_of_scalars_one_by_one():
    vae, image = linear_vae(1.7, 0.4), POPULATION.images(jnp.asarray(3))
    keys = jax.random.split(jax.random.key(5), 4)
    posterior = gaussian(vae.encode(image), "this law")
    for key, found in zip(keys, log_weights(vae, image, keys), strict=True):
        z = np.asarray(posterior.sample(key=key), float)
        variance = np.exp(np.asarray(posterior.log_variance, float))
        expected = (
            norm.logpdf(WORLD.table.values[3], LOADING @ z + OFFSET, SCALE).sum()
            + norm.logpdf(z).sum()
            - norm.logpdf(z, posterior.mean, np.sqrt(variance)).sum()
        )
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_bound_needs_a_draw():
    with pytest.raises(ConfigError, match="at least 1 draw of each picture, got 0"):
        bound(linear_vae(), 0)


def test_a_run_gives_it_for_its_pictures():
    training = tv.TrainingConfig(steps=3, batch_size=8)
    network = tv.FullyConnected((8,), latents=2)
    run = tv.train(
        tv.Circles(8), tv.ELBO(), network=network, training=training, members=1,
        samples=20,
    )  # fmt: skip
    found = run.log_likelihood(50)
    assert found.num_pictures == 4  # those held out
    assert found == run.log_likelihood(50)
    assert found != run.log_likelihood(50, seed=1)
    assert "50 draws for each of 4 pictures" in str(found)
    assert run.log_likelihood(2, most=3).num_pictures == 3
