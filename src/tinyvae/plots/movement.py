"""Where and how much each latent moves the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from tinyvae.evaluation.movement import num_bases, pixel_movement
from tinyvae.evaluation.traversal import central_code, traverse, walk_of
from tinyvae.plots.choice import latents_to_show, notes
from tinyvae.plots.codes import Coded
from tinyvae.plots.shades import tall_enough
from tinyvae.plots.style import STYLE, new_figure, no_ticks, show_image
from tinyvae.runs.run import Run

MOST_LATENTS = 12
MOST_IN_A_COLUMN = 4
GAP = 0.15  # of a picture, between the latents that stand side by side
MOVEMENT_MAP = "magma"


def movement(run: Run, coded: Coded) -> Figure:
    """Both ends of each latent's walk, beside how much each pixel changes on it.

    The change is the range of the pixel on a walk, mean over channels and walks.
    """
    shown = latents_to_show(run.answer.measurement.kl, MOST_LATENTS)
    change = pixel_movement(run.vae, coded.posteriors, coded.table).change
    maps = change[list(shown.which)]
    blocks = -(-len(shown.which) // MOST_IN_A_COLUMN)
    lines = -(-len(shown.which) // blocks)
    height, width = tall_enough(maps[0]).shape
    scale = Normalize(0, float(maps.max()) or 1.0)
    with rc_context(STYLE):
        line = 1.2 * min(2.0, max(0.35, height / width)) + 0.25
        figure = new_figure(max(6.0, 4.6 * blocks), line * lines + 1.0)
        ratios = [1, 1, 1, GAP] * blocks
        grid = figure.subplots(lines, 4 * blocks, squeeze=False, width_ratios=ratios)
        for axes in grid.flat:
            axes.set_axis_off()
        for place, latent in enumerate(shown.which):
            block, row = divmod(place, lines)
            three = grid[row, 4 * block : 4 * block + 3]
            draw_line(three, run, coded, latent)
            draw_map(three[2], maps[place], scale)
        bar = figure.colorbar(
            ScalarMappable(scale, MOVEMENT_MAP),
            ax=grid.ravel().tolist(),
            fraction=0.03,
        )
        bar.set_label("change of the pixel, mean over walks", fontsize=8)
        figure.suptitle(
            "Where each latent moves the picture: both ends of a walk over the middle "
            "95 % of its codes,\nand how much each pixel changes on such walks "
            f"from {num_bases(len(change))} pictures"
            + notes(shown.note, coded.shades.note),
            fontsize=9,
        )
    return figure


def draw_line(places: Any, run: Run, coded: Coded, latent: int) -> None:
    """The first and the last picture of a latent's walk."""
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    values = walk_of(coded.posteriors, probability, latent, 2)
    images = traverse(run.vae, base, latent, values).images
    for axes, image, value in zip(places, images, values, strict=False):
        axes.set_axis_on()
        show_image(axes, image, coded.shades)
        axes.set_title(f"z{latent} = {value:+.1f}", fontsize=7.5, pad=2)


def draw_map(
    axes: Axes, changes: Float[np.ndarray, "height width"], scale: Normalize
) -> None:
    """Heat map of how much each pixel changes, and the mean over the picture."""
    axes.set_axis_on()
    axes.imshow(tall_enough(changes), cmap=MOVEMENT_MAP, norm=scale)
    no_ticks(axes)
    axes.set_title(f"mean {changes.mean():.3f}", fontsize=7.5, pad=2)
