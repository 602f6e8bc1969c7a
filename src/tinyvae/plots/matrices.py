"""What figures of matrices share: the frame of a matched pair, and the largest size."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from tinyvae.plots.style import COLOURS

WIDEST = 12  # columns and rows of numbers that stay readable


def frame_cell(axes: Axes, line: int, column: int, verdict: str) -> None:
    """A frame round a matched pair: green where clear, else dashed."""
    clear = verdict == "clear"
    frame = Rectangle(
        (column - 0.46, line - 0.46),
        0.92,
        0.92,
        fill=False,
        linewidth=2,
        edgecolor=COLOURS[2] if clear else COLOURS[1],
        linestyle="-" if clear else "--",
    )
    axes.add_patch(frame)
