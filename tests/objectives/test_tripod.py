from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import gaussian_kde
from small_models import batch_of, model_of

from tinyvae.models.layers import LinearLayers
from tinyvae.objectives import Tripod
from tinyvae.objectives.interference import (
    curvature_variance,
    normalised_hessian_penalty,
    second_differences,
)
from tinyvae.objectives.multi_information import multi_information, silverman_factor
from tinyvae.objectives.quantised_terms import QuantisedBatch, encode_quantised
from tinyvae.objectives.tripod import SMALLEST_SCALE, interference

KEY = jax.random.key(10_003)
RNG = np.random.default_rng(10_000)
SIGNS = jnp.array(list(product((-1.0, 1.0), repeat=3)))  # all eight
POINT = jnp.array([0.3, -0.8, 0.5])
FORMS = RNG.normal(size=(5, 3, 3))
FORMS = jnp.asarray(FORMS + FORMS.transpose(0, 2, 1), jnp.float32)
NETWORK = LinearLayers((3, 8, 5), "silu", key=KEY)


def quadratic(z):
    """Five outputs; the Hessian of each is twice its form."""
    return jnp.einsum("i,kij,j->k", z, FORMS, z)


def uncorrelated_codes(num=40):
    """Three columns without correlation, yet far from independent."""
    first = RNG.normal(size=num)
    columns = np.stack([np.ones(num), first, first**2, np.sin(3 * first)], axis=1)
    return np.linalg.qr(columns)[0][:, 1:] * [1.0, 5.0, 0.1]


def test_multi_information_is_that_of_scipys_densities():
    codes = uncorrelated_codes()
    num, latents = codes.shape
    # scipy's kernels have the covariance of the data: here it is diagonal
    joint = gaussian_kde(codes.T, "silverman")
    factor = silverman_factor(num, latents)
    assert joint.factor == pytest.approx(factor)
    alone = [gaussian_kde(column, factor).logpdf(column) for column in codes.T]
    expected = np.mean(joint.logpdf(codes.T) - np.sum(alone, axis=0))
    scale = codes.std(axis=0, ddof=1)
    found = multi_information(
        jnp.asarray(codes, jnp.float32), jnp.asarray(scale, jnp.float32)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert found > 0.1


def test_the_scale_of_a_latent_does_not_change_the_multi_information():
    codes = jnp.asarray(uncorrelated_codes(), jnp.float32)
    scales = jnp.array([3.0, 0.01, 40.0])
    plain = multi_information(codes, codes.std(axis=0))
    scaled = multi_information(codes * scales, (codes * scales).std(axis=0))
    np.testing.assert_allclose(plain, scaled, rtol=1e-4)


@pytest.mark.parametrize(
    ("function", "step", "tolerance"),
    [(quadratic, 0.5, 1e-3), (NETWORK, 0.05, 3e-2)],
    ids=["quadratic", "network"],
)
def test_variance_over_all_signs_is_the_off_diagonal_of_the_hessian(
    function, step, tolerance
):
    hessian = np.asarray(jax.hessian(function)(POINT))
    forms = np.einsum("di,kij,dj->dk", SIGNS, hessian, SIGNS)
    differences = second_differences(function, POINT, SIGNS, step)
    size = np.abs(forms).max()
    np.testing.assert_allclose(differences, forms, atol=tolerance * size)
    off_diagonal = hessian * (1 - np.eye(3))
    expected = np.mean(2 * (off_diagonal**2).sum(axis=(1, 2)))
    found = curvature_variance(function, POINT, SIGNS, step)
    np.testing.assert_allclose(found, expected, rtol=2 * tolerance)


def test_variance_over_normal_directions_is_the_whole_hessian():
    directions = jax.random.normal(KEY, (20_000, 3))
    found = curvature_variance(quadratic, POINT, directions, 0.5)
    hessian = 2 * np.asarray(FORMS)
    expected = np.mean(2 * (hessian**2).sum(axis=(1, 2)))
    np.testing.assert_allclose(found, expected, rtol=0.1)


def penalty_of(function, point, scale, num=4000):
    return normalised_hessian_penalty(
        function, point, scale, num_directions=num, step=0.1, key=KEY
    )


def test_the_penalty_is_the_part_of_the_hessian_off_the_diagonal():
    scale = jnp.array([1.0, 2.0, 0.5])
    hessian = np.asarray(FORMS) * np.outer(scale, scale)
    whole = (hessian**2).sum()
    expected = 1 - (np.diagonal(hessian, axis1=1, axis2=2) ** 2).sum() / whole
    found = penalty_of(quadratic, POINT, scale)
    np.testing.assert_allclose(found, expected, rtol=0.15)


def test_latents_that_add_up_do_not_interfere():
    def added(z):
        return jnp.stack([jnp.sum(z**2), jnp.sum(jnp.sin(z)), z[0] ** 3])

    assert penalty_of(added, POINT, jnp.ones(3), 50) < 1e-3
    assert penalty_of(jnp.prod, POINT, jnp.ones(3), 50) > 0.5


def test_neither_scale_of_latents_nor_of_outputs_changes_the_penalty():
    scale = jnp.array([4.0, 0.25, 8.0])  # powers of 2: no rounding

    def stretched(z):
        return 16 * NETWORK(z / scale)

    plain = penalty_of(NETWORK, POINT, jnp.ones(3), 20)
    found = penalty_of(stretched, POINT * scale, scale, 20)
    np.testing.assert_allclose(found, plain, rtol=1e-3)


def test_a_function_without_curvature_has_penalty_0():
    assert penalty_of(lambda z: jnp.zeros(4), POINT, jnp.ones(3), 5) == 0


def test_the_gradient_is_that_of_the_loss_with_every_step_held():
    objective = Tripod(levels=5, multi_information=0.02, hessian=0.03)
    model, batch = model_of("tripod"), batch_of("tripod")
    held = encode_quantised(model.vae, batch.images).posterior
    moved = held.quantised - held.continuous

    def with_steps_held(vae):
        bounded = jnp.tanh(jax.vmap(vae.encoder)(batch.images))
        latent = bounded + moved
        likelihood = jax.vmap(vae.log_likelihood)(batch.images, latent)
        scale = jnp.sqrt(bounded.var(axis=0) + SMALLEST_SCALE**2)
        encoded = QuantisedBatch(held, latent, likelihood)
        return -likelihood.mean() + 64 * (
            0.02 * multi_information(latent, scale)
            + 0.03 * interference(vae, encoded, scale, key=KEY)
        )

    def loss(model):
        return objective.loss(model, batch, jnp.array(0.5), key=KEY)[0]

    (value, found), (expected_value, expected) = (
        jax.jit(jax.value_and_grad(function))(argument)
        for function, argument in ((loss, model), (with_steps_held, model.vae))
    )
    np.testing.assert_allclose(value, expected_value, rtol=1e-5)
    for one, other in zip(
        jax.tree.leaves(found.vae), jax.tree.leaves(expected), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"levels": 300}, "expected 2 to 256 levels"),
        ({"multi_information": -1.0}, "multi_information of at least 0"),
        ({"hessian": float("inf")}, "hessian of at least 0"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        Tripod(**settings)
