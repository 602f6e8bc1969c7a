from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from scipy import integrate, optimize, stats

from tinyvae.errors import ConfigError
from tinyvae.models import LIKELIHOODS, Bernoulli, ContinuousBernoulli, Gaussian
from tinyvae.models.likelihoods import (
    LOG_SCALE_LIMIT,
    LOG_SCALE_SPEED,
    SERIES_LIMIT,
    likelihood_kind,
    log_normaliser,
    softplus,
)
from tinyvae.runs.opened import check_likelihood

# on both sides of 0, around the switch to the series, and far out
LOGITS = (-30.0, -3.0, -1.0, -0.999, -0.4, -1e-3, 0.0, 1e-6, 0.7, 0.9999, 1.001, 5.0)
GAUSSIAN = Gaussian(jnp.asarray(-0.13))


def density(likelihood, parameter):
    """The density of one pixel, as a function of its value."""
    log_likelihood = jax.jit(lambda at, x: likelihood.log_likelihood(at, x))
    at = jnp.full((1, 1, 1), parameter, jnp.float32)
    return lambda x: float(
        jnp.exp(log_likelihood(at, jnp.full((1, 1, 1), x, jnp.float32)))
    )


def test_log_likelihood_is_the_sum_of_scipys_over_pixels():
    rng = np.random.default_rng(10_000)
    logits, image = rng.normal(0, 3, (5, 4, 1)), rng.integers(0, 2, (5, 4, 1))
    expected = stats.bernoulli.logpmf(image, 1 / (1 + np.exp(-logits))).sum()
    found = Bernoulli().log_likelihood(
        jnp.asarray(logits, jnp.float32), jnp.asarray(image, jnp.float32)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_gaussian_log_likelihood_is_the_sum_of_scipys_over_pixels():
    rng = np.random.default_rng(10_000)
    means, image = rng.normal(0, 3, (2, 5, 4, 3))
    scale = np.exp(float(GAUSSIAN.log_scale()))
    found = GAUSSIAN.log_likelihood(
        jnp.asarray(means, jnp.float32), jnp.asarray(image, jnp.float32)
    )
    expected = stats.norm.logpdf(image, means, scale).sum()
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_log_likelihood_of_black_and_white_pictures_takes_booleans():
    logits = jnp.ones((2, 2, 1))
    image = jnp.array([[True, False], [False, True]])[..., None]
    for make in LIKELIHOODS.values():
        found = make().log_likelihood(logits, image)
        assert found == make().log_likelihood(logits, image.astype(jnp.float32))


@pytest.mark.parametrize("logit", LOGITS)
def test_continuous_bernoulli_is_a_density_on_0_to_1_and_its_mean_the_integral(logit):
    pixel = density(ContinuousBernoulli(), logit)
    total, _ = integrate.quad(pixel, 0, 1, epsabs=1e-5, limit=30)
    np.testing.assert_allclose(total, 1, rtol=1e-5)
    expected, _ = integrate.quad(lambda x: x * pixel(x), 0, 1, epsabs=1e-5, limit=30)
    mean = ContinuousBernoulli().mean(jnp.full((1,), logit))
    np.testing.assert_allclose(mean, [expected], rtol=2e-5)


def test_log_normaliser_and_its_derivatives_are_those_of_float64():
    logits = np.concatenate([np.linspace(-40, 40, 2001), np.linspace(-1.1, 1.1, 2001)])
    logits = logits[logits != 0]
    exact = np.log(np.expm1(logits) / logits)
    found = log_normaliser(jnp.asarray(logits, jnp.float32))
    np.testing.assert_allclose(found, exact, rtol=2e-6, atol=3e-7)
    slope = jax.vmap(jax.grad(log_normaliser))(jnp.asarray(logits, jnp.float32))
    mean = ContinuousBernoulli().mean(jnp.asarray(logits, jnp.float32))
    np.testing.assert_allclose(slope, mean, atol=1e-6)


def test_the_series_meets_the_closed_form():
    step = jnp.float32(1e-4)
    for switch in (-SERIES_LIMIT, SERIES_LIMIT):
        below, above = log_normaliser(jnp.array([switch - step, switch + step]))
        slope = float(jax.grad(log_normaliser)(jnp.float32(switch)))
        np.testing.assert_allclose((above - below) / (2 * step), slope, rtol=5e-3)


def test_gaussian_is_a_density_and_its_mean_the_integral():
    pixel = density(GAUSSIAN, 0.4)
    total, _ = integrate.quad(pixel, -3, 4, epsabs=1e-5, limit=40)
    np.testing.assert_allclose(total, 1, rtol=1e-5)
    mean, _ = integrate.quad(lambda x: x * pixel(x), -3, 4, epsabs=1e-5, limit=40)
    np.testing.assert_allclose(mean, GAUSSIAN.mean(jnp.asarray([0.4])), rtol=1e-4)


def of_numpy(likelihood, image, parameters):
    return likelihood.log_likelihood(jnp.asarray(parameters), image)


@pytest.mark.parametrize("scale", [0.3, 10])
def test_gradients_are_finite_differences(scale):
    rng = np.random.default_rng(10_000)
    with jax.enable_x64(True):
        image = jnp.asarray(rng.uniform(0, 1, (3, 2, 1)))
        at = jnp.asarray(rng.normal(0, scale, (3, 2, 1)))
        for make in LIKELIHOODS.values():
            value = partial(of_numpy, make(), image)
            check_grads(value, (at,), order=1, modes=["rev"])


def test_the_learned_scale_ends_at_the_root_mean_square_of_the_residual():
    residual = jnp.asarray([0.1, -0.3, 0.2, 0.05])[:, None, None]

    def slope(learned):
        return jax.grad(
            lambda s: Gaussian(s).log_likelihood(jnp.zeros((4, 1, 1)), residual)
        )(learned)

    best = jnp.log(jnp.sqrt(jnp.mean(residual**2)))
    raw = LOG_SCALE_LIMIT * jnp.arctanh(best / LOG_SCALE_LIMIT) / LOG_SCALE_SPEED
    np.testing.assert_allclose(slope(raw), 0, atol=1e-4)
    assert slope(raw - 0.1) > 0 > slope(raw + 0.1)


@pytest.mark.parametrize("raw", [-1e30, -50.0, 50.0, 1e30])
def test_the_learned_scale_cannot_fall_to_0_or_overflow(raw):
    likelihood = Gaussian(jnp.asarray(raw, jnp.float32))
    scale = float(jnp.exp(likelihood.log_scale()))
    assert 9e-4 < scale < 1100
    image = jnp.zeros((2, 2, 1))
    for parameters in (image, image + 1e4):
        assert jnp.isfinite(likelihood.log_likelihood(parameters, image))


def test_extreme_logits_stay_finite():
    logits = jnp.array([1e4, -1e4])[:, None, None]
    white_black = jnp.array([1.0, 0.0])[:, None, None]
    assert Bernoulli().log_likelihood(logits, white_black) == 0
    assert Bernoulli().log_likelihood(logits, 1 - white_black) == -2e4
    slope = jax.grad(Bernoulli().log_likelihood)(logits, 1 - white_black)
    np.testing.assert_array_equal(slope.ravel(), [-1, 1])
    continuous = ContinuousBernoulli()
    slope = jax.grad(continuous.log_likelihood)(logits, white_black)
    # 1 - mean at 1e4 and 0 - mean at -1e4, where the mean is 1/|l| from the edge
    np.testing.assert_allclose(slope.ravel(), [1e-4, -1e-4], atol=1e-6)
    assert jnp.isfinite(continuous.log_likelihood(logits, white_black))
    np.testing.assert_allclose(
        continuous.mean(logits).ravel(), [1 - 1e-4, 1e-4], atol=1e-7
    )


def test_softplus_and_its_derivative_are_exact_at_0_and_far_out():
    logits = jnp.array([0.0, -1e4, 1e4, -20.0, 20.0])
    np.testing.assert_allclose(
        softplus(logits), np.logaddexp(0, np.asarray(logits)), rtol=1e-6
    )
    slope = jax.vmap(jax.grad(softplus))(logits)
    np.testing.assert_allclose(slope, jax.nn.sigmoid(logits), rtol=1e-6)
    assert slope[0] == 0.5


@pytest.mark.parametrize("pictures", ["black and white", "grey"])
def test_what_a_bernoulli_can_gain_is_found_by_scipy(pictures):
    rng = np.random.default_rng(10_000)
    images = rng.random((20, 3, 2, 1)) ** 2
    if pictures == "black and white":
        images = images > 0.3
    log_likelihood = jax.vmap(Bernoulli().log_likelihood, (None, 0))

    def loss_of_one_for_all(logits):
        at = jnp.asarray(logits.reshape(3, 2, 1))
        return -float(log_likelihood(at, jnp.asarray(images)).mean())

    one_for_all = optimize.minimize(loss_of_one_for_all, np.zeros(6), method="Powell")
    inside = np.clip(images.astype(float), 1e-7, 1 - 1e-7)
    perfect = stats.bernoulli(inside).entropy().sum(axis=(1, 2, 3)).mean()
    found = Bernoulli().gain(jnp.asarray(images))
    np.testing.assert_allclose(found, one_for_all.fun - perfect, rtol=1e-3)


def test_what_a_gaussian_can_gain_is_a_difference_of_entropies():
    # each pixel is what the decoder knows, and noise of the learned scale
    images = jax.random.normal(jax.random.key(10_000), (20, 3, 2, 1))
    scale = float(jnp.exp(GAUSSIAN.log_scale()))
    spread = np.hypot(np.asarray(images).std(axis=0), scale)
    one_for_all, perfect = stats.norm(scale=spread), stats.norm(scale=scale)
    expected = (one_for_all.entropy() - perfect.entropy()).sum()
    np.testing.assert_allclose(GAUSSIAN.gain(images), expected, rtol=1e-5)


@pytest.mark.parametrize("make", LIKELIHOODS.values())
def test_equal_pictures_leave_nothing_to_gain(make):
    images = jnp.full((5, 4, 4, 1), 0.3)
    assert abs(float(make().gain(images))) < 1e-4
    white = jnp.ones((5, 4, 4, 1), bool)
    assert abs(float(make().gain(white))) < 1e-4


def test_a_group_of_members_has_a_scale_each():
    images = jnp.asarray(np.random.default_rng(10_000).normal(size=(3, 4, 4, 1)))
    images = images.astype(jnp.float32)
    scales = jnp.asarray([-1.0, 0.0, 2.0])

    def one(likelihood, image):
        return likelihood.log_likelihood(0 * image, image)

    batched = jax.vmap(one)(Gaussian(scales), images)
    looped = [one(Gaussian(s), image) for s, image in zip(scales, images, strict=True)]
    np.testing.assert_allclose(batched, looped, rtol=1e-6)


def test_learned_parameters_are_the_only_arrays():
    counts = {kind: len(jax.tree.leaves(make())) for kind, make in LIKELIHOODS.items()}
    assert counts == {"bernoulli": 0, "continuous-bernoulli": 0, "gaussian": 1}


def test_every_likelihood_knows_its_name():
    assert {kind: make().kind for kind, make in LIKELIHOODS.items()} == {
        kind: kind for kind in LIKELIHOODS
    }


def test_the_likelihood_follows_from_the_pixels():
    assert likelihood_kind("binary") == "bernoulli"
    assert likelihood_kind("saturated") == "bernoulli"
    assert likelihood_kind("grey") == likelihood_kind("real") == "gaussian"


@pytest.mark.parametrize(
    ("likelihood", "pixels"), [("bernoulli", "grey"), ("continuous-bernoulli", "real")]
)
def test_a_likelihood_that_does_not_fit_the_pixels_is_refused(likelihood, pixels):
    with pytest.raises(ConfigError, match="expected a likelihood that fits these"):
        check_likelihood(likelihood, pixels)
