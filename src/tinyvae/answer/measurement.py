"""Measurement: every number of the answer, and no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.answer.axes import (
    AxisScores,
    measure_axes,
    rows_of_factors,
    without_missing,
)
from tinyvae.answer.intervals import SampledIntervals, sampled_intervals
from tinyvae.answer.notes import notes_of
from tinyvae.answer.rows import (
    MOST_TURNED,
    TURNED_ROWS,
    restricted,
    rows_read,
    some_rows,
)
from tinyvae.factors import FactorTable
from tinyvae.measures.folds import combination_folds
from tinyvae.measures.ica import independent_components
from tinyvae.measures.joint_readout import linear_readout
from tinyvae.measures.matching import match_latents, matched_values
from tinyvae.measures.rotation import BestRotation, best_rotation
from tinyvae.measures.tables import (
    by_factor,
    factor_levels,
    numeric_columns,
    readout_of_table,
    share_of_table,
)
from tinyvae.representation import FEWEST_ROWS, Representation

INTERVAL_ROWS = 5000  # rows of the bootstrap; its spread is scaled to the others


class AfterIca(NamedTuple):
    """Scores of the independent components of the active latents."""

    share: Float[np.ndarray, "component factor"]
    readout: Float[np.ndarray, "component factor"]
    matching: tuple[int | None, ...]
    matched_share: Float[np.ndarray, " factor"]
    matched_readout: Float[np.ndarray, " factor"]
    converged: bool


@dataclass(frozen=True, eq=False)
class Measurement:
    """All that was measured of a representation.

    `kl` is in nats, NaN where it is not known. `intervals` is there for sampled tables
    only: a whole grid is the population. `notes` are sentences for a person.
    """

    axes: AxisScores
    kl: Float[np.ndarray, " latent"]
    linear_readout: Float[np.ndarray, " factor"]
    after_rotation: BestRotation
    after_ica: AfterIca
    independent: bool
    complete: bool
    intervals: SampledIntervals | None
    notes: tuple[str, ...]


def measure(
    representation: Representation,
    *,
    kl: Float[np.ndarray, " latent"] | None = None,
    names: tuple[str, ...] = (),
) -> Measurement:
    """Measure which latent is which factor, over every row of the table.

    Rows count by their probability. Latents that are not active are scored, but take
    no part in matching, joint and linear readout, rotation and ICA.

    Raises: ValueError if `kl` does not have one value for each latent.
    """
    num_latents = representation.num_latents
    kl = np.full(num_latents, np.nan) if kl is None else np.asarray(kl, float)
    if kl.shape != (num_latents,):
        raise ValueError(
            f"expected one KL (in nats) for each of the {num_latents} latents, "
            f"got shape {kl.shape}. Average the KL over pictures, not over latents."
        )
    table = representation.table
    codes = np.asarray(representation.codes, float)
    axes = measure_axes(representation, names)
    turning = _to_turn(representation)
    after_ica = _after_ica(turning, len(table.factors))
    notes = notes_of(axes, table)
    if representation.copies_note is not None:
        notes = (representation.copies_note, *notes)
    if not after_ica.converged:
        notes += ("ICA did not settle: its components are the last ones it tried",)
    return Measurement(
        axes=axes,
        kl=kl,
        linear_readout=_linear(codes[:, representation.active], table),
        after_rotation=_after_rotation(turning, axes),
        after_ica=after_ica,
        independent=table.independent,
        complete=table.complete,
        intervals=_intervals(codes, table, axes),
        notes=notes,
    )


def _to_turn(representation: Representation) -> Representation | None:
    """The rows for rotation and ICA: those with all labels, at most 10 000."""
    whole = without_missing(representation)
    if whole is None:
        return None
    rows = some_rows(whole.table, TURNED_ROWS)
    table = restricted(whole.table, rows, np.arange(len(whole.factors)))
    return Representation(whole.codes[rows], table, whole.active)


def _linear(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable
) -> Float[np.ndarray, " factor"]:
    linear = np.full(len(table.factors), np.nan)
    patterns = rows_of_factors(table)
    most = rows_read(codes.shape[1], len(patterns))
    for known, factors in patterns:
        rows = np.flatnonzero(known)
        if len(rows) < FEWEST_ROWS:
            continue
        some = restricted(table, rows, factors)
        few = some_rows(some, most)
        some = restricted(some, few, np.arange(len(factors)))
        columns, owner = numeric_columns(some)
        fold = combination_folds(some.values)
        scores = linear_readout(codes[rows[few]], columns, some.probability, fold=fold)
        linear[factors] = by_factor(scores, columns, owner, some)
    return linear


def _after_rotation(found: Representation | None, axes: AxisScores) -> BestRotation:
    if found is None:
        unknown = np.full(axes.share.shape, np.nan)
        nobody = (None,) * len(axes.factors)
        return BestRotation(np.eye(len(unknown)), 0.0, unknown, nobody, unknown[0])
    codes, table = np.asarray(found.codes, float), found.table
    active = _most_telling(axes)
    best = best_rotation(codes, factor_levels(table), table.probability, active)
    shares = share_of_table(codes @ best.rotation.T, table)
    matched = matched_values(shares, best.matching)
    return best._replace(share=shares, matched_share=matched)


def _most_telling(axes: AxisScores) -> Bool[np.ndarray, " latent"]:
    """The active latents that a rotation may turn: the 32 of the largest shares."""
    known = np.nan_to_num(axes.share, nan=0.0)
    return _largest(known.max(axis=1, initial=0.0), axes.active)


def _widest(
    codes: Float[np.ndarray, "sample latent"], active: Bool[np.ndarray, " latent"]
) -> Bool[np.ndarray, " latent"]:
    """The active latents that ICA unmixes: the 32 of the largest variances."""
    return _largest(codes.var(axis=0), active)


def _largest(
    values: Float[np.ndarray, " latent"], active: Bool[np.ndarray, " latent"]
) -> Bool[np.ndarray, " latent"]:
    chosen = np.zeros(len(active), bool)
    order = np.argsort(np.where(active, -values, np.inf), kind="stable")
    chosen[order[:MOST_TURNED]] = True
    return chosen & active


def _after_ica(found: Representation | None, num_factors: int) -> AfterIca:
    if found is None or not found.factors:  # nothing to match the components with
        nothing, unknown = np.zeros((0, num_factors)), np.full(num_factors, np.nan)
        nobody = (None,) * num_factors
        return AfterIca(nothing, nothing, nobody, unknown, unknown, converged=True)
    codes, table = np.asarray(found.codes, float), found.table
    widest = _widest(codes, found.active)
    components, converged = independent_components(codes, table.probability, widest)
    shares = share_of_table(components, table)
    readouts = readout_of_table(components, table)
    matching = match_latents(shares, readouts, np.ones(len(shares), bool))
    return AfterIca(
        shares,
        readouts,
        matching,
        matched_values(shares, matching),
        matched_values(readouts, matching),
        converged,
    )


def _intervals(
    codes: Float[np.ndarray, "sample latent"], table: FactorTable, axes: AxisScores
) -> SampledIntervals | None:
    """Intervals over the sampling of rows, widened to hold what was measured.

    Bags have fewer rows to learn from, so that their scores lie a little low.
    """
    if table.complete or not table.factors:
        return None
    num_factors = len(table.factors)
    share, readout = (np.full((num_factors, 2), np.nan) for _ in range(2))
    for known, factors in rows_of_factors(table):
        rows = np.flatnonzero(known)
        if len(rows) < FEWEST_ROWS:
            continue
        few = some_rows(restricted(table, rows, factors), INTERVAL_ROWS)
        matching = tuple(axes.matching[factor] for factor in factors)
        some = restricted(table, rows[few], factors)
        found = sampled_intervals(codes[rows[few]], some, matching)
        # fewer rows of the same groups are no fewer groups
        shrink = 1.0 if table.group is not None else np.sqrt(len(few) / len(rows))
        share[factors] = _scaled(found.share, shrink)
        readout[factors] = _scaled(found.readout, shrink)
    return SampledIntervals(
        _around(share, matched_values(axes.share, axes.matching)),
        _around(readout, matched_values(axes.readout, axes.matching)),
    )


def _scaled(
    interval: Float[np.ndarray, "factor 2"], shrink: float
) -> Float[np.ndarray, "factor 2"]:
    """An interval from fewer rows, made narrower as if from all, about its middle."""
    middle = interval.mean(axis=1, keepdims=True)
    return middle + shrink * (interval - middle)


def _around(
    interval: Float[np.ndarray, "factor 2"], value: Float[np.ndarray, " factor"]
) -> Float[np.ndarray, "factor 2"]:
    low, high = np.minimum(interval[:, 0], value), np.maximum(interval[:, 1], value)
    return np.stack([low, high], axis=1)  # NaN stays NaN
