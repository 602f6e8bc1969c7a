import jax.numpy as jnp
import numpy as np
from scipy import stats

from tinyvae.models.likelihoods import bernoulli_log_likelihood


def test_log_likelihood_is_the_sum_of_scipys_over_pixels():
    rng = np.random.default_rng(10_000)
    logits, image = rng.normal(0, 3, (5, 4)), rng.integers(0, 2, (5, 4))
    expected = stats.bernoulli.logpmf(image, 1 / (1 + np.exp(-logits))).sum()
    found = bernoulli_log_likelihood(
        jnp.asarray(logits, jnp.float32), jnp.asarray(image, jnp.float32)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_log_likelihood_of_black_and_white_pictures_takes_booleans():
    logits, image = jnp.ones((2, 2)), jnp.array([[True, False], [False, True]])
    found = bernoulli_log_likelihood(logits, image)
    assert found == bernoulli_log_likelihood(logits, image.astype(jnp.float32))


def test_extreme_logits_stay_finite():
    logits = jnp.array([[1e4, -1e4]])
    assert bernoulli_log_likelihood(logits, jnp.array([[1.0, 0.0]])) == 0
    assert bernoulli_log_likelihood(logits, jnp.array([[0.0, 1.0]])) == -2e4
