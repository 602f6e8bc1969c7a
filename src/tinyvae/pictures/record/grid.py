"""Factors of a data set that lists every combination in a known order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyvae.factors import Factor
from tinyvae.pictures.source import Known


def grid_known(factors: Sequence[Factor]) -> Known:
    """Labels of every combination, the last factor fastest."""
    axes = np.meshgrid(*(np.array(f.values) for f in factors), indexing="ij")
    columns = {f.name: axis.ravel() for f, axis in zip(factors, axes, strict=True)}
    return Known(columns, tuple(factors))


def levels(name: str, *texts: str) -> Factor:
    """A categorical factor with these levels."""
    values = tuple(float(place) for place in range(len(texts)))
    return Factor(name, values, kind="categorical", levels=texts)


def steps(
    name: str, count: int, first: float = 0.0, step: float = 1.0, unit: str = ""
) -> Factor:
    """An ordered factor with equal steps."""
    return Factor(name, tuple(first + step * place for place in range(count)), unit)


def turn(name: str, count: int, unit: str = "deg", period: float = 360.0) -> Factor:
    """A circular factor whose equal steps make one turn."""
    values = tuple(period * place / count for place in range(count))
    return Factor(name, values, unit, "circular", period)
