"""Runs of small worlds without training, for figures to be drawn from."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import tinyvae as tv
from tinyvae.factors import Factor
from tinyvae.models.likelihoods import likelihood_kind
from tinyvae.pixels import Pixels
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import Opened, vae_of
from tinyvae.training.history import HistoryRow, PenaltyRow
from tinyvae.worlds.grid import GridPopulation

SHAPE = Factor(
    "shape", (0.0, 1.0, 2.0), kind="categorical", levels=("disc", "square", "heart")
)
HUE = Factor("hue", tuple(60.0 * k for k in range(6)), "deg", "circular", 360.0)
SCALE = Factor("scale", (1.0, 2.0, 3.0), "mm", grows="larger shape")
COLOURFUL = (SHAPE, HUE, SCALE)


@dataclass(frozen=True)
class Waves:
    """Smooth pictures that depend on every factor, of any shape."""

    factors: tuple[Factor, ...] = COLOURFUL
    image_shape: tuple[int, int, int] = (12, 10, 3)
    pixels: Pixels = "grey"
    kind: str = "waves"

    def population(self) -> Any:
        return GridPopulation(self, self.factors, self.pixels)

    def describe(self):
        return f"waves of {len(self.factors)} factors"

    def draw(self, factors):
        weight = np.random.default_rng(0).normal(
            size=(len(self.factors), *self.image_shape)
        )
        waves = jnp.sin(jnp.tensordot(jnp.asarray(factors), jnp.asarray(weight), 1))
        waves = waves.astype(jnp.float32)
        return waves if self.pixels == "real" else (waves + 1) / 2


class Unlabelled(eqx.Module):
    """The pictures of a population without their factors."""

    whole: GridPopulation
    factors: tuple[Factor, ...] = eqx.field(static=True, default=())

    image_shape = property(lambda self: self.whole.image_shape)
    pixels = property(lambda self: self.whole.pixels)
    names = property(lambda self: [f"picture{k}.png" for k in range(100)])

    def sample(self, num, *, key):
        return self.whole.sample(num, key=key)

    def factor_values(self, rows):
        return jnp.zeros((*rows.shape, 0))

    def images(self, rows):
        return self.whole.images(rows)

    def table(self, most, *, seed=0):
        table, rows = self.whole.table(most, seed=seed)
        empty = tv.FactorTable(
            (), table.values[:, :0], table.probability, independent=False
        )
        return empty, rows

    def held_out(self, most, *, seed=0):
        return None


@dataclass(frozen=True)
class NoLabels(Waves):
    """Waves of which no factor is known."""

    kind: str = "no-labels"

    def population(self) -> Any:
        return Unlabelled(GridPopulation(self, self.factors, self.pixels))


def ordered(num: int) -> tuple[Factor, ...]:
    """So many factors, of two values or of one (which never varies)."""
    return tuple(
        Factor(f"factor {k}", (0.0, 1.0) if k < 6 else (0.5,), "mm") for k in range(num)
    )


def history(num_latents: int, penalties: tuple[str, ...]) -> tuple[HistoryRow, ...]:
    """Three records of a member, with these penalties of weight 1, 2, and so on."""
    return tuple(
        HistoryRow(
            step=10 * record,
            member=0,
            loss=50.0 / record,
            elbo=-50.0 / record,
            reconstruction=-45.0 / record,
            kl=tuple(0.1 * latent * record for latent in range(num_latents)),
            kl_weight=1.0,
            penalties=tuple(
                PenaltyRow(name, 1.0 / record, 4.0 * place + 1.0)
                for place, name in enumerate(penalties)
            ),
        )
        for record in (1, 2, 3)
    )


def run_of(world, network=None, penalties: tuple[str, ...] = ()) -> tv.Run:
    """A run of untrained weights; its answer is measured as that of any run."""
    network = network or tv.FullyConnected(hidden=(8,), latents=3)
    population = world.population()
    likelihood = likelihood_kind(population.pixels)
    config = tv.RunConfig(network=network, likelihood=likelihood, members=1)
    # settings hold registered worlds only: this one is put there unchecked
    object.__setattr__(config, "world", world)
    opened = Opened(config, population)
    vae = vae_of(config, key=jax.random.key(0))
    answer = answer_of(vae, opened)
    rows = history(network.latents, penalties)
    run = tv.Run(config, vae, answer, rows, (), {})
    run.__dict__["population"] = population
    return run
