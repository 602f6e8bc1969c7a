"""The additive decoder: a sum over blocks, whose mixed differences are zero."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.models import LIKELIHOODS, Additive, Gaussian
from tinyvae.models.additive import AdditiveDecoder
from tinyvae.models.vae import GaussianHead
from tinyvae.plots.layers import decoder_layers
from tinyvae.runs.config import config_from_mapping, config_to_json

BLOCKS = (2, 1, 3)
NETWORKS = [
    (Additive(BLOCKS, (9, 7)), (4, 5, 1)),
    (Additive(BLOCKS, (9,), (4, 6), "tanh"), (9, 8, 3)),
]
OF_BLOCK = np.repeat(np.arange(3), BLOCKS)


def vae_of(network, shape, likelihood="gaussian"):
    head = GaussianHead(network.latents)
    return network.build(
        shape, head, LIKELIHOODS[likelihood](), key=jax.random.key(10_000)
    )


def decoder_of(network, shape) -> AdditiveDecoder:
    decoder = vae_of(network, shape).decoder
    assert isinstance(decoder, AdditiveDecoder)
    return decoder


def mixed_difference(decode, point, i, j):
    """f(z + a + b) - f(z + a) - f(z + b) + f(z), for steps along two latents."""
    a, b = 0.7 * jnp.eye(len(point))[i], 1.3 * jnp.eye(len(point))[j]
    return decode(point + a + b) - decode(point + a) - decode(point + b) + decode(point)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_latents_of_two_blocks_do_not_interact(network, shape):
    vae = vae_of(network, shape, "bernoulli")
    decode = jax.jit(lambda latent: vae.decode(latent))
    point = jnp.asarray(np.random.default_rng(0).normal(size=6), jnp.float32)
    for i in range(6):
        for j in range(i):
            found = float(jnp.abs(mixed_difference(decode, point, i, j)).max())
            # far above rounding, and far below interactions
            assert (found < 1e-4) == (OF_BLOCK[i] != OF_BLOCK[j]), (i, j, found)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_every_pixel_has_a_block_diagonal_hessian(network, shape):
    vae = vae_of(network, shape, "bernoulli")
    point = jnp.asarray(np.random.default_rng(1).normal(size=6), jnp.float32)
    hessian = jax.jit(jax.hessian(lambda latent: vae.decode(latent)))(point)
    size = np.abs(hessian).max((0, 1, 2))
    same = OF_BLOCK[:, None] == OF_BLOCK
    np.testing.assert_array_equal(size[~same], 0)
    assert (size[same] > 0).all()


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_it_is_the_sum_of_its_blocks(network, shape):
    decoder = decoder_of(network, shape)
    point = jnp.arange(6.0) / 3
    parts = [point[:2], point[2:3], point[3:]]
    each = [one(part) for one, part in zip(decoder.decoders, parts, strict=True)]
    np.testing.assert_allclose(decoder(point), sum(each), atol=1e-5)
    np.testing.assert_allclose(decoder.block_parameters(point), each, atol=1e-6)


def test_one_block_is_the_network_itself():
    plain, one = tv.FullyConnected((9,), latents=3), Additive((3,), (9,))
    assert one.network() == tv.FullyConnected((9,), "silu", 3)
    shapes = [
        [leaf.shape for leaf in jax.tree.leaves(vae_of(network, (4, 4, 1)))]
        for network in (plain, one)
    ]
    assert shapes[0] == shapes[1]


def test_blocks_start_with_weights_of_their_own():
    first, second = decoder_of(Additive((2, 2), (9,)), (4, 4, 1)).decoders
    for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True):
        assert one.ndim == 1 or (one != other).any()  # biases start at 0


def test_settings_come_back_from_their_file():
    network = Additive((1, 1, 2), (16,), (4, 8), "relu")
    config = tv.RunConfig(tv.TwoCircles(), network=network)
    assert config_from_mapping(config_to_json(config)) == config
    assert Additive((1, 2)).latents == 3
    assert network.describe() == (
        "additive, blocks of 1 + 1 + 2 latents; convolutional, 4-8 channels, 16, relu, "
        "4 latents"
    )


def test_the_diagram_shows_a_block_and_how_many_there_are():
    vae = vae_of(Additive(BLOCKS, (9, 7)), (4, 5, 1))
    *hidden, end = decoder_layers(vae, (4, 5, 1))
    assert [(layer.text, layer.name) for layer in hidden] == [
        ("7", "silu,\n3 blocks"),
        ("9", "silu,\n3 blocks"),
    ]
    assert (end.text, end.size) == ("20", 20)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blocks": ()}, r"at least one block of latents.*got \(\)"),
        ({"blocks": (2, 0)}, r"widths of at least 1, got \(2, 0\)"),
        ({"blocks": (500, 13)}, "1 to 512 latents, got 513"),
        ({"hidden": (8, 0)}, r"widths of at least 1, got \(8, 0\)"),
        ({"channels": (4,)}, r"one hidden layer .* got \(256, 128\)"),
        ({"activation": "rely"}, "an activation among .* got 'rely'"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Additive(**settings)


def test_pictures_too_small_for_convolutions_are_refused():
    network = Additive((1, 1), (8,), (4,))
    with pytest.raises(ConfigError, match="at least 6 x 6"):
        network.build(
            (1, 30, 1), GaussianHead(2), Gaussian(), key=jax.random.key(10_000)
        )
