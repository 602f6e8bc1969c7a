"""What every figure of a run is drawn from: its codes, factors and some pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

from tinyvae.evaluation.encode import Posteriors, draw_rows, encode_rows
from tinyvae.evaluation.fit import answer_rows
from tinyvae.factors import FactorTable
from tinyvae.plots.shades import PLAIN, Shades, shades_of
from tinyvae.runs.run import Run
from tinyvae.worlds.world import Population

MOST_POINTS = 4000  # beyond, points would only cover one another
SEEN_FOR_SHADES = 64  # pictures from which the scale of colours is taken


class Coded(NamedTuple):
    """Pictures of a run, encoded: their factors, their rows and their posteriors.

    The pictures themselves are drawn when a figure shows them.
    """

    table: FactorTable
    rows: Int[np.ndarray, " sample"]
    posteriors: Posteriors
    shades: Shades = PLAIN

    @property
    def codes(self) -> Float[np.ndarray, "sample latent"]:
        """Posterior means."""
        return self.posteriors.mean

    @property
    def shown(self) -> Int[np.ndarray, " point"]:
        """Rows to draw as points: all, or every k-th row of a large table."""
        return np.arange(0, len(self.table), max(1, len(self.table) // MOST_POINTS))


def encode_world(run: Run) -> Coded:
    """Codes of the pictures on which the run's answer is measured."""
    population = run.population
    table, rows = answer_rows(population)
    posteriors = encode_rows(run.vae, population, rows)
    return Coded(table, rows, posteriors, shades_of_population(population, rows))


def pictures(
    population: Population, rows: Int[np.ndarray, " sample"]
) -> Shaped[np.ndarray, "sample height width channel"]:
    """The pictures of a few rows."""
    return np.asarray(draw_rows(population, rows))


def shades_of_population(
    population: Population, rows: Int[np.ndarray, " sample"]
) -> Shades:
    """The scale of the pictures' colours; looks at some where pixels are any number."""
    if population.pixels != "real":
        return PLAIN
    return shades_of(pictures(population, rows[:SEEN_FOR_SHADES]), "real")
