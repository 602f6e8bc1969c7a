"""Factors in words: names with units, values, and the levels of categorical ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tinyvae.factors import Factor
from tinyvae.wording import shortened


def factor_label(factor: Factor) -> str:
    """Name and unit, for an axis.

    >>> factor_label(Factor("radius", (1.0, 2.0), "px"))
    'radius (px)'
    """
    name = shortened(factor.name)
    return f"{name} ({factor.unit})" if factor.unit else name


def value_text(factor: Factor, value: float) -> str:
    """A value of a factor: its level's name, or the number; "-" where not known.

    >>> animal = Factor("animal", (0.0, 1.0), kind="categorical", levels=("cat", "dog"))
    >>> value_text(animal, 1.0), value_text(Factor("x", (0.0, 1.0)), 16.0)
    ('dog', '16')
    """
    if math.isnan(value):
        return "-"
    if factor.levels:
        return shortened(factor.levels[round(value)])
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def values_text(
    factors: Sequence[Factor], values: Float[np.ndarray, " factor"], most: int = 3
) -> str:
    """The first few factors of a picture, one a line."""
    lines = [
        f"{shortened(factor.name, 12)} {value_text(factor, float(value))}"
        for factor, value in zip(factors[:most], values, strict=False)
    ]
    return "\n".join(lines)


def common_levels(values: Float[np.ndarray, " sample"], most: int) -> np.ndarray:
    """The values that occur most, at most so many, in ascending order; NaN left out."""
    levels, count = np.unique(values[np.isfinite(values)], return_counts=True)
    return np.sort(levels[np.argsort(-count, kind="stable")[:most]])


def level_names(factor: Factor, levels: np.ndarray) -> list[str]:
    """Names of some values of a factor."""
    return [value_text(factor, float(level)) for level in levels]
