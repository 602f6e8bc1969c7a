"""Which part of what a latent reads of a factor goes with another factor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.answer.dependences import Dependences
from tinyvae.answer.rows import restricted, some_rows
from tinyvae.factors import Factor, FactorTable
from tinyvae.measures.readout import spline_basis
from tinyvae.representation import FEWEST_ROWS

MOST_ROWS = 4000
MOST_LABELS = 32  # labels with a column each; the rarer ones share one
LEAST_READOUT = 0.1  # of a match that is worth explaining
LEAST_PART = 0.1  # of its readout that another factor must account for
RIDGE = 1e-9  # splines of a latent and of a factor both span the constant

Columns = Float[np.ndarray, "sample _"]
Known = Float[np.ndarray, "known _"]  # rows that have both factors


class Covariate(NamedTuple):
    """Another factor, and the part of a match's readout that goes with it, 0 to 1.

    1: beside the other factor, the latent says nothing of this one.
    """

    factor: str
    part: float


def covariates_of(
    codes: Float[np.ndarray, "sample latent"],
    table: FactorTable,
    matching: tuple[int | None, ...],
    readout: Float[np.ndarray, "latent factor"],
) -> tuple[Covariate | None, ...]:
    """For each factor, the other factor that accounts for most of its readout.

    With R2(z), R2(c) and R2(z, c) of a factor from its latent z, from a covariate c and
    from both, the part is (R2(z) + R2(c) - R2(z, c)) / R2(z): what z and c read in
    common, as a part of what z reads. All by least squares on splines and labels,
    adjusted for their number. None below 0.1, for independent factors, and where the
    two factors depend on one another no more than shuffled rows do.

    Source: commonality analysis, Newton & Spurrell (1967).
    """
    nothing = (None,) * len(table.factors)
    if table.independent or len(table.factors) < 2:
        return nothing
    rows = some_rows(table, MOST_ROWS)
    some = restricted(table, rows, np.arange(len(table.factors)))
    depends = Dependences(some)
    return tuple(
        None
        if latent is None or not readout[latent, factor] >= LEAST_READOUT
        else _largest(codes[rows, latent], some, factor, depends)
        for factor, latent in enumerate(matching)
    )


def read_beyond(
    codes: Float[np.ndarray, "sample latent"],
    table: FactorTable,
    matching: tuple[int | None, ...],
    readout: Float[np.ndarray, "latent factor"],
) -> Float[np.ndarray, "latent factor"] | None:
    """What a latent reads of a factor beyond what its own factor tells of it.

    Where factors depend on one another, a latent that is one of them reads the others
    too. With m the factor that latent z is matched with, and reads better: R2(z) -
    R2(m) of the other factor, by least squares on splines and labels, adjusted for
    their number. Elsewhere, and where the two factors depend on one another no more
    than shuffled rows do, the readout as it is. None for independent factors.

    Not R2(z, m) - R2(m): m and a latent that is nearly m show their difference, however
    small, and the difference may tell all of the other factor.
    """
    if table.independent or len(table.factors) < 2:
        return None
    rows = some_rows(table, MOST_ROWS)
    some = restricted(table, rows, np.arange(len(table.factors)))
    beyond, depends = readout.copy(), Dependences(some)
    for own, latent in enumerate(matching):
        if latent is None:
            continue
        read = np.nan_to_num(readout[latent])
        for factor in np.flatnonzero((read >= LEAST_READOUT) & (read < read[own])):
            if depends.beyond_chance(int(factor), own):
                more = _more(codes[rows, latent], some, int(factor), own)
                beyond[latent, factor] = min(more, read[factor])
    return beyond


def _more(
    latent: Float[np.ndarray, " sample"], table: FactorTable, factor: int, own: int
) -> float:
    """R2(z) - R2(m) of a factor; infinite where too few rows have both factors."""
    found = _columns(latent, table, factor, own)
    if found is None:
        return np.inf
    from_latent, from_own, target, weight = found
    alone, by_own = (
        _adjusted_r2(columns, target, weight) for columns in (from_latent, from_own)
    )
    return max(0.0, alone - by_own)


def _largest(
    latent: Float[np.ndarray, " sample"],
    table: FactorTable,
    factor: int,
    depends: Dependences,
) -> Covariate | None:
    others = [place for place in range(len(table.factors)) if place != factor]
    parts = {other: _part(latent, table, factor, other) for other in others}
    for other in sorted(others, key=lambda other: -parts[other]):
        if parts[other] < LEAST_PART:
            break
        if depends.beyond_chance(factor, other):
            return Covariate(table.factors[other].name, parts[other])
    return None


def _part(
    latent: Float[np.ndarray, " sample"], table: FactorTable, factor: int, other: int
) -> float:
    found = _columns(latent, table, factor, other)
    if found is None:
        return 0.0
    from_latent, from_other, target, weight = found
    alone = _adjusted_r2(from_latent, target, weight)
    if alone < LEAST_READOUT:
        return 0.0
    both = _adjusted_r2(np.hstack([from_latent, from_other]), target, weight)
    common = alone + _adjusted_r2(from_other, target, weight) - both
    return float(np.clip(common / alone, 0, 1))


def _columns(
    latent: Float[np.ndarray, " sample"], table: FactorTable, factor: int, other: int
) -> tuple[Known, Known, Known, Float[np.ndarray, " known"]] | None:
    """Columns of the latent, of the other factor and of the target, and weights.

    From the rows that have both factors; None where one of them is constant there.
    """
    pair = table.values[:, [factor, other]]
    known = ~np.isnan(pair).any(axis=1)
    if known.sum() < FEWEST_ROWS or (np.ptp(pair[known], axis=0) == 0).any():
        return None
    if np.ptp(latent[known]) == 0:
        return None
    weight = table.probability[known] / table.probability[known].sum()
    return (
        spline_basis(latent[known], weight),
        _as_source(table.factors[other], pair[known, 1], weight),
        _as_target(table.factors[factor], pair[known, 0], weight),
        weight,
    )


def _as_target(
    factor: Factor,
    values: Float[np.ndarray, " sample"],
    weight: Float[np.ndarray, " sample"],
) -> Columns:
    """The factor as numbers, of mean 0."""
    if factor.kind == "categorical":
        columns = _labels(values)
    else:
        columns = factor.columns(values)
    return columns - weight @ columns


def _as_source(
    factor: Factor,
    values: Float[np.ndarray, " sample"],
    weight: Float[np.ndarray, " sample"],
) -> Columns:
    """What a factor is read from: a spline, cosine and sine, or labels."""
    if factor.kind == "categorical":
        return _labels(values)
    if factor.kind == "circular":
        return np.hstack([np.ones((len(values), 1)), factor.columns(values)])
    return spline_basis(values, weight)


def _labels(values: Float[np.ndarray, " sample"]) -> Columns:
    label = np.unique(values, return_inverse=True)[1]
    rank = np.argsort(np.argsort(-np.bincount(label), kind="stable"))[label]
    rank = np.minimum(rank, MOST_LABELS - 1)
    return np.eye(rank.max() + 1)[rank]


def _adjusted_r2(
    features: Float[np.ndarray, "sample feature"],
    target: Columns,
    weight: Float[np.ndarray, " sample"],
) -> float:
    """R2 of least squares, less what as many random columns would reach."""
    weighted = features * weight[:, None]
    normal = weighted.T @ features
    normal[np.diag_indices_from(normal)] += RIDGE * np.trace(normal)
    coefficients = np.linalg.solve(normal, weighted.T @ target)
    error = (weight @ (target - features @ coefficients) ** 2).sum()
    total = (weight @ target**2).sum()
    freedom = max(1, len(target) - features.shape[1])
    return float(max(0.0, 1 - error / total * (len(target) - 1) / freedom))
