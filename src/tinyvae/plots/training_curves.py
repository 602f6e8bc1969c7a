"""Training: the terms of the objective, step by step."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyvae.plots.style import COLOURS, STYLE, new_figure
from tinyvae.runs.run import Run
from tinyvae.training.history import HistoryRow

START = 0.02  # of training; the first steps would flatten all that follows


def training_curves(run: Run) -> Figure:
    """ELBO, KL of each latent, every penalty and the weights, by step.

    A panel for each penalty of the objective. Members that were not kept are drawn
    lightly, up to the selection.
    """
    chosen = next((m.member for m in run.members if m.chosen), 0)
    kept = [row for row in run.history if row.member == chosen]
    names = [penalty.name for penalty in kept[-1].penalties]
    lines = -(-(3 + len(names)) // 2)
    with rc_context(STYLE):
        figure = new_figure(9.0, 2.7 * lines)
        grid = list(figure.subplots(lines, 2, sharex=True).flat)
        draw_elbo(grid[0], run, chosen, kept)
        draw_kl(grid[1], kept)
        for number, name in enumerate(names):
            draw_penalty(grid[2 + number], kept, name, penalty_colour(number))
        last = 2 + len(names)
        draw_weights(grid[last], kept, names)
        for axes in grid[last + 1 :]:
            axes.set_visible(False)
        for axes in grid[last - 1 : last + 1]:
            axes.set_xlabel("step")
            axes.tick_params(labelbottom=True)
    return figure


def penalty_colour(number: int) -> str:
    """The colour of a penalty, in its panel and among the weights."""
    return COLOURS[3 + number % (len(COLOURS) - 3)]


def draw_kl(axes: Axes, kept: list[HistoryRow]) -> None:
    """KL of each latent; of many, the largest ones in colour and the others in grey."""
    steps = [row.step for row in kept]
    kl = np.array([row.kl for row in kept])
    order = np.argsort(-kl[-1], kind="stable")
    coloured = sorted(order[: len(COLOURS)])
    for latent in order[len(COLOURS) :]:
        label = "others" if latent == order[-1] else None
        axes.plot(steps, kl[:, latent], color="0.75", linewidth=0.8, label=label)
    for colour, latent in zip(COLOURS, coloured, strict=False):
        axes.plot(steps, kl[:, latent], color=colour, label=f"z{latent}")
    axes.set_ylabel("KL of each latent (nats)")
    axes.set_ylim(bottom=0)
    legend_above(axes)


def legend_above(axes: Axes) -> None:
    """A legend in one line above the curves, which may be anywhere."""
    axes.legend(
        frameon=False,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=6,
        fontsize=7,
        handlelength=1.2,
        columnspacing=1.0,
    )


def draw_penalty(axes: Axes, kept: list[HistoryRow], name: str, colour: str) -> None:
    """Values of one penalty, as minibatches estimate them."""
    values = [row.penalty(name).value for row in kept]
    axes.plot([row.step for row in kept], values, color=colour)
    axes.set_ylabel(f"{name},\nbatch estimate")


def draw_weights(axes: Axes, kept: list[HistoryRow], names: list[str]) -> None:
    """Weights of the KL and of every penalty, on a logarithmic axis where they differ.

    A weight of 0 has no place on it, and no line.
    """
    steps = [row.step for row in kept]
    weights = {"KL": [row.kl_weight for row in kept]}
    weights |= {name: [row.penalty(name).weight for row in kept] for name in names}
    colours = [COLOURS[0], *(penalty_colour(number) for number in range(len(names)))]
    for (name, values), colour in zip(weights.items(), colours, strict=True):
        dash = "-" if name == "KL" else (0, (5, 2))  # equal weights both show
        axes.plot(steps, values, color=colour, label=name, linestyle=dash)
    positive = np.array([v for values in weights.values() for v in values if v > 0])
    if len(positive) and positive.max() > 5 * positive.min():
        axes.set_yscale("log", nonpositive="mask")
    else:
        axes.set_ylim(bottom=0)
    axes.set_ylabel("weight in the loss")
    legend_above(axes)


def draw_elbo(axes: Axes, run: Run, chosen: int, kept: list[HistoryRow]) -> None:
    """ELBO and reconstruction of the kept member, ELBO of the others."""
    others = {row.member for row in run.history} - {chosen}
    for member in sorted(others):
        rows = [row for row in run.history if row.member == member]
        axes.plot(
            [row.step for row in rows],
            [row.elbo for row in rows],
            color="0.75",
            linewidth=0.8,
            label="other members" if member == min(others) else None,
        )
    steps = [row.step for row in kept]
    axes.plot(steps, [row.elbo for row in kept], color=COLOURS[0], label="ELBO")
    axes.plot(
        steps,
        [row.reconstruction for row in kept],
        color=COLOURS[2],
        linestyle="--",
        label="reconstruction",
    )
    late = [row for row in kept if row.step > START * kept[-1].step]
    low = min(row.elbo for row in late)
    high = max(row.reconstruction for row in late)
    # a probability is at most 1, so that of black-and-white pictures stays below 0
    axes.set_ylim(low - 0.02 * abs(low), 0 if high <= 0 else high + 0.05 * (high - low))
    axes.set_ylabel("nats per picture")
    axes.legend(frameon=False, loc="lower right")
