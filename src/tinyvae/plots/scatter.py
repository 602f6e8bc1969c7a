"""Codes beside factors: every shown latent against every shown factor."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyvae.answer.sentence import two_digits
from tinyvae.factors import Factor
from tinyvae.plots.choice import factors_to_show, latents_of_factors, notes
from tinyvae.plots.codes import Coded
from tinyvae.plots.factor_text import common_levels, factor_label, level_names
from tinyvae.plots.style import COLOURS, STYLE, new_figure
from tinyvae.runs.run import Run

MOST_FACTORS = MOST_LATENTS = 8
MOST_LEVELS = 12  # of a categorical factor
MOST_MEANS = 40  # values with a mean of their own; beyond, means of ranges
NUM_RANGES = 24
JITTER = 0.3


def latent_against_factor(run: Run, coded: Coded) -> Figure:
    """Codes against factors, with the mean code at each value; matches in blue."""
    answer = run.answer
    factors = factors_to_show(answer, MOST_FACTORS)
    latents = latents_of_factors(answer, factors.which, MOST_LATENTS)
    matched = {(match.latent, k) for k, match in enumerate(answer.matches)}
    columns, lines = len(factors.which), len(latents.which)
    with rc_context(STYLE):
        width, height = (2.6, 1.9) if max(columns, lines) <= 4 else (1.9, 1.5)
        figure = new_figure(max(6.5, width * columns + 0.6), height * lines + 0.9)
        grid = figure.subplots(
            lines, columns, squeeze=False, sharex="col", sharey="row"
        )
        for line, latent in zip(grid, latents.which, strict=True):
            for axes, k in zip(line, factors.which, strict=True):
                is_match = (latent, k) in matched
                draw_panel(axes, coded, latent, k, COLOURS[0] if is_match else "0.45")
                axes.set_title(
                    f"share {two_digits(answer.share[latent, k])}, "
                    f"readout {two_digits(answer.readout[latent, k])}",
                    fontsize=8 if width > 2 else 7,
                    color=COLOURS[0] if is_match else "0.35",
                    fontweight="bold" if is_match else "normal",
                )
            line[0].set_ylabel(f"z{latent}")
        for axes, k in zip(grid[-1], factors.which, strict=True):
            axes.set_xlabel(factor_label(coded.table.factors[k]))
        figure.suptitle(
            "Codes against factors: each point is one picture, black is the mean code; "
            "matched pairs in blue" + notes(latents.note, factors.note),
            fontsize=9,
        )
    return figure


def draw_panel(axes: Axes, coded: Coded, latent: int, k: int, colour: str) -> None:
    """Points and conditional mean of one latent against one factor."""
    factor, values = coded.table.factors[k], coded.table.values[:, k]
    codes, probability = coded.codes[:, latent], coded.table.probability
    shown = coded.shown[np.isfinite(values[coded.shown])]
    if factor.kind == "categorical":
        draw_levels(axes, factor, values, codes, shown, colour)
        return
    axes.scatter(
        values[shown], codes[shown], s=2, color=colour, alpha=0.25, rasterized=True
    )
    known = np.isfinite(values)
    axes.plot(
        *conditional_mean(values[known], codes[known], probability[known]),
        color="black",
        linewidth=1,
    )


def draw_levels(
    axes: Axes,
    factor: Factor,
    values: np.ndarray,
    codes: np.ndarray,
    shown: np.ndarray,
    colour: str,
) -> None:
    """Codes at the levels of a categorical factor, each level a column of points."""
    levels = common_levels(values, MOST_LEVELS)
    rng = np.random.default_rng(0)
    for place, level in enumerate(levels):
        here = shown[values[shown] == level]
        across = place + rng.uniform(-JITTER, JITTER, len(here))
        axes.scatter(
            across, codes[here], s=2, color=colour, alpha=0.25, rasterized=True
        )
        mean = codes[values == level].mean()
        axes.hlines(mean, place - JITTER, place + JITTER, color="black", linewidth=1.5)
    names = level_names(factor, levels)
    axes.set_xlim(-0.5, len(levels) - 0.5)
    axes.set_xticks(range(len(levels)), names)
    if sum(map(len, names)) > 20:
        axes.tick_params(axis="x", rotation=90)


def conditional_mean(
    values: Float[np.ndarray, " sample"],
    codes: Float[np.ndarray, " sample"],
    probability: Float[np.ndarray, " sample"],
) -> tuple[np.ndarray, np.ndarray]:
    """Mean code at each value; of more than 40 values, in 24 ranges of equal size."""
    levels, index = np.unique(values, return_inverse=True)
    if len(levels) > MOST_MEANS:
        rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
        index = rank * NUM_RANGES // len(values)
        index = np.unique(index, return_inverse=True)[1]
    weight = np.bincount(index, probability)
    means = np.bincount(index, probability * codes) / weight
    return np.bincount(index, probability * values) / weight, means
