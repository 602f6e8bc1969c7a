"""The picture of the data: a labelled sheet of samples."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int
from matplotlib import rc_context
from matplotlib.figure import Figure

from tinyvae.factors import Factor
from tinyvae.plots.codes import pictures, shades_of_population
from tinyvae.plots.factor_text import (
    common_levels,
    factor_label,
    value_text,
)
from tinyvae.plots.shades import Shades
from tinyvae.plots.style import STYLE, new_figure, show_image
from tinyvae.wording import shortened
from tinyvae.worlds.world import Population, World

DRAWN = 4096  # rows from which those of each line are taken
MOST_LINES = 6
MOST_VALUES = 4  # factors written under a picture
WIDEST_LINE, MOST_LETTERS = 100, 300  # of the title


class Line(NamedTuple):
    """Pictures that stand side by side, and what they have in common."""

    label: str
    places: Int[np.ndarray, " picture"]


def data_sheet(
    world: World,
    population: Population | None = None,
    *,
    columns: int = 8,
    seed: int = 0,
) -> Figure:
    """Random training pictures, a line for each value of the first factor.

    Six values at most; where there are more, six of them, or six ranges of equally
    many pictures. The other factors stand under each picture. Without factors, what
    stands there is the picture's name, where it has one.
    """
    population = world.population() if population is None else population
    rows = np.unique(population.sample(DRAWN, key=jax.random.key(seed)))
    rows = np.random.default_rng(seed).permutation(rows)
    values = np.asarray(population.factor_values(jnp.asarray(rows)), float)
    lines = lines_of(population.factors, values, columns)
    shades = shades_of_population(population, rows)
    height, width = shades.rgb(np.zeros(population.image_shape)).shape[:2]
    under = max(1, min(MOST_VALUES, len(population.factors) - 1))
    with rc_context(STYLE):
        flat = height < 0.6 * width
        line_height = 0.85 * min(2.0, height / width) + 0.16 + 0.13 * under
        figure = new_figure(
            0.95 * columns + (1.4 if flat else 0.8), line_height * len(lines) + 0.6
        )
        grid = figure.subplots(len(lines), columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for line, line_axes in zip(lines, grid, strict=True):
            chosen = rows[line.places]
            labels = labels_of(population, chosen, values[line.places])
            images = pictures(population, chosen)
            for axes, image, label in zip(line_axes, images, labels, strict=False):
                axes.set_axis_on()
                show_image(axes, image, shades)
                axes.set_xlabel(label, fontsize=6.5, labelpad=2)
            where = {"rotation": 0, "ha": "right", "va": "center"} if flat else {}
            line_axes[0].set_ylabel(line.label, **where)
        figure.suptitle(title_of(world, population, shades), fontsize=9)
    return figure


def lines_of(
    factors: tuple[Factor, ...], values: Float[np.ndarray, "sample factor"], num: int
) -> list[Line]:
    """Up to so many pictures for each value, or range, of the first factor."""
    if not factors:
        places = np.arange(min(len(values), MOST_LINES * num))
        return [Line("", places[start : start + num]) for start in places[::num]]
    factor, column = factors[0], values[:, 0]
    levels = np.unique(column[np.isfinite(column)])
    unit = f" {factor.unit}" if factor.unit else ""
    many_each = len(levels) * num <= np.isfinite(column).sum()
    if factor.kind == "categorical":
        levels = common_levels(column, MOST_LINES)
    elif len(levels) > MOST_LINES and many_each:
        evenly = np.linspace(0, len(levels) - 1, MOST_LINES).round().astype(int)
        levels = levels[evenly]
    elif len(levels) > MOST_LINES:
        return _ranges(factor, column, num, unit)
    return [
        Line(
            f"{shortened(factor.name)} {value_text(factor, float(level))}{unit}",
            np.flatnonzero(column == level)[:num],
        )
        for level in levels
    ]


def _ranges(factor: Factor, column: np.ndarray, num: int, unit: str) -> list[Line]:
    known = np.flatnonzero(np.isfinite(column))
    parts = np.array_split(known[np.argsort(column[known])], MOST_LINES)
    lines = []
    for part in parts:
        low, high = (value_text(factor, float(column[k])) for k in (part[0], part[-1]))
        label = f"{shortened(factor.name)}\n{low} to {high}{unit}"
        lines.append(Line(label, np.sort(part)[:num]))
    return lines


def labels_of(
    population: Population,
    rows: Int[np.ndarray, " picture"],
    values: Float[np.ndarray, "picture factor"],
) -> list[str]:
    """What stands under each picture: its other factors, or its name."""
    others = population.factors[1 : 1 + MOST_VALUES]
    if not population.factors:
        names = getattr(population, "names", None)
        return ["" if names is None else shortened(str(names[row])) for row in rows]
    return [
        "\n".join(
            f"{shortened(factor.name, 10)} {value_text(factor, float(value))}"
            for factor, value in zip(others, picture[1:], strict=False)
        )
        for picture in values
    ]


def title_of(world: World, population: Population, shades: Shades) -> str:
    """What the world is, and the units of what stands under the pictures."""
    lines = textwrap.wrap(shortened(world.describe(), MOST_LETTERS), WIDEST_LINE)
    others = population.factors[1:]
    if any(factor.unit for factor in others[:MOST_VALUES]):
        lines.append(
            "under each picture: " + ", ".join(map(factor_label, others[:MOST_VALUES]))
        )
    if len(others) > MOST_VALUES:
        lines.append(f"the first {MOST_VALUES + 1} of {len(others) + 1} factors")
    return "\n".join([*lines, shades.note]).rstrip()
