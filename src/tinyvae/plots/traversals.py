"""One traversal per latent, with its answer as the title."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyvae.answer import Answer
from tinyvae.answer.sentence import two_digits
from tinyvae.evaluation.traversal import Traversal, central_code, traverse, walk_of
from tinyvae.plots.choice import latents_to_show, notes
from tinyvae.plots.codes import Coded
from tinyvae.plots.shades import Shades
from tinyvae.plots.style import COLOURS, STYLE, new_figure, no_ticks, strip
from tinyvae.runs.run import Run
from tinyvae.wording import shortened

SMALLEST_PART = 0.05  # shares below are left out of a mixture's description
MOST_PARTS = 4  # factors that the description of a mixture names
MOST_LATENTS, MOST_IN_A_COLUMN = 16, 8
STRIP_WIDTH = 8.2  # inches


def traversals(run: Run, coded: Coded, *, steps: int = 11) -> Figure:
    """Decoded pictures along each latent, the others held at a central code."""
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    shown = latents_to_show(run.answer.measurement.kl, MOST_LATENTS)
    walks = []
    for latent in shown.which:
        values = walk_of(coded.posteriors, probability, latent, steps)
        walks.append(traverse(run.vae, base, latent, values))
    height, width = strip(walks[0].images, 0, coded.shades).shape[:2]
    with rc_context(STYLE):
        columns = 1 if len(walks) <= MOST_IN_A_COLUMN else 2
        lines = -(-len(walks) // columns)
        line = STRIP_WIDTH * height / width + 0.6
        figure = new_figure(9.0 * columns, line * lines + 0.5)
        grid = figure.subplots(lines, columns, squeeze=False).T.ravel()
        for axes in grid[len(walks) :]:
            axes.set_visible(False)
        for axes, traversal in zip(grid, walks, strict=False):
            draw_walk(axes, traversal, coded.shades)
            title, colour = latent_title(run.answer, traversal.latent)
            axes.set_title(title, loc="left", color=colour, fontweight="bold")
        figure.suptitle(
            "Walking each latent over the middle 95 % of its codes, the others held"
            + notes(shown.note, coded.shades.note),
            fontsize=9,
        )
    return figure


def draw_walk(axes: Axes, traversal: Traversal, shades: Shades) -> None:
    """Pictures along one latent, side by side, above the values of the latent."""
    size = traversal.images.shape[2]
    gap = max(1, size // 16)
    axes.imshow(strip(traversal.images, gap, shades), interpolation="nearest")
    no_ticks(axes)
    centres = np.arange(len(traversal.values)) * (size + gap) + (size - 1) / 2
    # adding 0 turns -0.0 into 0.0
    labels = [f"{round(value, 1) + 0.0:.1f}" for value in traversal.values]
    axes.set_xticks(centres, labels, fontsize=7)
    axes.tick_params(length=0)
    axes.set_ylabel(f"z{traversal.latent}", rotation=0, ha="right", va="center")


def latent_title(answer: Answer, latent: int) -> tuple[str, str]:
    """What the latent is, in words; and their colour: green for a clear factor."""
    kl = answer.measurement.kl[latent]
    if not answer.measurement.axes.active[latent]:
        return f"z{latent}: nothing (inactive, KL {kl:.2f} nats)", COLOURS[1]
    if not answer.factors:
        return f"z{latent}: KL {kl:.2f} nats", "black"
    for match in answer.matches:
        if latent not in match.latents or match.verdict not in (
            "clear",
            "folded",
            "partial",
        ):
            continue
        name = shortened(match.factor, 30)
        share, readout = (two_digits(score) for score in match.judged)
        scores = f"share {share}, readout {readout}"
        if match.verdict == "folded":
            text = "holds it alone, but does not run along it"
            return f"z{latent}: {name}, folded: {text} ({scores})", COLOURS[1]
        if match.verdict == "partial":
            return f"z{latent}: partly {name} ({scores})", COLOURS[1]
        seen = f"; larger z{latent}, {match.seen}" if match.seen else ""
        if match.circle:
            both = " and ".join(f"z{one}" for one in match.group)
            return f"z{latent}: {name}? {both}, as a circle: {scores}", COLOURS[2]
        return f"z{latent}: {name}? Yes: {scores}{seen}", COLOURS[2]
    return f"z{latent}: none of them alone. {mixture(answer, latent)}", COLOURS[1]


def mixture(answer: Answer, latent: int) -> str:
    """What a latent mixes, by the share of its variance."""
    shares = np.nan_to_num(answer.share[latent])
    parts = [
        f"{two_digits(shares[factor])} {shortened(answer.factors[factor])}"
        for factor in np.argsort(-shares, kind="stable")[:MOST_PARTS]
        if shares[factor] >= SMALLEST_PART
    ]
    return f"Shares of its variance: {', '.join(parts) or 'none above 0.05'}"
