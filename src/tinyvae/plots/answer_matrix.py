"""The answer as two matrices: seen from the encoder, and from the decoder."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tinyvae.plots.style import COLOURS, STYLE, new_figure
from tinyvae.runs.run import Run


def answer_matrix(run: Run) -> Figure:
    """Share (encoder) beside response (decoder), (latent, factor); matches framed."""
    answer = run.answer
    decoder = answer.decoder
    with rc_context(STYLE):
        panels = 1 if decoder is None else 2
        height = 0.55 * len(answer.share) + 1.7
        figure = new_figure(3.9 * panels, height)
        axes = figure.subplots(1, panels, squeeze=False)[0]
        draw_matrix(axes[0], run, answer.share, "encoder: share of the latent", "", 1.0)
        if decoder is not None:
            largest = float(np.nanmax(decoder.response))
            title = "decoder: how far the picture moves"
            draw_matrix(axes[1], run, decoder.response, title, " px", largest)
        figure.suptitle(f"Which latent is which factor? {answer.verdict}", fontsize=11)
    return figure


def draw_matrix(
    axes, run: Run, matrix: np.ndarray, title: str, unit: str, largest: float
) -> None:
    """A (latent, factor) matrix with its numbers, and the matching framed."""
    axes.imshow(np.nan_to_num(matrix), cmap="Blues", vmin=0, vmax=largest)
    decimals = 1 if unit else 2
    for (latent, factor), value in np.ndenumerate(matrix):
        text = "undefined" if np.isnan(value) else f"{value:.{decimals}f}{unit}"
        colour = "white" if value > 0.6 * largest else "black"
        axes.text(factor, latent, text, ha="center", va="center", color=colour)
    for factor, match in enumerate(run.answer.matches):
        if match.latent is not None:
            clear = match.verdict == "clear"
            frame = Rectangle(
                (factor - 0.46, match.latent - 0.46),
                0.92,
                0.92,
                fill=False,
                linewidth=2,
                edgecolor=COLOURS[2] if clear else COLOURS[1],
                linestyle="-" if clear else "--",
            )
            axes.add_patch(frame)
    axes.set_xticks(range(matrix.shape[1]), run.answer.factors)
    axes.set_yticks(range(matrix.shape[0]), [f"z{j}" for j in range(len(matrix))])
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=9)
