"""What every figure of a run is drawn from: its pictures, codes and factors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.evaluation.fit import (
    Posteriors,
    draw_table,
    encode_images,
    evaluation_table,
)
from tinyvae.factors import FactorTable
from tinyvae.runs.run import Run

MOST_POINTS = 4000  # beyond, points would only cover one another


class Coded(NamedTuple):
    """A run's pictures, encoded."""

    table: FactorTable
    posteriors: Posteriors

    @property
    def codes(self) -> Float[np.ndarray, "sample latent"]:
        """Posterior means."""
        return self.posteriors.mean

    @property
    def shown(self) -> np.ndarray:
        """Rows to draw as points: all, or every so manieth of a large table."""
        return np.arange(0, len(self.table), max(1, len(self.table) // MOST_POINTS))


def encode_world(run: Run) -> Coded:
    """Codes of every picture of the run's world, or of a sample of a large one."""
    table = evaluation_table(run.world)
    return Coded(table, encode_images(run.vae, draw_table(run.world, table)))
