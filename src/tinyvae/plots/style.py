"""How figures look: colours that everybody can tell apart, sizes, and saving."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tinyvae.errors import ConfigError
from tinyvae.files.whole import PICTURE_FORMATS, write_whole
from tinyvae.plots.shades import PLAIN, Shades

# Okabe & Ito's palette, told apart in every common form of colour blindness
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
FACTOR_MAP = "viridis"  # perceptually uniform, and readable in grey
CIRCLE_MAP = "twilight"  # ends in the colour in which it begins
DIFFERENCE_MAP = "RdBu_r"
DPI = 150

STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,
}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that lays itself out."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def show_image(axes: Axes, image: np.ndarray, shades: Shades = PLAIN) -> None:
    """Draw one picture (height, width, channel) without ticks."""
    axes.imshow(shades.rgb(image), interpolation="nearest")
    no_ticks(axes)


def no_ticks(axes: Axes) -> None:
    """Take away ticks, and keep a thin grey frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color("0.7")


def strip(
    images: Sequence[np.ndarray] | np.ndarray, gap: int = 1, shades: Shades = PLAIN
) -> np.ndarray:
    """Pictures side by side as one (height, width, 3), with grey gaps between them."""
    shown = [shades.rgb(image) for image in images]
    bar = np.full((shown[0].shape[0], gap, 3), 0.5)
    parts = [part for image in shown for part in (image, bar)]
    return np.concatenate(parts[:-1], axis=1)


def figure_bytes(figure: Figure, picture_format: str) -> bytes:
    """The figure as a file of the given format: png, pdf or svg."""
    content = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(content, format=picture_format, dpi=DPI)
    return content.getvalue()


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; the ending of the path says which format.

    Raises: ConfigError on any other ending, RunFolderError if it cannot be written.
    """
    picture_format = path.suffix.removeprefix(".").lower()
    if picture_format not in PICTURE_FORMATS:
        raise ConfigError(
            f"expected a picture that ends in .png, .pdf or .svg, got {path}."
        )
    write_whole(path, figure_bytes(figure, picture_format))
