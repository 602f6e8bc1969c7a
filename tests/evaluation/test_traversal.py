import jax
import numpy as np

import tinyvae as tv
from tinyvae.evaluation.encode import encode_images
from tinyvae.evaluation.traversal import central_code, decoder_response, traverse, walk
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.likelihoods import Bernoulli
from tinyvae.models.vae import GaussianHead

WORLD = tv.Circles(8)
VAE = FullyConnected(hidden=(16,)).build(
    WORLD.image_shape, GaussianHead(3), Bernoulli(), key=jax.random.key(10_000)
)
UNIFORM = np.full(1000, 1e-3)


def test_a_walk_covers_the_middle_of_the_codes():
    codes = np.random.default_rng(10_000).permutation(np.arange(1000.0))[:, None]
    values = walk(codes, UNIFORM, 0, 3)
    np.testing.assert_allclose(values, [25, 499.5, 975], atol=1.5)


def test_a_walk_counts_rows_by_their_probability():
    codes = np.array([[0.0], [1.0], [100.0]])
    values = walk(codes, np.array([0.5, 0.49, 0.01]), 0, 2)
    np.testing.assert_array_equal(values, [0, 1])


def test_the_central_code_is_a_code_of_the_table():
    codes = np.array([[0.0, 0.0], [1.0, 1.1], [5.0, 5.0]])
    np.testing.assert_array_equal(central_code(codes, np.full(3, 1 / 3)), codes[1])


def test_a_traversal_moves_one_latent_alone():
    base, values = np.array([0.5, -1.0, 2.0]), np.linspace(-1, 1, 4)
    images = traverse(VAE, base, 2, values).images
    for value, image in zip(values, images, strict=True):
        point = np.array([0.5, -1.0, value], np.float32)
        expected = jax.nn.sigmoid(VAE.decode(jax.numpy.asarray(point)))
        np.testing.assert_allclose(image, expected, atol=1e-6)


def test_the_response_is_the_range_of_what_the_pictures_show():
    images = np.asarray(WORLD.draw(WORLD.table.values))
    posteriors = encode_images(VAE, images)
    found = decoder_response(VAE, WORLD, posteriors, WORLD.table, num_steps=5)
    assert found.factors == ("radius", "x", "y")
    assert found.response.shape == (3, 3)
    rows = np.random.default_rng(0).choice(len(WORLD.table), size=64)
    ranges = []
    for base in posteriors.mean[rows]:
        values = walk(posteriors.mean, WORLD.table.probability, 1, 5)
        shown = WORLD.measure(traverse(VAE, base, 1, values).images)
        ranges.append(shown.max(0) - shown.min(0))
    np.testing.assert_allclose(found.response[1], np.mean(ranges, 0), rtol=0.2)


class Blind:
    """A world that sees its first factor nowhere, and its second in half the codes."""

    def measure(self, images):
        measured = np.zeros((*images.shape[:-3], 2))
        measured[..., 0] = np.nan
        measured[::2, ..., 1] = np.nan
        return measured


def test_what_a_world_cannot_measure_is_nan():
    posteriors = encode_images(VAE, np.asarray(WORLD.draw(WORLD.table.values)))
    found = decoder_response(VAE, Blind(), posteriors, WORLD.table, num_steps=3)
    assert np.isnan(found.response[:, 0]).all()
    np.testing.assert_array_equal(found.response[:, 1], 0)
