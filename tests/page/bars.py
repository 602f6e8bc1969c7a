"""A tiny world that no script of the page knows: a coloured bar of three shapes."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import tinyvae as tv
from tinyvae.factors import Factor, FactorTable
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import Opened
from tinyvae.worlds.grid import GridPopulation

HUES, PLACES = 8, 6
FACTORS = (
    Factor(
        "shape", (0.0, 1.0, 2.0), "", "categorical", levels=("upright", "flat", "cross")
    ),
    Factor("hue", tuple(range(0, 360, 45)), "degrees", "circular", period=360.0),
    Factor("place", tuple(float(v) for v in range(1, PLACES + 1)), "px"),
)


def stencil(shape: int, place: int) -> np.ndarray:
    """Which pixels of 12x10 a bar covers."""
    lit = np.zeros((12, 10))
    if shape in (0, 2):
        lit[:, place : place + 2] = 1
    if shape in (1, 2):
        lit[place + 2 : place + 4, :] = 1
    return lit


STENCILS = np.stack(
    [[stencil(shape, place) for place in range(1, PLACES + 1)] for shape in range(3)]
).astype(np.float32)
COLOURS = np.array(
    [colorsys.hsv_to_rgb(hue / HUES, 0.9, 0.9) for hue in range(HUES)], np.float32
)


@dataclass(frozen=True)
class Bars:
    """12x10 pictures of a bar in colour, or in grey where `channels` is 1."""

    channels: int = 3
    labelled: bool = True
    kind: str = "bars"

    @property
    def image_shape(self):
        return (12, 10, self.channels)

    def draw(self, factors):
        shape, hue, place = jnp.moveaxis(jnp.asarray(factors), -1, 0)
        lit = jnp.asarray(STENCILS)[shape.astype(int), place.astype(int) - 1]
        colour = jnp.asarray(COLOURS)[(hue / 45).astype(int)]
        coloured = lit[..., None] * colour[..., None, None, :]
        return coloured if self.channels == 3 else coloured.mean(-1, keepdims=True)

    def population(self):
        grid = GridPopulation(self, FACTORS, "grey")
        return grid if self.labelled else Unlabelled(grid)

    def describe(self):
        return "12x10 bars of three shapes"


class Unlabelled(eqx.Module):
    """The same pictures, of which no label is known."""

    grid: GridPopulation
    factors: tuple[Factor, ...] = eqx.field(static=True, default=())

    @property
    def image_shape(self):
        return self.grid.image_shape

    @property
    def pixels(self):
        return self.grid.pixels

    def sample(self, num, *, key):
        return self.grid.sample(num, key=key)

    def factor_values(self, rows):
        return jnp.zeros((*rows.shape, 0))

    def images(self, rows):
        return self.grid.images(rows)

    def table(self, most, *, seed=0):
        whole, rows = self.grid.table(most, seed=seed)
        values = np.zeros((len(rows), 0))
        return FactorTable((), values, whole.probability, False, complete=False), rows

    def held_out(self, most, *, seed=0):
        return None


def bars_run(objective, network, *, steps=20, seed=0, likelihood=None, **settings):
    """A run on bars of one member."""
    training = tv.TrainingConfig(steps=steps, batch_size=32, learning_rate=2e-3)
    config = tv.RunConfig(
        Bars(**settings),
        objective,
        network,
        training,
        likelihood=likelihood,
        seed=seed,
        members=1,
    )
    return tv.run_experiment(config)


def without_labels(run):
    """The same run, as if no label of its pictures were known."""
    config = replace(run.config, world=replace(run.world, labelled=False))
    population = config.world.population()
    answer = answer_of(run.vae, Opened(config, population))
    return replace(run, config=config, answer=answer)


def with_likelihood(run, likelihood):
    """The same run with another likelihood; its answer is that of the first."""
    vae = eqx.tree_at(lambda vae: vae.likelihood, run.vae, likelihood)
    return replace(run, config=replace(run.config, likelihood=likelihood.kind), vae=vae)
