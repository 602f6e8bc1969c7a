"""One traversal per latent, with its answer as the title."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.answer import Answer
from tinyvae.answer.sentence import WORDS, two_digits
from tinyvae.evaluation.traversal import central_code, traverse, walk
from tinyvae.plots.codes import Coded
from tinyvae.plots.style import COLOURS, STYLE, new_figure, no_ticks, strip
from tinyvae.runs.run import Run

SMALLEST_PART = 0.05  # shares below are left out of a mixture's description


def traversals(run: Run, coded: Coded, *, steps: int = 11) -> Figure:
    """Decoded pictures along each latent, the others held at a central code."""
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    with rc_context(STYLE):
        figure = new_figure(9.0, 1.35 * codes.shape[1] + 0.5)
        lines = figure.subplots(codes.shape[1], 1, squeeze=False)[:, 0]
        for latent, axes in enumerate(lines):
            values = walk(codes, probability, latent, steps)
            images = traverse(run.vae, base, latent, values).images
            size = images.shape[-1]
            gap = max(1, size // 16)
            axes.imshow(strip(images, gap), cmap="gray", vmin=0, vmax=1)
            no_ticks(axes)
            centres = np.arange(steps) * (size + gap) + (size - 1) / 2
            axes.set_xticks(centres, [f"{value:.1f}" for value in values], fontsize=7)
            axes.tick_params(length=0)
            axes.set_ylabel(f"z{latent}", rotation=0, ha="right", va="center")
            title, found = latent_title(run.answer, latent)
            colour = COLOURS[2] if found else COLOURS[1]
            axes.set_title(title, loc="left", color=colour, fontweight="bold")
        figure.suptitle(
            "Walking each latent over the middle 95 % of its codes, the others held",
            fontsize=9,
        )
    return figure


def latent_title(answer: Answer, latent: int) -> tuple[str, bool]:
    """The question under each plot of the demonstration, answered; and if it is yes."""
    kl = answer.measurement.kl[latent]
    if not answer.measurement.axes.active[latent]:
        return f"z{latent}: nothing (inactive, KL {kl:.2f} nats)", False
    for match, sentence in zip(answer.matches, answer.sentences, strict=True):
        if match.latent == latent and match.verdict in ("clear", "folded"):
            name = WORDS.get(match.factor, (match.factor,))[0]
            if match.verdict == "folded":
                return f"z{latent}: {name}, folded. {sentence}", False
            scores = sentence[sentence.index("(") + 1 : -1]
            return f"z{latent}: {name}? Yes: {scores}", True
    return f"z{latent}: none of them alone. {mixture(answer, latent)}", False


def mixture(answer: Answer, latent: int) -> str:
    """What a latent mixes, by the share of its variance."""
    shares = answer.share[latent]
    parts = [
        f"{two_digits(shares[factor])} {answer.factors[factor]}"
        for factor in np.argsort(-np.nan_to_num(shares))
        if shares[factor] >= SMALLEST_PART
    ]
    return f"Shares of its variance: {', '.join(parts) or 'none above 0.05'}"
