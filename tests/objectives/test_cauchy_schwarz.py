"""Cauchy-Schwarz information: closed form, independence, and what it ignores."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.objectives.cauchy_schwarz import cauchy_schwarz_information, kernel_width

KEY = jax.random.key(10_003)
NUM = 4000  # draws


def normal_information(covariance):
    """Closed form for normal latents, seen through the kernels.

    The integral of two normal densities around 0 is the density of a third at 0, whose
    covariance is the sum of theirs.
    """
    deviations = np.sqrt(np.diag(covariance))
    width = kernel_width(len(covariance), NUM)
    joint = covariance / np.outer(deviations, deviations)
    joint = joint + width**2 * np.eye(len(joint))
    product = np.diag(np.diag(joint))

    def log_integral(one, other):
        return -0.5 * np.linalg.slogdet(one + other)[1]

    return (
        log_integral(joint, joint)
        + log_integral(product, product)
        - 2 * log_integral(joint, product)
    )


@pytest.mark.parametrize(
    "covariance",
    [
        [[1.0, 0.0], [0.0, 4.0]],
        [[1.0, 0.7], [0.7, 1.0]],
        [[1.0, -0.5, 0.2], [-0.5, 2.0, 0.4], [0.2, 0.4, 1.0]],
    ],
)
def test_normal_latents_have_the_information_of_the_closed_form(covariance):
    covariance = np.array(covariance)
    rows = jax.random.multivariate_normal(
        KEY, jnp.zeros(len(covariance)), jnp.asarray(covariance, jnp.float32), (NUM,)
    )
    found = float(cauchy_schwarz_information(rows))
    assert abs(found - normal_information(covariance)) < 0.03


def test_independent_latents_of_any_shape_have_none():
    one, two, three = jax.random.split(KEY, 3)
    shapes = [
        jax.random.uniform(one, (200, 256)),
        jnp.sign(jax.random.normal(two, (200, 256))),
        jax.random.exponential(three, (200, 256)),
    ]
    batches = jnp.stack(shapes, axis=-1)
    values = np.asarray(jax.vmap(cauchy_schwarz_information)(batches))
    assert abs(values.mean()) < 4 * values.std() / len(values) ** 0.5
    assert values.std() < 0.05


def test_it_sees_what_pairs_of_latents_hide():
    # each two are independent; the sign of the third is the product of theirs
    signs = jnp.sign(jax.random.normal(KEY, (1000, 2)))
    rows = jnp.concatenate([signs, signs.prod(axis=1, keepdims=True)], axis=1)
    rows = rows + 0.1 * jax.random.normal(KEY, rows.shape)
    assert abs(float(cauchy_schwarz_information(rows[:, :2]))) < 0.05
    assert float(cauchy_schwarz_information(rows)) > 0.5  # ln 2, but for the kernels


def test_scale_place_and_order_do_not_matter():
    rows = jax.random.normal(KEY, (100, 3))
    rows = rows.at[:, 2].add(rows[:, 0])
    value = cauchy_schwarz_information(rows)
    changed = (3 - rows * jnp.asarray([0.01, 10.0, -1.0]))[::-1, ::-1]
    np.testing.assert_allclose(cauchy_schwarz_information(changed), value, atol=1e-4)


def test_equal_or_distant_latents_have_finite_gradients():
    gradient = jax.grad(cauchy_schwarz_information)
    assert jnp.isfinite(gradient(jnp.zeros((8, 3)))).all()
    apart = jnp.arange(24.0).reshape(8, 3) ** 9
    assert jnp.isfinite(gradient(apart)).all()


def test_few_draws_give_no_noise_of_a_nat():
    batches = jax.random.normal(KEY, (200, 16, 3))
    values = np.asarray(jax.vmap(cauchy_schwarz_information)(batches))
    assert np.abs(values).max() < 0.3
