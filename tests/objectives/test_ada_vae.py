import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import POPULATION, batch_of, loss, model_of

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.vae import gaussian
from tinyvae.objectives import AdaGVAE, AdaMLVAE
from tinyvae.objectives.ada_vae import (
    average_shared,
    encode_pairs,
    mean_of_parameters,
    product_of_densities,
    shared_latents,
)
from tinyvae.objectives.by_settings import draw_for
from tinyvae.worlds.world import Batch

KEY = jax.random.key(10_002)


def gaussians(seed: int, num: int = 6, latents: int = 4) -> DiagonalGaussian:
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(2, num, latents)) * [[[1.5]], [[0.8]]]
    return DiagonalGaussian(*jnp.asarray(numbers, jnp.float32))


FIRST, SECOND = gaussians(10_000), gaussians(10_001)


def moments(posterior, place):
    """Mean and variance of one latent, as Python numbers."""
    mean, log_variance = posterior.mean[place], posterior.log_variance[place]
    return float(mean), float(np.exp(log_variance))


def kl_by_hand(m, v, n, w):
    """KL of N(m, v) to N(n, w) by a fine sum over the line, in nats."""
    x = np.linspace(m - 12 * np.sqrt(v), m + 12 * np.sqrt(v), 20_001)
    p = np.exp(-((x - m) ** 2) / (2 * v)) / np.sqrt(2 * np.pi * v)
    ratio = ((x - n) ** 2) / (2 * w) - ((x - m) ** 2) / (2 * v) + np.log(w / v) / 2
    return np.trapezoid(p * ratio, x)


def test_kl_of_two_gaussians_is_that_of_the_integral():
    found = FIRST.kl_to(SECOND)
    for place in np.ndindex(6, 4):
        expected = kl_by_hand(*moments(FIRST, place), *moments(SECOND, place))
        np.testing.assert_allclose(found[place], expected, rtol=1e-4)


def test_kl_to_a_standard_normal_is_the_kl_to_the_prior():
    prior = DiagonalGaussian(jnp.zeros((6, 4)), jnp.zeros((6, 4)))
    np.testing.assert_allclose(FIRST.kl_to(prior), FIRST.kl_to_prior(), rtol=1e-6)
    assert (np.asarray(FIRST.kl_to(FIRST)) == 0).all()


def averaged_by_loops(first, second, product):
    """Pair by pair and latent by latent, with sums of scalars."""
    means = np.stack([first.mean, second.mean]).astype(float)
    variances = np.exp(np.stack([first.log_variance, second.log_variance], dtype=float))
    for i in range(means.shape[1]):
        kl = [
            kl_by_hand(*moments(first, (i, j)), *moments(second, (i, j)))
            for j in range(means.shape[2])
        ]
        for j in range(means.shape[2]):
            if kl[j] >= (max(kl) + min(kl)) / 2:
                continue
            (m, n), (v, w) = means[:, i, j], variances[:, i, j]
            if product:
                means[:, i, j] = (m / v + n / w) / (1 / v + 1 / w)
                variances[:, i, j] = 1 / (1 / v + 1 / w)
            else:
                means[:, i, j], variances[:, i, j] = (m + n) / 2, (v + w) / 2
    return means, variances


