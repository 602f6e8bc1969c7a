import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import batch_of, loss, model_of

from tinyvae.objectives import ELBO, InfoVAE
from tinyvae.objectives.mean_discrepancy import kernel_values, squared_discrepancy
from tinyvae.objectives.objective import encode_batch

KEY = jax.random.key(10_002)
KERNELS = ["rbf", "inverse-multiquadratic"]
WIDTH = 1.3


def kernel_by_hand(kernel, x, y, width):
    squared = sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
    if kernel == "rbf":
        return np.exp(-squared / (2 * width**2))
    return 2 * width**2 / (2 * width**2 + squared)


def discrepancy_by_loops(kernel, first, second, width):
    """Means over pairs, one pair after another; none of a draw with itself."""

    def mean_over(xs, ys, *, same):
        pairs = [
            kernel_by_hand(kernel, x, y, width)
            for i, x in enumerate(xs)
            for j, y in enumerate(ys)
            if not (same and i == j)
        ]
        return np.mean(pairs)

    return (
        mean_over(first, first, same=True)
        + mean_over(second, second, same=True)
        - 2 * mean_over(first, second, same=False)
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_discrepancy_is_that_of_loops_over_all_pairs(kernel):
    rng = np.random.default_rng(10_000)
    first, second = rng.normal(0.5, 2, (7, 3)), rng.normal(size=(5, 3))
    found = squared_discrepancy(jnp.array(first), jnp.array(second), kernel, WIDTH)
    expected = discrepancy_by_loops(kernel, first, second, WIDTH)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def expected_rbf(mean, variance, width):
    """E[k(x, y)] of x - y normal with these means and variances, by its integral."""
    spread = width**2 + variance
    return np.prod(np.sqrt(width**2 / spread) * np.exp(-(mean**2) / (2 * spread)))


def gaussians(num, key):
    """Draws of a Gaussian and of the prior, and the exact squared MMD for an RBF."""
    mean, deviation = np.array([0.4, -1.0]), np.array([0.5, 1.4])
    first, second = jax.random.normal(key, (2, num, 2))
    exact = (
        expected_rbf(0 * mean, 2 * deviation**2, WIDTH)
        + expected_rbf(0 * mean, np.full(2, 2.0), WIDTH)
        - 2 * expected_rbf(mean, deviation**2 + 1, WIDTH)
    )
    return mean + deviation * first, second, exact


def test_many_draws_of_gaussians_come_near_the_closed_form():
    first, second, exact = gaussians(3000, KEY)
    found = squared_discrepancy(first, second, "rbf", WIDTH)
    np.testing.assert_allclose(found, exact, rtol=0.08)


def test_few_draws_have_no_bias():
    # five draws of each: with the kernel of a draw and itself, the mean would be higher
    def one(key):
        first, second, _ = gaussians(5, key)
        return squared_discrepancy(first, second, "rbf", WIDTH)

    found = np.asarray(jax.vmap(one)(jax.random.split(KEY, 20_000)))
    exact = gaussians(5, KEY)[2]
    error = found.std() / np.sqrt(len(found))
    assert abs(found.mean() - exact) < 4 * error
    assert error < 0.02 * exact


@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels_are_1_at_no_distance_and_fall(kernel):
    points = jnp.arange(4.0)[:, None]
    values = np.asarray(kernel_values(points[:1], points, kernel, WIDTH))[0]
    assert values[0] == 1
    assert (np.diff(values) < 0).all()


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_loss_is_minus_the_elbo_with_both_weights(kernel):
    objective = InfoVAE(0.3, 50.0, kernel, 0.8)
    model, batch = model_of("info-vae"), batch_of("info-vae")
    noise, prior_key = jax.random.split(KEY)
    encoded = encode_batch(model.vae, batch.images, key=noise)
    prior = jax.random.normal(prior_key, (16, 2))
    width = 0.8 * np.sqrt(2)
    discrepancy = discrepancy_by_loops(kernel, encoded.latent, prior, width)
    _, terms = loss(objective, model, batch, 0.5, KEY)
    _, plain = loss(ELBO(), model, batch, 0.5, noise)
    (found,) = terms.penalties
    np.testing.assert_allclose(found.value, discrepancy, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose((terms.kl_weight, found.weight), (0.7, 49.3), rtol=1e-6)
    expected = -plain.reconstruction + 0.7 * plain.kl.sum() + 49.3 * discrepancy
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-4)


def test_no_alpha_and_a_weight_of_one_is_the_plain_vae():
    model, batch = model_of("info-vae"), batch_of("info-vae")
    _, terms = loss(InfoVAE(0.0, 1.0), model, batch, 0.5, KEY)
    _, plain = loss(ELBO(), model, batch, 0.5, jax.random.split(KEY)[0])
    np.testing.assert_allclose(terms.loss, plain.loss, rtol=1e-6)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="alpha of at most 1, got 1.5"):
        InfoVAE(1.5)
    with pytest.raises(ValueError, match="alpha \\+ divergence_weight .* got 0.2"):
        InfoVAE(0.2, 0.5)
    with pytest.raises(ValueError, match="finite divergence_weight .* got -1"):
        InfoVAE(divergence_weight=-1.0)
    with pytest.raises(ValueError, match="kernel among rbf, .* got 'laplace'"):
        InfoVAE(kernel="laplace")
    with pytest.raises(ValueError, match="kernel_width above 0, got 0"):
        InfoVAE(kernel_width=0.0)
