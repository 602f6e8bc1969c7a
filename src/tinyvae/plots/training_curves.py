"""Training: the terms of the objective, step by step."""

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.plots.style import COLOURS, STYLE, new_figure
from tinyvae.runs.run import Run
from tinyvae.training.history import HistoryRow


def training_curves(run: Run) -> Figure:
    """ELBO, KL of each latent, total correlation and the weights, in nats, by step.

    Members that were not kept are drawn lightly, up to the selection.
    """
    chosen = next((m.member for m in run.members if m.chosen), 0)
    kept = [row for row in run.history if row.member == chosen]
    steps = [row.step for row in kept]
    with rc_context(STYLE):
        figure = new_figure(9.0, 5.4)
        (top, kl), (correlation, weights) = figure.subplots(2, 2, sharex=True)
        draw_elbo(top, run, chosen, kept)
        for latent in range(len(kept[0].kl)):
            colour = COLOURS[latent % len(COLOURS)]
            values = [row.kl[latent] for row in kept]
            kl.plot(steps, values, color=colour, label=f"z{latent}")
        kl.legend(frameon=False, loc="lower right", ncols=3)
        kl.set_ylabel("KL of each latent (nats)")
        kl.set_ylim(bottom=0)
        correlation.plot(
            steps, [row.total_correlation for row in kept], color=COLOURS[3]
        )
        correlation.set_ylabel("total correlation,\nbatch estimate (nats)")
        correlation.set_xlabel("step")
        weights.plot(
            steps, [row.kl_weight for row in kept], color=COLOURS[0], label="KL"
        )
        if max(row.tc_weight for row in kept) > 0:
            tc = [row.tc_weight for row in kept]
            weights.plot(steps, tc, color=COLOURS[3], label="total correlation")
            weights.set_yscale("log")
        weights.set_ylabel("weight in the loss")
        weights.set_xlabel("step")
        weights.legend(frameon=False)
    return figure


def draw_elbo(axes, run: Run, chosen: int, kept: list[HistoryRow]) -> None:
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
    late = [row.elbo for row in kept if row.step > 0.02 * kept[-1].step]
    axes.set_ylim(min(late), 0)
    axes.set_ylabel("nats a picture")
    axes.legend(frameon=False, loc="lower right")
