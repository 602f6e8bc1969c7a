import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.metrics import log_loss
from small_models import batch_of, model_of

from tinyvae.models.layers import LinearLayers
from tinyvae.objectives import FactorVAE, Model
from tinyvae.objectives.discriminator import (
    Discriminator,
    classification_loss,
    density_ratio_estimate,
    permute_latents,
)
from tinyvae.objectives.factor_vae import DISCRIMINATOR_RATE, two_optimizers
from tinyvae.objectives.objective import encode_batch

KEY = jax.random.key(10_002)
OBJECTIVE = FactorVAE(7.0)


def discriminator(*widths: int) -> Discriminator:
    return Discriminator(LinearLayers(widths, "relu", key=jax.random.key(10_000)))


def test_each_column_is_permuted_on_its_own():
    column = jnp.arange(500.0)
    latent = jnp.stack([column, column, -column], axis=1)
    permuted = np.asarray(permute_latents(latent, key=KEY))
    np.testing.assert_array_equal(np.sort(permuted, axis=0), np.sort(latent, axis=0))
    correlation = np.corrcoef(permuted, rowvar=False)
    assert (np.abs(correlation[np.triu_indices(3, 1)]) < 0.15).all()
    assert not np.array_equal(permuted[:, 0], column)


def test_a_discriminator_that_cannot_tell_loses_ln_2():
    indifferent = jax.tree.map(jnp.zeros_like, discriminator(2, 4, 1))
    joint, permuted = jnp.ones((5, 2)), jnp.zeros((3, 2))
    found = classification_loss(indifferent, joint, permuted)
    np.testing.assert_allclose(found, np.log(2), rtol=1e-6)


def test_classification_loss_is_that_of_scikit_learn():
    network = discriminator(2, 16, 1)
    joint, permuted = jax.random.normal(KEY, (2, 20, 2))
    logits = jax.vmap(network)(jnp.concatenate([joint, permuted]))
    probability = 1 / (1 + np.exp(-np.asarray(logits, float)))
    expected = log_loss([1] * 20 + [0] * 20, probability)
    found = classification_loss(network, joint, permuted)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def exact_for_signs(agreement: float) -> Discriminator:
    """The log density ratio of two signs that agree with this probability.

    ln(agreement / 2 / (1/4)) where they agree, else ln((1 - agreement) / 2 / (1/4)).
    """
    same, different = np.log(2 * agreement), np.log(2 * (1 - agreement))
    disagree = jnp.array([[0.5, -0.5], [-0.5, 0.5]])  # relu and sum: |z0 - z1| / 2
    step = jnp.full((1, 2), different - same)
    return eqx.tree_at(
        lambda d: [
            layer
            for linear in d.network.layers
            for layer in (linear.weight, linear.bias)
        ],
        discriminator(2, 2, 1),
        [disagree, jnp.zeros(2), step, jnp.array([same], jnp.float32)],
    )


SIGNS = jnp.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
AGREEING = SIGNS[np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 3])]  # 8 of 10 agree


def test_the_estimate_is_the_total_correlation_where_the_discriminator_is_exact():
    found = density_ratio_estimate(exact_for_signs(0.8), AGREEING)
    expected = 0.8 * np.log(0.4 / 0.25) + 0.2 * np.log(0.1 / 0.25)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_exact_discriminator_has_the_lowest_classification_loss():
    losses = [
        float(classification_loss(exact_for_signs(agreement), AGREEING, SIGNS))
        for agreement in (0.6, 0.7, 0.8, 0.9)
    ]
    assert np.argmin(losses) == 2


@pytest.fixture(scope="module")
def gradients():
    """Of the number that is trained on, of the terms' loss, and both by hand."""
    model, batch = model_of("factor-vae"), batch_of("factor-vae")
    noise, other_noise, order = jax.random.split(KEY, 3)

    def vae_loss(vae):
        encoded = encode_batch(vae, batch.images, key=noise)
        correlation = jax.vmap(model.auxiliary)(encoded.latent).mean()
        elbo = (
            encoded.log_likelihood.mean()
            - encoded.posterior.kl_to_prior().mean(0).sum()
        )
        return -elbo + 7.0 * correlation

    def discriminator_loss(network):
        joint = encode_batch(model.vae, batch.images, key=noise).latent
        other = jax.vmap(model.vae.encode)(batch.other).sample(key=other_noise)
        return classification_loss(network, joint, permute_latents(other, key=order))

    def of(part):
        def chosen(model):
            return part(OBJECTIVE.loss(model, batch, jnp.asarray(0.5), key=KEY))

        return jax.jit(jax.grad(chosen))(model)

    by_hand = Model(
        jax.jit(jax.grad(vae_loss))(model.vae),
        jax.jit(jax.grad(discriminator_loss))(model.auxiliary),
    )
    return of(lambda found: found[0]), of(lambda found: found[1].loss), by_hand


def assert_same(found, expected):
    # compiled as other programs, they may differ in the last bit
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_the_gradient_of_the_sum_is_that_of_each_network_with_the_other_held(gradients):
    found, _, by_hand = gradients
    assert_same(found, by_hand)


def test_the_loss_of_the_vae_does_not_move_the_discriminator(gradients):
    _, of_terms, by_hand = gradients
    for leaf in jax.tree.leaves(of_terms.auxiliary):
        np.testing.assert_array_equal(leaf, np.zeros_like(leaf))
    assert_same(of_terms.vae, by_hand.vae)


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
def test_the_discriminator_has_a_rate_of_its_own(rate):
    # the first step of Adam is the rate itself, whatever the gradient
    model = model_of("factor-vae")
    optimizer = two_optimizers(rate)
    gradient = jax.tree.map(jnp.ones_like, model)

    @jax.jit
    def first_updates(gradient, model):
        return optimizer.update(gradient, optimizer.init(model), model)[0]

    updates = first_updates(gradient, model)
    for leaf in jax.tree.leaves(updates.vae):
        np.testing.assert_allclose(leaf, -rate, rtol=1e-4)
    for leaf in jax.tree.leaves(updates.auxiliary):
        np.testing.assert_allclose(leaf, -DISCRIMINATOR_RATE, rtol=1e-4)


def test_a_trained_discriminator_finds_the_total_correlation_of_gaussians():
    # of two standard normals of correlation rho: TC = -1/2 ln(1 - rho^2)
    rho = 0.8
    mixing = jnp.array([[1.0, rho], [0.0, np.sqrt(1 - rho**2)]])
    optimizer = optax.adam(3e-3)

    def draws(key, num):
        return jax.random.normal(key, (num, 2)) @ mixing

    def step(carry, key):
        network, state = carry
        keys = jax.random.split(key, 3)
        permuted = permute_latents(draws(keys[1], 512), key=keys[2])
        gradient = jax.grad(classification_loss)(network, draws(keys[0], 512), permuted)
        updates, state = optimizer.update(gradient, state)
        return (optax.apply_updates(network, updates), state), None

    network = discriminator(2, 64, 64, 1)
    keys = jax.random.split(KEY, 400)
    start = (network, optimizer.init(network))
    (network, _), _ = jax.jit(lambda start: jax.lax.scan(step, start, keys))(start)
    found = density_ratio_estimate(network, draws(jax.random.key(10_005), 20_000))
    np.testing.assert_allclose(found, -0.5 * np.log(1 - rho**2), atol=0.05)


def test_gamma_must_be_finite_and_not_negative():
    with pytest.raises(ValueError, match="finite gamma of at least 0, got nan"):
        FactorVAE(float("nan"))
