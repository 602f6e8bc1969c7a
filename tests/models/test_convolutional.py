from functools import cache, partial
from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.errors import ConfigError
from tinyvae.models import (
    NETWORKS,
    Bernoulli,
    BySize,
    Convolutional,
    FullyConnected,
)
from tinyvae.models.convolutional import picture_shapes
from tinyvae.models.convolutions import Convolution, TransposedConvolution
from tinyvae.models.vae import GaussianHead

SMALL = Convolutional(channels=(4, 6), hidden=16, latents=3)
# inputs, outputs: few and many on either side, so that every form is met
CHANNELS = [(1, 6), (3, 5), (6, 1), (8, 5), (5, 8)]


@cache
def drawer(settings, image_shape):
    """(key) -> a VAE, compiled once for all tests."""
    head = GaussianHead(settings.latents)
    draw = partial(settings.build, image_shape, head, Bernoulli())
    return jax.jit(lambda key: draw(key=key))


def build(settings, image_shape, key=10_000):
    return drawer(settings, image_shape)(jax.random.key(key))


def shapes_of(settings, image_shape):
    """The VAE with shapes in place of arrays."""
    return jax.eval_shape(partial(build, settings, image_shape))


def normal(shape, key=10_001):
    return jax.random.normal(jax.random.key(key), shape)


def equinox_convolution(layer, picture):
    """The same layer by `eqx.nn.Conv2d`, which has channels first."""
    inputs, outputs = layer.weight.shape[2:]
    theirs = eqx.nn.Conv2d(inputs, outputs, 4, 2, 1, key=jax.random.key(0))
    weight = (layer.weight.transpose(3, 2, 0, 1), layer.bias[:, None, None])
    theirs = eqx.tree_at(lambda c: (c.weight, c.bias), theirs, weight)
    return theirs(picture.transpose(2, 0, 1)).transpose(1, 2, 0)


def equinox_transposed(layer, picture):
    """The same layer by `eqx.nn.ConvTranspose2d`, whose kernel is turned round."""
    inputs, outputs = layer.weight.shape[2:]
    theirs = eqx.nn.ConvTranspose2d(
        inputs, outputs, 4, 2, padding=1, key=jax.random.key(0)
    )
    turned = layer.weight[::-1, ::-1].transpose(3, 2, 0, 1)
    weight = (turned, layer.bias[:, None, None])
    theirs = eqx.tree_at(lambda c: (c.weight, c.bias), theirs, weight)
    return theirs(picture.transpose(2, 0, 1)).transpose(1, 2, 0)


