"""Pictures of which nothing is known, from the population to the answer."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.evaluation.traversal import decode_pictures
from tinyvae.factors import FactorTable
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.likelihoods import Gaussian
from tinyvae.models.vae import GaussianHead
from tinyvae.pixels import Pixels
from tinyvae.runs.config import RunConfig
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import Opened
from tinyvae.worlds import Circles
from tinyvae.worlds.world import Population


class Unlabelled(eqx.Module):
    """Pictures without any factor."""

    pictures: jax.Array
    pixels: Pixels = eqx.field(static=True)
    factors: tuple = eqx.field(static=True, default=())

    @property
    def image_shape(self):
        return self.pictures.shape[1:]

    def images(self, rows):
        return self.pictures[rows]

    def factor_values(self, rows):
        return jnp.zeros((*jnp.shape(rows), 0))

    def sample(self, num, *, key):
        return jax.random.randint(key, (num,), 0, len(self.pictures))

    def table(self, most, *, seed=0):
        rows = np.arange(len(self.pictures))
        probability = np.full(len(rows), 1 / len(rows))
        values = np.zeros((len(rows), 0))
        return FactorTable((), values, probability, False, complete=False), rows

    def held_out(self, most, *, seed=0):
        return None


@pytest.mark.parametrize("pixels", ["grey", "real"])
@pytest.mark.parametrize("shape", [(8, 6, 3), (1, 12, 1)])
def test_pictures_without_labels_get_kl_fit_and_what_moves(pixels, shape):
    pictures = np.random.default_rng(0).uniform(size=(30, *shape)).astype(np.float32)
    population = Unlabelled(jnp.asarray(pictures), pixels)
    vae = FullyConnected(hidden=(8,), latents=2).build(
        shape, GaussianHead(2), Gaussian(), key=jax.random.key(10_000)
    )
    assert isinstance(population, Population)
    opened = Opened(RunConfig(Circles()), population)
    answer = answer_of(vae, opened)
    assert answer.verdict == "no labels"
    assert answer.share.shape == (2, 0)
    assert answer.decoder is None
    assert answer.fit is not None
    assert np.isnan(answer.fit.intersection_over_union)
    assert answer.movement is not None
    assert np.isnan(answer.movement.x).all() == (shape[0] == 1)
    assert "intersection" not in str(answer)
    assert decode_pictures(vae, np.zeros((1, 2))).shape == (1, *shape)
