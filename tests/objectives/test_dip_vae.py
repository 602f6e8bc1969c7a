import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import batch_of, loss, model_of

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.vae import gaussian
from tinyvae.objectives import DIPVAEI, DIPVAEII, ELBO
from tinyvae.objectives.dip_vae import (
    aggregate_covariance,
    code_covariance,
    distance_to_identity,
)

KEY = jax.random.key(10_002)


@pytest.fixture
def posterior() -> DiagonalGaussian:
    rng = np.random.default_rng(10_000)
    mean = rng.normal(size=(6, 3)) @ rng.normal(size=(3, 3))
    log_variance = rng.normal(size=(6, 3))
    return DiagonalGaussian(
        jnp.asarray(mean, jnp.float32), jnp.asarray(log_variance, jnp.float32)
    )


def test_covariance_of_codes_is_that_of_numpy(posterior):
    expected = np.cov(posterior.mean, rowvar=False, bias=True)
    np.testing.assert_allclose(code_covariance(posterior.mean), expected, rtol=1e-5)


def test_aggregate_covariance_is_that_of_many_draws(posterior):
    keys = jax.random.split(jax.random.key(10_001), 50_000)
    draws = np.asarray(jax.vmap(lambda key: posterior.sample(key=key))(keys))
    expected = np.cov(draws.reshape(-1, 3), rowvar=False, bias=True)
    scale = np.trace(expected)
    found = aggregate_covariance(posterior)
    np.testing.assert_allclose(found, expected, atol=0.01 * scale)


def test_codes_whose_covariance_is_the_identity_have_no_penalty():
    codes = jnp.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    np.testing.assert_array_equal(distance_to_identity(code_covariance(codes)), (0, 0))
    # draws spread more widely: half the variance is the codes', half the posteriors'
    half = DiagonalGaussian(codes * np.sqrt(0.5), jnp.full((4, 2), np.log(0.5)))
    found = distance_to_identity(aggregate_covariance(half))
    np.testing.assert_allclose(found, (0, 0), atol=1e-12)


def test_two_codes_by_hand():
    # mean (1, 2), so C = [[1, 2], [2, 4]]: 2 * 2^2, and (1 - 1)^2 + (4 - 1)^2
    mean = jnp.array([[0.0, 0.0], [2.0, 4.0]])
    np.testing.assert_allclose(code_covariance(mean), [[1, 2], [2, 4]])
    np.testing.assert_allclose(distance_to_identity(code_covariance(mean)), (8, 9))
    # mean variances (2, 2), so C = [[3, 2], [2, 6]]: 2 * 2^2, and 2^2 + 5^2
    posterior = DiagonalGaussian(mean, jnp.log(jnp.array([[1.0, 2.0], [3.0, 2.0]])))
    covariance = aggregate_covariance(posterior)
    np.testing.assert_allclose(covariance, [[3, 2], [2, 6]], rtol=1e-6)
    np.testing.assert_allclose(distance_to_identity(covariance), (8, 29), rtol=1e-6)


@pytest.mark.parametrize("objective", [DIPVAEI(2.0, 5.0), DIPVAEII(2.0, 5.0)])
def test_the_loss_is_minus_the_elbo_and_both_penalties(objective):
    model, batch = model_of(objective.kind), batch_of(objective.kind)
    posterior = gaussian(jax.vmap(model.vae.encode)(batch.images), "this law")
    covariance = np.cov(posterior.mean, rowvar=False, bias=True)
    if objective.kind == "dip-vae-ii":
        covariance += np.diag(np.exp(posterior.log_variance).mean(0))
    off_diagonal = 2 * covariance[0, 1] ** 2
    diagonal = ((np.diag(covariance) - 1) ** 2).sum()
    _, terms = loss(objective, model, batch, 0.5, KEY)
    _, plain = loss(ELBO(), model, batch, 0.5, KEY)
    found = [float(penalty.value) for penalty in terms.penalties]
    np.testing.assert_allclose(found, [off_diagonal, diagonal], rtol=1e-4)
    expected = -plain.elbo + 2 * off_diagonal + 5 * diagonal
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-5)


@pytest.mark.parametrize("objective", [DIPVAEI, DIPVAEII])
@pytest.mark.parametrize("name", ["off_diagonal", "diagonal"])
def test_weights_must_be_finite_and_not_negative(objective, name):
    with pytest.raises(ValueError, match=f"finite {name} of at least 0, got -1"):
        objective(**{name: -1.0})
