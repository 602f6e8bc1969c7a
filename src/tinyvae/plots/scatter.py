"""Codes beside factors: latent against factor, and the latent cloud."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.answer.sentence import two_digits
from tinyvae.plots.codes import Coded
from tinyvae.plots.style import COLOURS, FACTOR_MAP, STYLE, new_figure
from tinyvae.runs.run import Run


def latent_against_factor(run: Run, coded: Coded) -> Figure:
    """Every code against every factor, with the mean at each value; matches framed."""
    answer, factors = run.answer, coded.table.factors
    matched = {(match.latent, k) for k, match in enumerate(answer.matches)}
    num_latents = coded.codes.shape[1]
    with rc_context(STYLE):
        figure = new_figure(2.6 * len(factors) + 0.6, 1.9 * num_latents + 0.6)
        grid = figure.subplots(
            num_latents, len(factors), squeeze=False, sharex="col", sharey="row"
        )
        for latent in range(num_latents):
            for k, factor in enumerate(factors):
                axes, is_match = grid[latent, k], (latent, k) in matched
                draw_panel(axes, coded, latent, k, COLOURS[0] if is_match else "0.45")
                axes.set_title(
                    f"share {two_digits(answer.share[latent, k])}, "
                    f"readout {two_digits(answer.readout[latent, k])}",
                    fontsize=8,
                    color=COLOURS[0] if is_match else "0.35",
                    fontweight="bold" if is_match else "normal",
                )
                if latent == num_latents - 1:
                    unit = f" ({factor.unit})" if factor.unit else ""
                    axes.set_xlabel(f"{factor.name}{unit}")
            grid[latent, 0].set_ylabel(f"z{latent}")
        figure.suptitle(
            "Codes against factors: points are pictures, the line is the mean code at "
            "each value; matched pairs in blue",
            fontsize=9,
        )
    return figure


def draw_panel(axes, coded: Coded, latent: int, k: int, colour: str) -> None:
    """Points and conditional mean of one latent against one factor."""
    values, codes = coded.table.values[:, k], coded.codes[:, latent]
    shown = coded.shown
    axes.scatter(
        values[shown], codes[shown], s=2, color=colour, alpha=0.25, rasterized=True
    )
    levels, index = np.unique(values, return_inverse=True)
    weight = np.bincount(index, coded.table.probability)
    mean = np.bincount(index, coded.table.probability * codes) / weight
    axes.plot(levels, mean, color="black", linewidth=1)


def latent_cloud(run: Run, coded: Coded) -> Figure:
    """The codes in latent space, once for each factor, coloured by it.

    In three dimensions where there are three latents; otherwise the two latents with
    the largest KL (or one against its rank).
    """
    factors = coded.table.factors
    order = np.argsort(-run.answer.measurement.kl, kind="stable")
    spatial = coded.codes.shape[1] == 3
    shown = coded.shown
    with rc_context(STYLE):
        figure = new_figure(3.6 * len(factors), 3.6)
        for k, factor in enumerate(factors):
            projection = {"projection": "3d"} if spatial else {}
            axes = figure.add_subplot(1, len(factors), k + 1, **projection)
            latents = range(3) if spatial else order[:2]
            points = [coded.codes[shown, latent] for latent in latents]
            if len(points) == 1:
                points.append(np.argsort(np.argsort(points[0])).astype(float))
            colours = coded.table.values[shown, k]
            dots = axes.scatter(
                *points, c=colours, cmap=FACTOR_MAP, s=3, rasterized=True
            )
            axes.set_xlabel(f"z{latents[0]}", labelpad=-6 if spatial else None)
            axes.set_ylabel(
                f"z{latents[1]}" if len(latents) > 1 else "rank",
                labelpad=-6 if spatial else None,
            )
            if spatial:
                axes.set_zlabel("z2", labelpad=-6)  # type: ignore[attr-defined]
                axes.tick_params(labelsize=6, pad=-2)
                axes.set_box_aspect(None, zoom=0.9)  # type: ignore[call-arg]
            unit = f" ({factor.unit})" if factor.unit else ""
            bar = figure.colorbar(
                dots, ax=axes, orientation="horizontal", fraction=0.05, pad=0.06
            )
            bar.set_label(f"{factor.name}{unit}")
        figure.suptitle("The latent cloud: one point a picture", fontsize=10)
    return figure