def lax_convolution(layer, picture):
    """The same layer by `jax.lax` with the padding "SAME", for odd sizes too."""
    image = jax.lax.conv_general_dilated(
        picture[None],
        layer.weight,
        (2, 2),
        "SAME",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return image[0] + layer.bias


def make_layer(kind, inputs, outputs, size=(12, 8)):
    key = jax.random.key(10_000)
    if kind is Convolution:
        layer = Convolution(inputs, outputs, key=key)
    else:
        layer = TransposedConvolution(inputs, outputs, size, key=key)
    return eqx.tree_at(lambda c: c.bias, layer, normal((outputs,), 10_002))


def assert_same_values_and_gradients(layer, reference, picture):
    """Both give the same, and the same gradients of a sum with random weights."""

    @partial(jax.jit, static_argnums=0)
    def value_and_gradients(convolve, layer, picture):
        value, pull_back = jax.vjp(convolve, layer, picture)
        return value, pull_back(normal(value.shape, 10_003))

    found = value_and_gradients(lambda layer, picture: layer(picture), layer, picture)
    expected = value_and_gradients(reference, layer, picture)
    for ours, theirs in zip(
        jax.tree.leaves(found), jax.tree.leaves(expected), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(("inputs", "outputs"), CHANNELS)
def test_a_convolution_is_that_of_equinox(inputs, outputs):
    layer = make_layer(Convolution, inputs, outputs)
    picture = normal((12, 8, inputs))
    assert_same_values_and_gradients(layer, equinox_convolution, picture)


@pytest.mark.parametrize(("inputs", "outputs"), CHANNELS)
def test_a_transposed_convolution_is_that_of_equinox(inputs, outputs):
    layer = make_layer(TransposedConvolution, inputs, outputs)
    picture = normal((6, 4, inputs))
    assert_same_values_and_gradients(layer, equinox_transposed, picture)


@pytest.mark.parametrize("size", [(7, 9), (8, 5), (1, 6)])
def test_a_convolution_of_odd_sizes_is_that_of_lax(size):
    for inputs, outputs in ((1, 6), (6, 5)):
        layer = make_layer(Convolution, inputs, outputs)
        picture = normal((*size, inputs))
        assert_same_values_and_gradients(layer, lax_convolution, picture)


@pytest.mark.parametrize("size", [(12, 8), (11, 7)])
def test_a_transposed_convolution_is_the_transpose_of_a_convolution(size):
    for inputs, outputs in ((1, 6), (6, 5)):
        down = Convolution(inputs, outputs, key=jax.random.key(10_000))
        up = TransposedConvolution(outputs, inputs, size, key=jax.random.key(0))
        up = eqx.tree_at(lambda c: c.weight, up, down.weight.swapaxes(2, 3))
        picture = normal((*size, inputs))
        _, transpose = jax.vjp(down, picture)
        features = normal(down(picture).shape, 10_002)
        np.testing.assert_allclose(up(features), transpose(features)[0], atol=2e-5)


@pytest.mark.parametrize(
    ("side", "sides"), [(64, [64, 32, 16, 8, 4]), (128, [128, 64, 32, 16, 8, 4])]
)
def test_sizes_are_those_of_pytorchs_conv2d_4_2_1(side, sides):
    # (side + 2 - 4) // 2 + 1, as PyTorch's page on Conv2d has it
    assert sides[1:] == [(s + 2 - 4) // 2 + 1 for s in sides[:-1]]
    shapes = picture_shapes((side, side, 1), (32, 32, 64, 64))
    assert [shape[0] for shape in shapes] == sides
    assert shapes[-1] == (4, 4, 64)


SIZES = [(32, 32), (64, 64), (128, 128), (48, 64), (33, 50), (28, 28), (8, 8), (6, 90)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_of_any_size_comes_back_in_its_size(size, channels):
    shape = (*size, channels)
    vae = shapes_of(SMALL, shape)
    image = jnp.zeros(shape)
    assert jax.eval_shape(lambda v, x: v.encode(x).code, vae, image).shape == (3,)
    assert jax.eval_shape(lambda v, x: v.reconstruct(x), vae, image).shape == shape
    last = picture_shapes(shape, SMALL.channels)[-1]
    assert 3 <= min(last[:2]) <= 5


def test_every_pixel_of_an_odd_picture_is_seen_and_drawn():
    vae = build(SMALL, (9, 13, 1))
    to_code = jax.jacrev(lambda image: vae.encode(image).code)(normal((9, 13, 1)))
    assert (jnp.abs(to_code).sum(0) > 0).all()
    to_picture = jax.jacfwd(vae.decode)(jnp.ones(3))
    assert (jnp.abs(to_picture).sum(-1) > 0).all()


def test_the_network_of_record_has_its_weights():
    vae = shapes_of(Convolutional(), (64, 64, 1))
    shapes = [c.weight.shape for c in vae.encoder.convolutions]
    assert shapes == [(4, 4, 1, 32), (4, 4, 32, 32), (4, 4, 32, 64), (4, 4, 64, 64)]
    mirrored = [(*s[:2], s[3], s[2]) for s in shapes[::-1]]
    assert [c.weight.shape for c in vae.decoder.convolutions] == mirrored
    assert vae.encoder.network.widths == (1024, 256, 20)
    assert vae.decoder.network.widths == (10, 256, 1024)


@pytest.mark.slow
def test_batches_and_members_are_loops():
    shape = (16, 16, 1)
    vaes = [build(SMALL, shape, key) for key in (1, 2, 3)]
    group = jax.tree.map(lambda *leaves: jnp.stack(leaves), *vaes)
    images = normal((4, *shape))

    @jax.jit
    def all_at_once(group, images):
        return jax.vmap(lambda v: jax.vmap(v.reconstruct)(images))(group)

    alone = jax.jit(lambda vae, image: vae.reconstruct(image))
    looped = [[alone(vae, image) for image in images] for vae in vaes]
    np.testing.assert_allclose(all_at_once(group, images), np.array(looped), atol=1e-5)


@pytest.mark.slow
def test_drawing_members_from_keys_under_vmap_is_a_loop():
    keys = jax.random.split(jax.random.key(10_000), 2)
    draw = drawer(SMALL, (16, 16, 1))
    second = jax.tree.map(lambda leaf: leaf[1], jax.vmap(draw)(keys))
    for ours, theirs in zip(
        jax.tree.leaves(second), jax.tree.leaves(draw(keys[1])), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_every_leaf_is_an_array():
    leaves = jax.tree.leaves(build(SMALL, (16, 16, 1)))
    assert all(isinstance(leaf, jax.Array) for leaf in leaves)


@pytest.mark.slow
def test_the_first_weights_keep_the_size_of_the_signal():
    # mean square after ReLU over mean square before, white noise in; the zeros around
    # the picture take up to a quarter of it in the smallest layers
    vae = build(Convolutional(), (64, 64, 1))

    @jax.jit
    def ratios(layers, picture):
        squares = [jnp.mean(picture**2)]
        for layer in layers:
            picture = jax.nn.relu(layer(picture))
            squares.append(jnp.mean(picture**2))
        return jnp.stack([b / a for a, b in pairwise(squares)])

    down = ratios(vae.encoder.convolutions, normal((64, 64, 1)))
    up = ratios(vae.decoder.convolutions, jax.nn.relu(normal((4, 4, 64))))
    assert ((down > 0.6) & (down < 1.4)).all()
    assert ((up > 0.6) & (up < 1.4)).all()


def test_up_to_32x32_for_vectors_and_if_drawn_the_network_is_fully_connected():
    for shape in ((8, 8, 1), (32, 32, 3), (1, 4000, 1), (5, 500, 1)):
        assert BySize().choose(shape, 4) == FullyConnected(latents=4)
    for shape in ((64, 64, 1), (33, 32, 1), (6, 500, 3), (128, 128, 3)):
        assert BySize(12).choose(shape, 4) == Convolutional(latents=12)
        assert BySize().choose(shape, 4, drawn=True) == FullyConnected(latents=4)


def test_every_network_knows_its_name():
    assert {kind: make().kind for kind, make in NETWORKS.items()} == {
        kind: kind for kind in NETWORKS
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"latents": 0}, "1 to 512 latents, got 0"),
        ({"channels": ()}, r"at least one convolution.*got \(\)"),
        ({"channels": (8, 0)}, r"widths of at least 1, got \(8, 0\)"),
        ({"hidden": 0}, r"hidden layer.*got \(0,\)"),
        ({"activation": "rely"}, "an activation among .* got 'rely'"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Convolutional(**settings)


def test_pictures_too_small_for_convolutions_are_refused():
    with pytest.raises(ConfigError, match="at least 6 x 6 .* got 1 x 30.*fully conn"):
        build(SMALL, (1, 30, 1))
