"""Originals, what the VAE makes of them, and the difference."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.evaluation.fit import draw_table
from tinyvae.plots.style import (
    DIFFERENCE_MAP,
    STYLE,
    new_figure,
    no_ticks,
    show_image,
)
from tinyvae.runs.run import Run


def reconstructions(run: Run, *, columns: int = 10, seed: int = 0) -> Figure:
    """Random originals beside reconstructions (from the code) and their difference."""
    table = run.world.table.sample_rows(columns, seed=seed)
    images = np.asarray(draw_table(run.world, table), np.float32)
    restored = run.decode(run.encode(images))
    with rc_context(STYLE):
        figure = new_figure(0.85 * columns + 1.2, 3.2)
        grid = figure.subplots(3, columns, squeeze=False)
        mappable = None
        for column, (image, again) in enumerate(zip(images, restored, strict=True)):
            show_image(grid[0, column], image)
            show_image(grid[1, column], again)
            mappable = grid[2, column].imshow(
                again - image, cmap=DIFFERENCE_MAP, vmin=-1, vmax=1
            )
            no_ticks(grid[2, column])
            radius, x, y = table.values[column]
            grid[0, column].set_title(f"r {radius:.0f}, ({x:.0f}, {y:.0f})", fontsize=7)
        for line, name in zip(
            grid, ("original", "reconstruction", "difference"), strict=True
        ):
            line[0].set_ylabel(name, fontsize=8)
        assert mappable is not None  # there is at least one column
        bar = figure.colorbar(mappable, ax=grid[2, :].tolist(), fraction=0.02, pad=0.01)
        bar.set_label("white too\nmuch (1) or\nlittle (-1)", fontsize=7)
        overlap = "" if run.answer.fit is None else overlap_text(run)
        figure.suptitle(f"Reconstructions from the code{overlap}", fontsize=10)
    return figure


def overlap_text(run: Run) -> str:
    """Mean intersection over union over the whole world, in words."""
    assert run.answer.fit is not None  # asked only where the fit is known
    value = run.answer.fit.intersection_over_union
    return f"; mean intersection over union of all pictures {value:.3f}"
