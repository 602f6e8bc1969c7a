"""Values of factors that look like mistakes: numbers for missing ones, periods."""

from __future__ import annotations

import math
import re

import numpy as np
from jaxtyping import Float

from tinyvae.factors import Factor, FactorTable

FEWEST_REPEATS = 3
SMALLEST_PART = 0.002  # of the rows
MANY = 10  # other values; if there are fewer, only the usual numbers are noted
USUAL = re.compile(r"-\d+|9{2,}")  # -1, -999, 99
SMALLEST_COVER = 0.1  # of a period
FULL_TURN = 2 * math.pi


def doubts(table: FactorTable) -> tuple[str, ...]:
    """Sentences on values that may stand for missing ones, and on wrong periods."""
    found = []
    for factor, values in zip(table.factors, table.values.T, strict=True):
        known = values[~np.isnan(values)]
        if len(known) == 0:
            continue
        if factor.kind == "ordered":
            found.append(_on_missing(factor.name, known))
        elif factor.kind == "circular":
            found.append(_on_period(factor, known))
    return tuple(one for one in found if one is not None)


def _on_missing(name: str, known: Float[np.ndarray, " row"]) -> str | None:
    """On a number at one end that repeats, further away than the others' range."""
    values, counts = np.unique(known, return_counts=True)
    if len(values) < 3:
        return None
    gaps = np.diff(values)
    lowest = gaps[0] > values[-1] - values[1]
    highest = gaps[-1] > values[-2] - values[0]
    if not (lowest or highest):
        return None
    value, count = (values[0], counts[0]) if lowest else (values[-1], counts[-1])
    if count < max(FEWEST_REPEATS, SMALLEST_PART * len(known)):
        return None
    if len(values) <= MANY and not USUAL.fullmatch(f"{value:g}"):
        return None
    return (
        f"{name}: {count} rows are {value:g}, far from all other values; if that means "
        "missing, leave the cells empty"
    )


def _on_period(factor: Factor, known: Float[np.ndarray, " row"]) -> str | None:
    """On a period that was not given, or of which angles cover less than a tenth."""
    period, values = factor.period, np.unique(known)
    if period is None:
        return (
            f"{factor.name}: no period was given, so one turn is taken to be "
            f"{factor.turn:g}, one step more than its range; if it is another, say "
            "circular:PERIOD"
        )
    if len(values) < 3:
        return None
    around = np.append(values, values[0] + period)
    covered = period - np.diff(around).max()
    if covered >= SMALLEST_COVER * period:
        return None
    text = f"{factor.name} covers {covered:.3g} of its period of {period:g}"
    if period > FULL_TURN and 1 < covered <= FULL_TURN + 1e-4:
        return f"{text}: are these radians? Then circular:{FULL_TURN:.4f}"
    return f"{text}: is that the length of one turn?"
