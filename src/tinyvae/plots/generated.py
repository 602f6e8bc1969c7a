"""Pictures decoded from given points of the latent space."""

from __future__ import annotations

import math

from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy import ndarray

from tinyvae.plots.shades import PLAIN, Shades
from tinyvae.plots.style import STYLE, new_figure, show_image


def generated_sheet(
    latents: Float[ndarray, "sample latent"],
    images: Float[ndarray, "sample height width channel"],
    shades: Shades = PLAIN,
) -> Figure:
    """Decoded pictures, labelled with their latents."""
    columns = min(8, len(images))
    lines = math.ceil(len(images) / columns)
    height, width = shades.rgb(images[0]).shape[:2]
    with rc_context(STYLE):
        line = 1.1 * min(2.0, height / width) + 0.4
        figure = new_figure(1.25 * columns + 0.2, line * lines + 0.2)
        grid = figure.subplots(lines, columns, squeeze=False)
        for axes in grid.flat[len(images) :]:
            axes.set_axis_off()
        for axes, latent, image in zip(grid.flat, latents, images, strict=False):
            show_image(axes, image, shades)
            values = [f"{value:.1f}" for value in latent[:4]]
            more = ", ..." if len(latent) > 4 else ""
            axes.set_title(f"({', '.join(values)}{more})", fontsize=7)
        if shades.note:
            figure.suptitle(shades.note, fontsize=8)
    return figure
