"""Originals, what the VAE makes of them, and the difference."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.evaluation.traversal import decode_pictures
from tinyvae.plots.codes import Coded, pictures
from tinyvae.plots.factor_text import values_text
from tinyvae.plots.shades import tall_enough
from tinyvae.plots.style import (
    DIFFERENCE_MAP,
    STYLE,
    new_figure,
    no_ticks,
    show_image,
)
from tinyvae.runs.run import Run

TITLE_WIDTH = 96.0  # points of a letter times letters that stand beside each other
LINES = ("original", "reconstruction", "difference")


def reconstructions(
    run: Run, coded: Coded, *, columns: int = 10, seed: int = 0
) -> Figure:
    """Random originals beside reconstructions (from the code) and their difference."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(coded.table), columns, p=coded.table.probability)
    images = pictures(run.population, coded.rows[chosen]).astype(float)
    restored = decode_pictures(run.vae, coded.codes[chosen])
    with rc_context(STYLE):
        height, width = coded.shades.rgb(images[0]).shape[:2]
        high = 3 * 0.75 * min(2.5, height / width) + 1.3
        figure = new_figure(0.85 * columns + 1.2, high)
        grid = figure.subplots(3, columns, squeeze=False)
        for column, (image, again) in enumerate(zip(images, restored, strict=True)):
            show_image(grid[0, column], image, coded.shades)
            show_image(grid[1, column], again, coded.shades)
            values = coded.table.values[chosen[column]]
            label = values_text(coded.table.factors, values)
            longest = max(len(line) for line in label.split("\n"))
            size = min(6.5, TITLE_WIDTH / max(1, longest))  # as wide as a picture
            grid[0, column].set_title(label, fontsize=size)
        for line, name in zip(grid, LINES, strict=True):
            line[0].set_ylabel(name, fontsize=8)
        draw_differences(figure, grid[2], restored - images, run)
        note = f"\n{coded.shades.note}" if coded.shades.note else ""
        title = f"Reconstructions from the code{overlap_text(run)}{note}"
        figure.suptitle(title, fontsize=10)
    return figure


def draw_differences(figure: Figure, line, differences: np.ndarray, run: Run) -> None:
    """Reconstruction minus original, with its scale; of colours the mean size of it."""
    coloured = differences.shape[-1] > 1
    shown = np.abs(differences).mean(-1) if coloured else differences[..., 0]
    largest = 1.0 if run.population.pixels == "binary" else _rounded_up(np.abs(shown))
    colours = "Reds" if coloured else DIFFERENCE_MAP
    mappable = None
    for axes, difference in zip(line, shown, strict=True):
        tall = tall_enough(difference)
        mappable = axes.imshow(
            tall, cmap=colours, vmin=0 if coloured else -largest, vmax=largest
        )
        no_ticks(axes)
    if mappable is not None:
        bar = figure.colorbar(mappable, ax=line.tolist(), fraction=0.02, pad=0.01)
        bar.set_label(difference_text(run, coloured), fontsize=7)
        bar.ax.tick_params(labelsize=7)


def difference_text(run: Run, coloured: bool) -> str:
    """What the colours of the differences mean."""
    if coloured:
        return "absolute size,\nmean of the\nchannels"
    if run.population.pixels == "real":
        return "too large (red)\nor too small"
    return "too bright (red)\nor too dark"


def overlap_text(run: Run) -> str:
    """Mean overlap over all pictures, in words; nothing where it has no meaning."""
    fit = run.answer.fit
    if fit is None or math.isnan(fit.intersection_over_union):
        return ""
    value = fit.intersection_over_union
    return f"; mean intersection over union of all pictures {value:.3f}"


def _rounded_up(sizes: np.ndarray) -> float:
    """A round number that no difference exceeds: 1, 2 or 5 times a power of ten."""
    largest = max(float(sizes.max()), 1e-6)
    power = 10.0 ** math.floor(math.log10(largest))
    return next(k * power for k in (1, 2, 5, 10) if k * power >= largest * 0.999)
