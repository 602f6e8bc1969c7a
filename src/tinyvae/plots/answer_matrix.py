"""The answer as two matrices: seen from the encoder, and from the decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyvae.answer import Answer
from tinyvae.answer.sentence import two_digits
from tinyvae.evaluation.results import DecoderResponse
from tinyvae.factors import Factor
from tinyvae.plots.choice import Shown, factors_to_show, latents_of_factors, notes
from tinyvae.plots.codes import Coded
from tinyvae.plots.matrices import WIDEST, frame_cell
from tinyvae.plots.style import STYLE, new_figure
from tinyvae.runs.run import Run
from tinyvae.wording import shortened

MOST_FACTORS, MOST_LATENTS = 40, 40
LONGEST_LEVEL = 7  # letters of names that stand side by side

Matrix = Float[np.ndarray, "latent factor"]


def answer_matrix(run: Run, coded: Coded) -> Figure:
    """Share (encoder) beside response (decoder), (latent, factor); matches framed."""
    answer = run.answer
    factors = factors_to_show(answer, MOST_FACTORS)
    latents = latents_of_factors(answer, factors.which, MOST_LATENTS)
    panels = 1 if answer.decoder is None else 2
    small = max(len(factors.which), len(latents.which)) > WIDEST
    width = (0.3 if small else 1.0) * len(factors.which) + 1.1
    height = (0.2 if small else 0.55) * len(latents.which) + 1.7
    with rc_context(STYLE):
        figure = new_figure(max(3.9, width) * panels, height)
        axes = figure.subplots(1, panels, squeeze=False)[0]
        where = (latents, factors)
        title = "encoder: share of the latent"
        draw_matrix(axes[0], answer, answer.share, where, title)
        if answer.decoder is not None:
            draw_response(axes[1], answer, answer.decoder, coded.table.factors, where)
        figure.suptitle(
            f"Which latent is which factor? {shortened(answer.verdict, 60)}"
            + notes(latents.note, factors.note),
            fontsize=11,
        )
    return figure


def draw_response(
    axes: Axes,
    answer: Answer,
    decoder: DecoderResponse,
    factors: Sequence[Factor],
    where: tuple[Shown, Shown],
) -> None:
    """The decoder's response, each factor in its unit and dark at its whole range."""
    response, spans, units = factor_responses(decoder, factors)
    gaps = "; -: not measured" if np.isnan(response).any() else ""
    draw_matrix(
        axes,
        answer,
        response / spans,
        where,
        "decoder: how far the picture moves\n"
        f"(dark: over the factor's whole range{gaps})",
        lambda latent, k: response_text(response[latent, k], units[k]),
    )


def factor_responses(
    decoder: DecoderResponse, factors: Sequence[Factor]
) -> tuple[Matrix, Float[np.ndarray, " factor"], list[str]]:
    """Response to each factor, by its name; the range of its values, and its unit.

    NaN where the decoder's response to a factor was not measured.
    """
    response = np.full((len(decoder.response), len(factors)), np.nan)
    spans = np.ones(len(factors))
    for k, factor in enumerate(factors):
        if factor.name in decoder.factors:
            response[:, k] = decoder.response[:, decoder.factors.index(factor.name)]
        spans[k] = (factor.values[-1] - factor.values[0]) or 1.0
    return response, spans, [factor.unit for factor in factors]


def response_text(value: float, unit: str) -> str:
    """A response with its unit; "-" where it was not measured.

    >>> response_text(14.96, "px"), response_text(float("nan"), "px")
    ('15.0 px', '-')
    """
    if np.isnan(value):
        return "-"
    number = f"{value:.1f}" if abs(value) >= 1 or unit == "px" else f"{value:.2f}"
    return f"{number} {unit}".rstrip()


def draw_matrix(
    axes: Axes,
    answer: Answer,
    matrix: Matrix,
    where: tuple[Shown, Shown],
    title: str,
    text: Callable[[int, int], str] | None = None,
) -> None:
    """A (latent, factor) matrix, dark at 1, with its numbers; matches framed."""
    latents, factors = where[0].which, where[1].which
    part = matrix[np.ix_(latents, factors)]
    axes.imshow(np.nan_to_num(part), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    if max(part.shape) <= WIDEST:
        for (line, column), value in np.ndenumerate(part):
            latent, k = latents[line], factors[column]
            axes.text(
                column,
                line,
                text(latent, k) if text else two_digits(float(value)),
                ha="center",
                va="center",
                color="white" if value > 0.6 else "black",
            )
    for column, k in enumerate(factors):
        match = answer.matches[k]
        for latent in match.latents:
            if latent in latents:
                frame_cell(axes, latents.index(latent), column, match.verdict)
    names = [shortened(answer.factors[k]) for k in factors]
    long = len(names) > WIDEST or max(map(len, names)) > 2 * LONGEST_LEVEL
    axes.set_xticks(range(len(names)), names, rotation=90 if long else 0)
    axes.set_yticks(range(len(latents)), [f"z{latent}" for latent in latents])
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=9)
