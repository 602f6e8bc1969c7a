"""The latent cloud: codes in latent space, coloured by each factor."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.figure import Figure

from tinyvae.factors import Factor
from tinyvae.plots.choice import factors_to_show, notes
from tinyvae.plots.codes import Coded
from tinyvae.plots.factor_text import common_levels, factor_label, level_names
from tinyvae.plots.style import CIRCLE_MAP, COLOURS, FACTOR_MAP, STYLE, new_figure
from tinyvae.runs.run import Run

MOST_FACTORS = 12
MOST_LEVELS = 10  # colours of a categorical factor
COLUMNS = 4


def latent_cloud(run: Run, coded: Coded) -> Figure:
    """The codes in latent space, once for each factor, coloured by it.

    In three dimensions where there are three latents; otherwise the two latents with
    the largest KL (or one against its rank). Without factors, once and in one colour.
    """
    factors = factors_to_show(run.answer, MOST_FACTORS)
    latents = cloud_latents(run, coded)
    panels = list(factors.which) or [None]
    columns = min(COLUMNS, len(panels))
    lines = -(-len(panels) // columns)
    projection = {"projection": "3d"} if len(latents) == 3 else {}
    with rc_context(STYLE):
        figure = new_figure(max(4.2, 3.6 * columns), 3.7 * lines + 0.2)
        for place, k in enumerate(panels):
            axes = figure.add_subplot(lines, columns, place + 1, **projection)
            draw_cloud(axes, coded, latents, k)
        beside = coded.codes.shape[1] - len(latents)
        left_out = "" if beside == 0 else "the two latents of largest KL"
        figure.suptitle(
            "The latent cloud: each point is one picture"
            + notes(left_out, factors.note),
            fontsize=10,
        )
    return figure


def cloud_latents(run: Run, coded: Coded) -> list[int]:
    """All three latents, or the two of largest KL, or the only one."""
    num_latents = coded.codes.shape[1]
    if num_latents == 3:
        return [0, 1, 2]
    kl = np.nan_to_num(run.answer.measurement.kl)
    return [int(latent) for latent in np.argsort(-kl, kind="stable")[:2]]


def draw_cloud(axes: Any, coded: Coded, latents: list[int], k: int | None) -> None:
    """One panel: the codes, coloured by factor k, or all alike."""
    points = [coded.codes[coded.shown, latent] for latent in latents]
    if len(points) == 1:
        points.append(np.argsort(np.argsort(points[0])).astype(float))
    spatial = len(points) == 3
    axes.set_xlabel(f"z{latents[0]}", labelpad=-6 if spatial else None)
    second = f"z{latents[1]}" if len(latents) > 1 else "rank"
    axes.set_ylabel(second, labelpad=-6 if spatial else None)
    if spatial:
        axes.set_zlabel("z2", labelpad=-6)
        axes.tick_params(labelsize=6, pad=-2)
        axes.set_box_aspect(None, zoom=0.9)
    if k is None:
        axes.scatter(*points, color=COLOURS[0], s=3, rasterized=True)
        return
    factor, values = coded.table.factors[k], coded.table.values[coded.shown, k]
    if factor.kind == "categorical":
        colour_by_level(axes, points, factor, values)
    else:
        colour_by_value(axes, points, factor, values)


def colour_by_value(
    axes: Any, points: list[np.ndarray], factor: Factor, values: np.ndarray
) -> None:
    """Dots coloured along a scale, which closes where the factor is circular."""
    known = np.isfinite(values)
    scale: dict[str, Any] = {"cmap": FACTOR_MAP, "s": 3}
    if factor.kind == "circular":
        first = factor.values[0]
        turn = float(2 * np.pi / factor.angle(np.array([first + 1.0]))[0])
        # the map passes through white: a thin edge keeps those dots visible
        edge = {"edgecolors": "0.6", "linewidths": 0.3, "s": 6}
        scale = {"cmap": CIRCLE_MAP, "vmin": first, "vmax": first + turn, **edge}
    parts = (part[known] for part in points)
    dots = axes.scatter(*parts, c=values[known], rasterized=True, **scale)
    bar = axes.figure.colorbar(
        dots, ax=axes, orientation="horizontal", fraction=0.05, pad=0.06, aspect=25
    )
    bar.set_label(factor_label(factor))


def colour_by_level(
    axes: Any, points: list[np.ndarray], factor: Factor, values: np.ndarray
) -> None:
    """Dots in a colour for each level, the rarest levels in grey, and a legend."""
    levels = common_levels(values, MOST_LEVELS)
    others = len(np.unique(values[np.isfinite(values)])) - len(levels)
    colours = COLOURS if len(levels) <= len(COLOURS) else colormaps["tab10"].colors  # type: ignore[attr-defined]
    rest = ~np.isin(values, levels)
    if rest.any():
        label = f"{others} other levels" if others else "not known"
        parts = (part[rest] for part in points)
        axes.scatter(*parts, color="0.8", s=3, rasterized=True, label=label)
    for level, name, colour in zip(
        levels, level_names(factor, levels), colours, strict=False
    ):
        parts = (part[values == level] for part in points)
        axes.scatter(*parts, color=colour, s=3, rasterized=True, label=name)
    axes.set_title(factor_label(factor))
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.04 if len(points) == 3 else -0.2),
        ncols=3,
        fontsize=7,
        markerscale=3,
        frameon=False,
    )
