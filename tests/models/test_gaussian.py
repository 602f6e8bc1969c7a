import jax
import jax.numpy as jnp
import numpy as np
from scipy import integrate, stats

from tinyvae.models.gaussian import DiagonalGaussian

POSTERIOR = DiagonalGaussian(jnp.array([0.3, -1.5]), jnp.array([-2.0, 0.7]))


def test_kl_is_zero_for_the_prior():
    prior = DiagonalGaussian(jnp.zeros(4), jnp.zeros(4))
    np.testing.assert_array_equal(prior.kl_to_prior(), np.zeros(4))


def test_kl_is_the_integral_of_its_definition():
    for mean, log_variance, kl in zip(
        POSTERIOR.mean, POSTERIOR.log_variance, POSTERIOR.kl_to_prior(), strict=True
    ):
        where = (float(mean), np.exp(float(log_variance) / 2))

        def integrand(z, where=where):
            q, p = stats.norm.logpdf(z, *where), stats.norm.logpdf(z)
            return np.exp(q) * (q - p)

        expected, _ = integrate.quad(integrand, -12, 12)
        np.testing.assert_allclose(kl, expected, rtol=1e-5)


def test_kl_near_the_prior_does_not_cancel():
    near = DiagonalGaussian(jnp.array([1e-4]), jnp.array([1e-4]))
    expected = 0.5 * (1e-8 + 0.5e-8)  # second order of the definition
    np.testing.assert_allclose(near.kl_to_prior(), [expected], rtol=1e-2)


def test_log_density_is_that_of_scipy():
    latent = jnp.array([0.1, 2.0])
    expected = stats.norm.logpdf(
        np.asarray(latent),
        np.asarray(POSTERIOR.mean),
        np.exp(np.asarray(POSTERIOR.log_variance) / 2),
    )
    np.testing.assert_allclose(POSTERIOR.log_density(latent), expected, rtol=1e-5)


def test_samples_have_the_mean_and_variance_of_the_posterior():
    keys = jax.random.split(jax.random.key(10_000), 100_000)
    draws = np.asarray(jax.vmap(lambda key: POSTERIOR.sample(key=key))(keys))
    np.testing.assert_allclose(draws.mean(0), POSTERIOR.mean, atol=0.02)
    np.testing.assert_allclose(draws.var(0), np.exp(POSTERIOR.log_variance), rtol=0.02)


def test_the_code_is_the_mean():
    np.testing.assert_array_equal(POSTERIOR.code, POSTERIOR.mean)
