"""The decoder that moves a pattern: against slices of the pattern, by NumPy."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.models import LIKELIHOODS, Gaussian, Translated
from tinyvae.models.translated import (
    FIRST_REACH,
    TranslatedDecoder,
    interpolation,
)
from tinyvae.models.vae import GaussianHead
from tinyvae.plots.layers import decoder_layers
from tinyvae.runs.config import config_from_mapping, config_to_json

# odd and even sides, and several channels
NETWORKS = [
    (Translated((9, 7), latents=4), (4, 5, 1)),
    (Translated((9,), (4, 6), "tanh", 5), (9, 8, 3)),
    (Translated((9, 7), latents=4, room=True), (4, 5, 1)),
]
FAR = (-1e6, -40.0, -7.3, -0.5, 0.0, 0.25, 1.0, 6.999, 40.0, 1e6)


def vae_of(network, shape, likelihood="gaussian"):
    head = GaussianHead(network.latents)
    return network.build(
        shape, head, LIKELIHOODS[likelihood](), key=jax.random.key(10_000)
    )


def decoder_of(network, shape) -> TranslatedDecoder:
    """Its decoder, whose room, if it has one, depends on what is drawn."""
    decoder = vae_of(network, shape).decoder
    assert isinstance(decoder, TranslatedDecoder)
    if decoder.room is None:
        return decoder
    last = decoder.room.layers[-1].weight
    some = 0.3 * jax.random.normal(jax.random.key(10_002), last.shape)
    return eqx.tree_at(lambda d: d.room.layers[-1].weight, decoder, some)


def latent_for(decoder, right, down, rest):
    """The latent that moves the pattern by so many pixels."""
    rest = jnp.asarray(rest)
    return jnp.concatenate([jnp.array([right, down]) / decoder.reach(rest), rest])


def slice_of(pattern, right, down):
    """A pattern that has moved by whole pixels; its border goes on."""
    height, width, _ = pattern.shape
    around = [(height, height), (width, width), (0, 0)]
    wide = np.pad(pattern, around, mode="edge")
    top = height - np.clip(down, -height, height)
    left = width - np.clip(right, -width, width)
    return wide[top : top + height, left : left + width]


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
@pytest.mark.parametrize(
    ("right", "down"), [(0, 0), (1, 0), (0, -2), (-3, 5), (7, -8), (1000, -1000)]
)
def test_a_shift_by_whole_pixels_is_a_slice(network, shape, right, down):
    decoder = decoder_of(network, shape)
    latent = latent_for(decoder, right, down, np.linspace(-1, 1, network.latents - 2))
    pattern = np.asarray(decoder.pattern(latent[2:]))
    assert pattern.shape == shape
    expected = slice_of(pattern, right, down)
    np.testing.assert_allclose(decoder(latent), expected, atol=1e-4)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_a_shift_between_pixels_is_a_mean_of_slices(network, shape):
    decoder = decoder_of(network, shape)
    rest = np.linspace(-1, 1, network.latents - 2)
    pattern = np.asarray(decoder.pattern(jnp.asarray(rest)))
    near = {
        (right, down): slice_of(pattern, right, down)
        for right in (1, 2)
        for down in (-1, 0)
    }
    half = (near[1, 0] + near[2, 0]) / 2
    found = decoder(latent_for(decoder, 1.5, 0, rest))
    np.testing.assert_allclose(found, half, atol=1e-5)
    quarters = 0.75 * near[1, -1] + 0.25 * near[2, -1]
    found = decoder(latent_for(decoder, 1.25, -1, rest))
    np.testing.assert_allclose(found, quarters, atol=1e-5)
    found = decoder(latent_for(decoder, 1.5, -0.5, rest))
    np.testing.assert_allclose(found, sum(near.values()) / 4, atol=1e-5)


@pytest.mark.parametrize("side", [1, 2, 5, 32])
@pytest.mark.parametrize("shift", FAR)
def test_the_weights_of_a_pixel_have_the_sum_one(side, shift):
    weights = np.asarray(interpolation(side, shift))
    assert weights.shape == (side, side)
    assert (weights >= 0).all()
    assert ((weights > 0).sum(1) <= 2).all()
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)


def test_beyond_the_pattern_is_its_border():
    np.testing.assert_array_equal(interpolation(3, 1e6)[:, 0], 1)
    np.testing.assert_array_equal(interpolation(3, -1e6)[:, -1], 1)


def test_a_pattern_that_does_not_move_is_the_picture():
    decoder = decoder_of(*NETWORKS[0])
    latent = jnp.array([0, 0, 0.8, -0.3])
    pattern = decoder.pattern(latent[2:])
    np.testing.assert_allclose(decoder(latent), pattern, atol=1e-6)


@pytest.mark.parametrize(("moving", "still"), [(0, 1), (1, 0)])
def test_the_first_latent_moves_columns_and_the_second_rows(moving, still):
    # the columns (or rows) of the pattern differ, and its rows (or columns) are equal
    columns = jnp.tile(jnp.arange(9.0), (9, 1))
    pattern = (columns.T if moving else columns)[..., None]
    decoder = TranslatedDecoder(jnp.zeros_like, pattern, jnp.zeros(2), None, (9, 9, 1))
    np.testing.assert_allclose(decoder(0.3 * jnp.eye(3)[still]), pattern, atol=1e-5)
    by_two = decoder(2 / 9 * jnp.eye(3)[moving])
    np.testing.assert_allclose(by_two, jnp.maximum(pattern - 2, 0), atol=1e-5)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_the_slope_of_a_shift_is_that_of_finite_differences(network, shape):
    decoder = decoder_of(network, shape)
    rest = np.linspace(-1, 1, network.latents - 2)
    # between two pixels a shift is linear, so that a wide step is exact
    latent = latent_for(decoder, 0.5, -1.5, rest)
    slopes = jax.jacobian(decoder)(latent)
    for moving in (0, 1):
        step = 0.3 * jnp.eye(len(latent))[moving] / decoder.reach(latent[2:])[moving]
        difference = decoder(latent + step) - decoder(latent - step)
        found = slopes[..., moving] * 2 * step[moving]
        np.testing.assert_allclose(found, difference, atol=1e-5)
        assert float(jnp.abs(difference).max()) > 1e-2


@pytest.mark.parametrize("shift", [-2.0, 0.0, 1.0, 0.25])
def test_the_slopes_of_the_weights_have_the_sum_zero(shift):
    slopes = jax.jacobian(lambda shift: interpolation(4, shift))(shift)
    np.testing.assert_allclose(slopes.sum(1), 0, atol=1e-6)


def test_the_slope_at_a_whole_pixel_is_the_mean_of_both_sides():
    slopes = jax.jacobian(lambda shift: interpolation(3, shift))(0.0)
    expected = [[0.5, -0.5, 0], [0.5, 0, -0.5], [0, 0.5, -0.5]]
    np.testing.assert_allclose(slopes, expected)


@pytest.mark.parametrize("spot", [2.0, -1.0, 0.0])
def test_the_pattern_starts_as_a_spot_in_the_middle(spot):
    decoder = decoder_of(Translated((64, 32), spot=spot), (16, 24, 1))
    latents = jax.random.normal(jax.random.key(10_000), (100, 1))
    patterns = np.asarray(jax.vmap(decoder.pattern)(latents))[..., 0]
    assert np.abs(patterns - patterns.mean(0)).std() < 0.1  # faint, beside the spot
    place = np.argmax(np.sign(spot) * patterns.mean(0)) if spot else 8 * 24 + 12
    assert abs(place // 24 - 7.5) < 2
    assert abs(place % 24 - 11.5) < 2
    low, high = sorted([-spot / 2, spot / 2])
    np.testing.assert_allclose(decoder.still.min(), low, atol=0.1 * abs(spot))
    np.testing.assert_allclose(decoder.still.max(), high, atol=0.1 * abs(spot))


def test_the_reach_is_learned():
    vae = vae_of(*NETWORKS[0])
    image, latent = jnp.ones((4, 5, 1)), jnp.array([0.7, -0.4, 1.0, -1.0])
    slope = eqx.filter_grad(lambda vae: vae.log_likelihood(image, latent))(vae)
    assert (jnp.abs(slope.decoder.log_reach) > 1e-3).all()


def test_a_unit_of_a_latent_is_at_first_a_part_of_a_side():
    decoder = decoder_of(*NETWORKS[0])
    expected = [FIRST_REACH * 5, FIRST_REACH * 4]  # to the right by width, then down
    np.testing.assert_allclose(decoder.reach(jnp.ones(2)), expected, rtol=1e-6)


def test_with_room_a_unit_is_at_first_the_same_for_all_and_then_is_learned():
    network, shape = NETWORKS[2]
    vae = vae_of(network, shape)
    decoder_at_start = vae.decoder
    assert isinstance(decoder_at_start, TranslatedDecoder)
    expected = [FIRST_REACH * 5, FIRST_REACH * 4]
    for rest in ([0.0, 0.0], [2.0, -1.0]):
        reach = decoder_at_start.reach(jnp.array(rest))
        np.testing.assert_allclose(reach, expected, 1e-6)
    image, latent = jnp.ones(shape), jnp.array([0.7, -0.4, 1.0, -1.0])
    slope = eqx.filter_grad(lambda vae: vae.log_likelihood(image, latent))(vae)
    assert float(jnp.abs(slope.decoder.room.layers[-1].weight).max()) > 1e-3


def test_with_room_what_is_drawn_decides_how_far_it_moves():
    decoder = decoder_of(*NETWORKS[2])
    one, other = jnp.array([1.0, 0.5]), jnp.array([-1.0, 0.5])
    assert decoder.room is not None
    ratio = decoder.reach(one) / decoder.reach(other)
    expected = jnp.exp(decoder.room(one) - decoder.room(other))
    np.testing.assert_allclose(ratio, expected, rtol=1e-5)
    assert float(jnp.abs(jnp.log(ratio)).max()) > 0.05


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_batches_and_members_are_loops(network, shape):
    head = GaussianHead(network.latents)
    keys = jax.random.split(jax.random.key(10_000), 2)

    def draw(key):
        return network.build(shape, head, Gaussian(), key=key)

    members = [draw(key) for key in keys]
    group = jax.vmap(draw)(keys)
    latents = jax.random.normal(jax.random.key(10_001), (3, network.latents))
    batched = jax.vmap(lambda vae: jax.vmap(vae.decode)(latents))(group)
    loop = [[vae.decode(latent) for latent in latents] for vae in members]
    np.testing.assert_allclose(batched, loop, atol=1e-5)
    assert np.abs(batched[0] - batched[1]).max() > 0.1


def test_settings_come_back_from_their_file():
    network = Translated((16,), (4, 8), "relu", 5, room=True)
    config = tv.RunConfig(tv.Circles(), network=network)
    assert config_from_mapping(config_to_json(config)) == config
    assert network.describe() == (
        "translated pattern with room; convolutional, 4-8 channels, 16, relu, 5 latents"
    )


def test_the_diagram_shows_the_pattern_and_the_picture():
    vae = vae_of(*NETWORKS[0], likelihood="bernoulli")
    found = [(one.text, one.name) for one in decoder_layers(vae, (4, 5, 1))]
    assert found == [
        ("7", "silu"),
        ("9", "silu"),
        ("4x5", "1 channel\npattern"),
        ("20", "pixel logits,\nmoved"),
    ]


def test_the_diagram_shows_the_convolutions_of_the_pattern():
    network, shape = NETWORKS[1]
    layers = decoder_layers(vae_of(network, shape), shape)
    assert [layer.text for layer in layers[-3:]] == ["5x4", "9x8", "9x8"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"spot": float("nan")}, "finite spot, got nan"),
        ({"latents": 2}, "at least 3 latents, got 2. Two of them move the pattern"),
        ({"latents": 513}, "1 to 512 latents, got 513"),
        ({"hidden": (8, 0)}, r"widths of at least 1, got \(8, 0\)"),
        ({"channels": (4,)}, r"one hidden layer .* got \(256, 128\)"),
        ({"activation": "rely"}, "an activation among .* got 'rely'"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Translated(**settings)


def test_pictures_too_small_for_convolutions_are_refused():
    network = Translated((8,), (4,))
    with pytest.raises(ConfigError, match="at least 6 x 6 .* got 5 x 30"):
        network.build(
            (5, 30, 1), GaussianHead(3), Gaussian(), key=jax.random.key(10_000)
        )