@pytest.mark.parametrize("product", [False, True])
def test_shared_latents_are_averaged_as_loops_do_it(product):
    average = product_of_densities if product else mean_of_parameters
    pair = average_shared(FIRST, SECOND, average)
    means, variances = averaged_by_loops(FIRST, SECOND, product)
    for half, mean, variance in zip(pair, means, variances, strict=True):
        np.testing.assert_allclose(half.mean, mean, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(np.exp(half.log_variance), variance, rtol=1e-4)


def test_the_product_of_densities_is_that_of_the_densities():
    common = product_of_densities(FIRST, SECOND)
    points = jnp.array([-1.0, 0.3, 2.0])[:, None, None] * jnp.ones((1, 6, 4))

    def log_density(posterior):
        return np.asarray(jax.vmap(posterior.log_density)(points))

    # proportional: the same constant at every point
    left = log_density(FIRST) + log_density(SECOND) - log_density(common)
    np.testing.assert_allclose(left - left[:1], 0, atol=1e-3)


def test_latents_below_the_middle_of_the_range_are_shared():
    kl = jnp.array([[0.0, 1.0, 4.0], [3.0, 2.0, 0.5], [2.0, 2.0, 2.0]])
    expected = [[True, True, False], [False, False, True], [False, False, False]]
    np.testing.assert_array_equal(shared_latents(kl), expected)


@pytest.mark.parametrize("objective", [AdaGVAE(beta=4.0), AdaMLVAE(beta=4.0)])
def test_the_loss_is_that_of_a_beta_vae_on_both_pictures(objective):
    model, batch = model_of(objective.kind), batch_of(objective.kind)
    vae = model.vae
    assert batch.other is not None
    first, second = (
        gaussian(jax.vmap(vae.encode)(images), "this law")
        for images in (batch.images, batch.other)
    )
    product = objective.kind == "ada-ml-vae"
    means, variances = averaged_by_loops(first, second, product)
    posterior = DiagonalGaussian(
        jnp.asarray(means.reshape(-1, 2), jnp.float32),
        jnp.log(jnp.asarray(variances.reshape(-1, 2), jnp.float32)),
    )
    latent = posterior.sample(key=KEY)
    images = jnp.concatenate([batch.images, batch.other])
    reconstruction = np.mean(
        [vae.log_likelihood(image, z) for image, z in zip(images, latent, strict=True)]
    )
    kl = np.asarray(posterior.kl_to_prior()).mean(axis=0)
    _, terms = loss(objective, model, batch, 0.5, KEY)
    np.testing.assert_allclose(terms.reconstruction, reconstruction, rtol=1e-4)
    np.testing.assert_allclose(terms.kl, kl, rtol=1e-3, atol=1e-6)
    assert terms.kl_weight == 4
    np.testing.assert_allclose(terms.loss, -reconstruction + 4 * kl.sum(), rtol=1e-4)


def test_a_picture_paired_with_itself_keeps_its_posterior():
    model, images = model_of("ada-gvae"), batch_of("ada-gvae").images
    found = encode_pairs(model.vae, Batch(images, images), mean_of_parameters, key=KEY)
    alone = jax.vmap(model.vae.encode)(images)
    np.testing.assert_allclose(found.posterior.mean[:16], alone.code, rtol=1e-6)


def test_pictures_without_partners_are_refused():
    model, images = model_of("ada-gvae"), batch_of("ada-gvae").images
    with pytest.raises(ValueError, match="batch of pairs, got pictures without"):
        encode_pairs(model.vae, Batch(images), mean_of_parameters, key=KEY)


@pytest.mark.parametrize("changed", [1, 2, "random"])
def test_it_draws_pairs_that_differ_in_that_many_factors(changed):
    assert AdaGVAE.needs.supervision == AdaMLVAE.needs.supervision == "pairs"
    batch = draw_for(AdaGVAE(changed), POPULATION, 64, key=KEY)
    again = draw_for(AdaMLVAE(changed), POPULATION, 64, key=KEY)
    assert batch.other is not None
    assert again.other is not None
    np.testing.assert_array_equal(batch.other, again.other)
    assert (np.asarray(batch.images) != batch.other).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("objective", [AdaGVAE, AdaMLVAE])
@pytest.mark.parametrize("changed", [0, -1])
def test_the_number_of_changes_is_checked(objective, changed):
    with pytest.raises(ValueError, match=f"changed_factors of at least 1.*{changed}"):
        objective(changed)
    with pytest.raises(ValueError, match="finite beta .* got -1"):
        objective(beta=-1.0)
