"""Pictures decoded from given points of the latent space."""

from __future__ import annotations

import math

from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy import ndarray

from tinyvae.plots.style import STYLE, new_figure, show_image


def generated_sheet(
    latents: Float[ndarray, "sample latent"],
    images: Float[ndarray, "sample height width"],
) -> Figure:
    """Decoded pictures (probability of white), labelled with their latents."""
    columns = min(8, len(images))
    lines = math.ceil(len(images) / columns)
    with rc_context(STYLE):
        figure = new_figure(1.25 * columns + 0.2, 1.5 * lines + 0.2)
        grid = figure.subplots(lines, columns, squeeze=False)
        for axes in grid.flat[len(images) :]:
            axes.set_axis_off()
        for axes, latent, image in zip(grid.flat, latents, images, strict=False):
            show_image(axes, image)
            values = [f"{value:.1f}" for value in latent[:4]]
            more = ", ..." if len(latent) > 4 else ""
            axes.set_title(f"({', '.join(values)}{more})", fontsize=7)
    return figure
