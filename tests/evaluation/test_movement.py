"""Decoders built by hand, of which it is known what moves."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.evaluation.encode import Posteriors
from tinyvae.evaluation.movement import (
    PixelMovement,
    decoded_range,
    movement_of,
    num_bases,
    pixel_movement,
)
from tinyvae.evaluation.traversal import walk
from tinyvae.factors import FactorTable
from tinyvae.models.likelihoods import Gaussian
from tinyvae.models.vae import VAE, GaussianHead


class Painted(eqx.Module):
    """Adds a fixed pattern for each latent, in proportion to it."""

    patterns: jax.Array  # (latent, height, width, channel)

    def __call__(self, latent):
        return jnp.tensordot(latent, self.patterns, 1)


def painted(patterns):
    patterns = jnp.asarray(patterns, jnp.float32)
    head = GaussianHead(len(patterns))
    return VAE(lambda image: image.ravel(), head, Painted(patterns), Gaussian())


def codes(num_rows, num_latents, scale=1.0):
    values = np.random.default_rng(0).uniform(0, scale, (num_rows, num_latents))
    probability = np.full(num_rows, 1 / num_rows)
    table = FactorTable((), np.zeros((num_rows, 0)), probability, False, False)
    return Posteriors(values, np.zeros_like(values)), table


def length(posteriors, table, latent):
    return np.ptp(walk(posteriors.mean, table.probability, latent, 2))


@pytest.fixture
def patterns():
    """z0 lights pixel (x 5, y 2), z1 a block of 2 x 2 in one of 2 channels, z2 none."""
    patterns = np.zeros((3, 6, 8, 2))
    patterns[0, 2, 5] = 1
    patterns[1, 3:5, 0:2, 0] = 1
    return patterns


def test_the_change_is_the_range_of_each_pixel_along_the_walk(patterns):
    posteriors, table = codes(500, 3)
    found = pixel_movement(painted(patterns), posteriors, table)
    expected = np.zeros((3, 6, 8))
    expected[0, 2, 5] = length(posteriors, table, 0)
    expected[1, 3:5, 0:2] = length(posteriors, table, 1) / 2  # mean of two channels
    np.testing.assert_allclose(found.change, expected, atol=1e-6)
    np.testing.assert_allclose(found.moved, [1 / 48, 4 / 48, 0], atol=1e-6)


def test_where_and_how_much_moves_is_told_in_pixels(patterns):
    posteriors, table = codes(500, 3)
    found = movement_of(pixel_movement(painted(patterns), posteriors, table))
    first, second = (length(posteriors, table, latent) for latent in (0, 1))
    np.testing.assert_allclose(
        found.change, [first / 48, 4 * second / 2 / 48, 0], atol=1e-6
    )
    np.testing.assert_allclose(found.x, [5, 0.5, np.nan], atol=1e-5)
    np.testing.assert_allclose(found.y, [2, 3.5, np.nan], atol=1e-5)
    np.testing.assert_allclose(found.spread, [0, np.sqrt(0.5), np.nan], atol=1e-3)


def test_a_pixel_has_moved_beyond_a_tenth_of_the_pixel_range(patterns):
    posteriors, table = codes(500, 3, scale=0.2)
    moved = [
        pixel_movement(painted(patterns), posteriors, table, pixel_range=r).moved[0]
        for r in (1.0, 5.0)
    ]
    np.testing.assert_allclose(moved, [1 / 48, 0], atol=1e-6)


def test_the_range_of_free_pixels_is_that_of_what_is_decoded(patterns):
    posteriors, table = codes(500, 3, scale=10.0)
    vae = painted(patterns - 2 * patterns[::-1])
    pictures = [np.asarray(vae.picture(jnp.asarray(c))) for c in posteriors.mean]
    found = decoded_range(vae, posteriors, table)
    assert found == pytest.approx(np.ptp(pictures), rel=0.2)


def test_a_vector_has_no_places():
    found = movement_of(PixelMovement(np.ones((1, 1, 7)), np.ones(1)))
    assert np.isnan([found.x, found.y, found.spread]).all()
    assert found.change == found.pixels == 1


def test_a_shift_of_the_pattern_shifts_the_centre_alone():
    change = np.random.default_rng(0).uniform(size=(2, 20, 20))
    change[:, 10:], change[:, :, 10:] = 0, 0
    one = movement_of(PixelMovement(change, np.ones(2)))
    other = movement_of(PixelMovement(np.roll(change, (3, 5), (1, 2)), np.ones(2)))
    np.testing.assert_allclose(other.x - one.x, 5)
    np.testing.assert_allclose(other.y - one.y, 3)
    np.testing.assert_allclose(other.spread, one.spread)


def test_many_latents_are_walked_from_fewer_bases():
    assert [num_bases(latents) for latents in (1, 12, 24, 512)] == [64, 64, 32, 4]
