import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.models.fully_connected import (
    LOG_VARIANCE_LIMIT,
    FullyConnectedEncoder,
    NetworkConfig,
)
from tinyvae.models.vae import fully_connected_vae


def test_shapes_follow_the_configuration():
    config = NetworkConfig(hidden=(20, 10), activation="relu", latents=4)
    vae = fully_connected_vae((8, 8), config, key=jax.random.key(10_000))
    posterior = vae.encode(jnp.zeros((8, 8)))
    assert posterior.mean.shape == posterior.log_variance.shape == (4,)
    assert vae.decode(posterior.mean).shape == (8, 8)
    widths = [layer.out_features for layer in vae.decoder.network.layers]
    assert widths == [10, 20, 64]


def test_a_batch_is_a_loop():
    vae = fully_connected_vae((8, 8), NetworkConfig(), key=jax.random.key(10_000))
    images = jax.random.uniform(jax.random.key(10_001), (5, 8, 8))
    batched = jax.vmap(vae.reconstruct)(images)
    looped = jnp.stack([vae.reconstruct(image) for image in images])
    np.testing.assert_allclose(batched, looped, atol=1e-6)


def test_forward_pass_is_the_formula_in_numpy():
    config = NetworkConfig(hidden=(6,), activation="silu", latents=2)
    vae = fully_connected_vae((8, 8), config, key=jax.random.key(10_000))
    image = np.asarray(jax.random.uniform(jax.random.key(10_001), (8, 8)))
    first, last = vae.encoder.network.layers
    assert first.bias is not None
    assert last.bias is not None
    hidden = np.asarray(first.weight) @ image.ravel() + np.asarray(first.bias)
    hidden = hidden / (1 + np.exp(-hidden))
    mean = (np.asarray(last.weight) @ hidden + np.asarray(last.bias))[:2]
    np.testing.assert_allclose(vae.encode(jnp.asarray(image)).mean, mean, rtol=1e-5)


def test_log_variance_cannot_overflow():
    encoder = FullyConnectedEncoder(
        (8, 8), 3, (16,), "relu", key=jax.random.key(10_000)
    )
    posterior = encoder(jnp.full((8, 8), 1e30))
    assert (jnp.abs(posterior.log_variance) <= LOG_VARIANCE_LIMIT).all()
    assert jnp.isfinite(jnp.exp(posterior.log_variance)).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"latents": 0}, "at least 1 latent, got 0"),
        ({"hidden": ()}, r"at least one hidden layer.*got \(\)"),
        ({"hidden": (5, 0)}, r"widths of at least 1, got \(5, 0\)"),
        ({"activation": "rely"}, "an activation among .* got 'rely'"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        NetworkConfig(**settings)
