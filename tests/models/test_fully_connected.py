from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.errors import ConfigError
from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import LOG_VARIANCE_LIMIT, GaussianHead, gaussian

IMAGE_SHAPE = (8, 8, 1)


@cache
def build(settings, image_shape=IMAGE_SHAPE):
    draw = partial(settings.build, image_shape, GaussianHead(settings.latents))
    return jax.jit(lambda key: draw(Bernoulli(), key=key))(jax.random.key(10_000))


def test_shapes_follow_the_configuration():
    vae = build(FullyConnected(hidden=(20, 10), activation="relu", latents=4))
    posterior = gaussian(vae.encode(jnp.zeros(IMAGE_SHAPE)), "this test")
    assert posterior.mean.shape == posterior.log_variance.shape == (4,)
    assert vae.decode(posterior.mean).shape == IMAGE_SHAPE
    widths = [layer.out_features for layer in vae.decoder.network.layers]
    assert widths == [10, 20, 64]


@pytest.mark.parametrize("image_shape", [(1, 30, 1), (5, 7, 3), (1, 1, 2)])
def test_vectors_colour_and_any_shape_are_taken(image_shape):
    vae = build(FullyConnected(), image_shape)
    assert vae.reconstruct(jnp.ones(image_shape)).shape == image_shape


def test_a_batch_is_a_loop():
    vae = build(FullyConnected())
    images = jax.random.uniform(jax.random.key(10_001), (5, *IMAGE_SHAPE))
    batched = jax.vmap(vae.reconstruct)(images)
    looped = jnp.stack([vae.reconstruct(image) for image in images])
    np.testing.assert_allclose(batched, looped, atol=1e-6)


def test_forward_pass_is_the_formula_in_numpy():
    vae = build(FullyConnected(hidden=(6,), activation="silu", latents=2))
    image = np.asarray(jax.random.uniform(jax.random.key(10_001), IMAGE_SHAPE))
    first, last = vae.encoder.network.layers
    hidden = np.asarray(first.weight) @ image.ravel() + np.asarray(first.bias)
    hidden = hidden / (1 + np.exp(-hidden))
    mean = (np.asarray(last.weight) @ hidden + np.asarray(last.bias))[:2]
    np.testing.assert_allclose(vae.encode(jnp.asarray(image)).code, mean, rtol=1e-5)


def test_weights_of_a_key_stay_the_same():
    # trained answers rest on them; drawn once by the code of version 0.1
    vae = FullyConnected().build(
        (32, 32, 1), GaussianHead(3), Bernoulli(), key=jax.random.key(3)
    )
    leaves = {
        jax.tree_util.keystr(path): leaf
        for path, leaf in jax.tree_util.tree_flatten_with_path(vae)[0]
    }
    total = float(leaves[".decoder.network.layers[1].weight"].sum())
    np.testing.assert_allclose(total, 17.703704833984375, rtol=1e-5)
    names = list(leaves)
    assert names[0] == ".encoder.network.layers[0].weight"
    assert names[-1] == ".decoder.network.layers[2].bias"


def test_log_variance_cannot_overflow():
    vae = build(FullyConnected(hidden=(16,), activation="relu"))
    posterior = gaussian(vae.encode(jnp.full(IMAGE_SHAPE, 1e30)), "this test")
    assert (jnp.abs(posterior.log_variance) <= LOG_VARIANCE_LIMIT).all()
    assert jnp.isfinite(jnp.exp(posterior.log_variance)).all()


def test_the_log_likelihood_of_a_vae_is_that_of_its_parts():
    vae = build(FullyConnected())
    image, latent = jnp.ones(IMAGE_SHAPE), jnp.asarray([0.3, -1.0, 2.0])
    expected = Bernoulli().log_likelihood(vae.decode(latent), image)
    assert vae.log_likelihood(image, latent) == expected
    picture = jax.nn.sigmoid(vae.decode(latent))
    np.testing.assert_array_equal(vae.picture(latent), picture)


def test_a_network_describes_itself():
    assert FullyConnected(latents=1).describe() == (
        "fully connected, 256-128, silu, 1 latent"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"latents": 0}, "1 to 512 latents, got 0"),
        ({"latents": 513}, "1 to 512 latents, got 513"),
        ({"hidden": ()}, r"at least one hidden layer.*got \(\)"),
        ({"hidden": (5, 0)}, r"widths of at least 1, got \(5, 0\)"),
        ({"activation": "rely"}, "an activation among .* got 'rely'"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        FullyConnected(**settings)
