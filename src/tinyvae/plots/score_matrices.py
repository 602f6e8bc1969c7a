"""The matrices behind scores as heat maps, with the matching framed."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyvae.answer import Answer
from tinyvae.errors import ConfigError
from tinyvae.plots.matrices import WIDEST, frame_cell
from tinyvae.plots.style import STYLE, new_figure
from tinyvae.scores.score import Score
from tinyvae.wording import shortened

LONGEST = 9  # letters of a name that stand side by side
LARGEST = 12.0  # inches of a heat map
MOST_LABELS = 40  # of the latents, beside a heat map


def score_matrices(answer: Answer, scores: tuple[Score, ...]) -> Figure:
    """A heat map, (latent, factor), of each score that has a matrix.

    The latent of each factor in the answer is framed: green where it is clear. Colours
    run from 0 to 1, or to the largest entry where that is more (nats).
    """
    shown = [score for score in scores if score.matrix is not None]
    if not shown:
        raise ConfigError(
            "expected a score that has a matrix to draw, got only "
            f"{', '.join(score.name for score in scores)}."
        )
    num_latents, num_factors = answer.share.shape
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    written = max(num_factors, num_latents) <= WIDEST
    width = min(LARGEST, (0.62 if written else 0.3) * num_factors + 1.0)
    height = min(LARGEST, (0.34 if written else 0.13) * num_latents + 0.9)
    with rc_context(STYLE):
        figure = new_figure(max(3.0, width) * columns, height * rows + 0.4)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, score in zip(grid, shown, strict=False):
            _draw(axes, answer, score)
        for axes in grid[len(shown) :]:
            axes.set_visible(False)
        figure.suptitle(
            f"Which latent is which factor? {shortened(answer.verdict, 60)}\n"
            "framed: the latent of each factor, green where it is clear",
            fontsize=10,
        )
    return figure


def _draw(axes: Axes, answer: Answer, score: Score) -> None:
    matrix = np.abs(np.asarray(score.matrix))
    matrix[~answer.measurement.axes.active] = np.nan  # a dead latent has no value
    largest = max(1.0, float(np.nanmax(np.nan_to_num(matrix))))
    axes.imshow(np.nan_to_num(matrix), "Blues", vmin=0, vmax=largest, aspect="auto")
    if max(matrix.shape) <= WIDEST:
        for (latent, factor), value in np.ndenumerate(matrix):
            text = "-" if np.isnan(value) else f"{value:.2f}"
            colour = "white" if value > 0.6 * largest else "black"
            axes.text(
                factor, latent, text, ha="center", va="center", color=colour, fontsize=7
            )
    for factor, match in enumerate(answer.matches):
        for latent in match.latents:
            if not np.isnan(matrix[latent, factor]):
                frame_cell(axes, latent, factor, match.verdict)
    long = max(map(len, answer.factors)) > LONGEST or max(matrix.shape) > WIDEST
    axes.set_xticks(
        range(matrix.shape[1]),
        [shortened(name) for name in answer.factors],
        rotation=90 if long else 0,
    )
    every = label_step(len(matrix))
    rows = range(0, len(matrix), every)
    axes.set_yticks(rows, [f"z{j}" for j in rows])
    axes.tick_params(length=0)
    value = "undefined" if score.undefined else f"{score.value:.2f}"
    axes.set_title(f"{score.name} {value}\n{score.matrix_name}", fontsize=8)


def label_step(num_latents: int) -> int:
    """Every latent is labelled, or every fifth, tenth, ... so that labels keep apart.

    >>> [label_step(num) for num in (12, 40, 512)]
    [1, 5, 20]
    """
    if num_latents <= WIDEST:
        return 1
    return next(
        step for step in (5, 10, 20, 50, 100) if num_latents <= MOST_LABELS * step
    )
