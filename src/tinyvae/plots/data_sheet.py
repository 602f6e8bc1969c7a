"""The picture of the data: a labelled sheet of samples."""

from __future__ import annotations

import jax
import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.plots.style import STYLE, new_figure, show_image
from tinyvae.worlds import Circles


def data_sheet(world: Circles, *, columns: int = 8, seed: int = 0) -> Figure:
    """One row of random pictures a radius (six radii at most), labelled with (x, y)."""
    low, high = world.radius_range
    radii = np.unique(np.linspace(low, high, min(6, high - low + 1)).round())
    rng = np.random.default_rng(seed)
    with rc_context(STYLE):
        figure = new_figure(0.95 * columns + 0.8, 1.15 * len(radii) + 0.6)
        grid = figure.subplots(len(radii), columns, squeeze=False)
        picked = [rows_of_radius(world, radius, columns, rng) for radius in radii]
        factors = np.concatenate(picked)
        images = np.asarray(jax.jit(world.draw)(factors))
        for axes, image, (_, x, y) in zip(grid.flat, images, factors, strict=True):
            show_image(axes, image)
            axes.set_xlabel(f"x {x:.0f}, y {y:.0f}", fontsize=7, labelpad=2)
        for radius, line in zip(radii, grid, strict=True):
            line[0].set_ylabel(f"radius {radius:.0f} px")
        figure.suptitle(
            f"{world.size}x{world.size} pixels, radius {low} to {high} px, "
            f"layout {world.layout}: {len(world.table)} different pictures\n"
            "x and y of the centre in pixels from the top-left pixel, y downwards",
            fontsize=9,
        )
    return figure


def rows_of_radius(
    world: Circles, radius: float, num_rows: int, rng: np.random.Generator
) -> np.ndarray:
    """Random factors (sample, factor) of circles of one radius."""
    candidates = np.flatnonzero(world.table.values[:, 0] == radius)
    weights = world.table.probability[candidates]
    rows = rng.choice(candidates, num_rows, p=weights / weights.sum())
    return world.table.values[rows]
