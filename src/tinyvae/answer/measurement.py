"""Measurement: every number of the answer, and no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.answer.intervals import SampledIntervals, sampled_intervals
from tinyvae.factors import FactorTable
from tinyvae.measures.factor_dependence import factor_dependence
from tinyvae.measures.folds import combination_folds
from tinyvae.measures.ica import independent_components
from tinyvae.measures.joint_readout import linear_readout
from tinyvae.measures.matching import match_latents, matched_values
from tinyvae.measures.rotation import BestRotation, best_rotation
from tinyvae.measures.spearman import spearman_matrix
from tinyvae.measures.tables import (
    by_factor,
    factor_levels,
    joint_readout_of_table,
    numeric_columns,
    readout_of_table,
    share_of_table,
)
from tinyvae.representation import Representation

# Rotation and ICA look at so many latents at most: beyond, they take minutes.
MOST_TURNED = 32


@dataclass(frozen=True, eq=False)
class AxisScores:
    """Each latent against each factor, and which latent is matched with which.

    `matching[k]` is the latent of factor k, or None. `undefined[k]` says why factor k
    cannot be judged, or None.
    """

    factors: tuple[str, ...]
    active: Bool[np.ndarray, " latent"]
    share: Float[np.ndarray, "latent factor"]
    readout: Float[np.ndarray, "latent factor"]
    spearman: Float[np.ndarray, "latent factor"]
    joint_readout: Float[np.ndarray, " factor"]
    matching: tuple[int | None, ...]
    undefined: tuple[str | None, ...]


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
    representation: Representation, *, kl: Float[np.ndarray, " latent"] | None = None
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
    axes = measure_axes(representation)
    after_ica = _after_ica(codes, table, _widest(codes, representation.active))
    notes = _notes(axes, table)
    if representation.copies_note is not None:
        notes = (representation.copies_note, *notes)
    if not after_ica.converged:
        notes += ("ICA did not settle: its components are the last ones it tried",)
    return Measurement(
        axes=axes,
        kl=kl,
        linear_readout=_linear(codes[:, representation.active], table),
        after_rotation=_after_rotation(codes, table, _most_telling(axes)),
        after_ica=after_ica,
        independent=table.independent,
        complete=table.complete,
        intervals=_intervals(codes, table, axes),
        notes=notes,
    )


def measure_axes(representation: Representation) -> AxisScores:
    """Share, readout and Spearman of each latent with each factor; the matching."""
    table, active = representation.table, representation.active
    codes = np.asarray(representation.codes, float)
    shares, readouts = share_of_table(codes, table), readout_of_table(codes, table)
    unordered = np.array([factor.kind != "ordered" for factor in table.factors])
    joint = joint_readout_of_table(codes[:, active], table)
    # what one latent reads all latents together read
    alone = np.nan_to_num(readouts[active], nan=0.0).max(axis=0, initial=0.0)
    correlation = spearman_matrix(codes, table.values, table.probability)
    return AxisScores(
        factors=table.names,
        active=active,
        share=shares,
        readout=readouts,
        spearman=np.where(unordered, np.nan, correlation),
        joint_readout=np.where(np.isnan(joint), joint, np.maximum(joint, alone)),
        matching=match_latents(shares, readouts, active),
        undefined=tuple(_why_undefined(column) for column in table.values.T),
    )


def _linear(codes, table):
    columns, owner = numeric_columns(table)
    fold = combination_folds(table.values)
    scores = linear_readout(codes, columns, table.probability, fold=fold)
    return by_factor(scores, columns, owner, table)


def _after_rotation(codes, table, active):
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


def _after_ica(
    codes: Float[np.ndarray, "sample latent"],
    table: FactorTable,
    active: Bool[np.ndarray, " latent"],
) -> AfterIca:
    if not table.factors:  # nothing to match the components with
        nothing = np.zeros((0, 0))
        return AfterIca(nothing, nothing, (), np.zeros(0), np.zeros(0), converged=True)
    components, converged = independent_components(codes, table.probability, active)
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
    found = sampled_intervals(codes, table, axes.matching)
    share = matched_values(axes.share, axes.matching)
    readout = matched_values(axes.readout, axes.matching)
    return SampledIntervals(
        _around(found.share, share), _around(found.readout, readout)
    )


def _around(
    interval: Float[np.ndarray, "factor 2"], value: Float[np.ndarray, " factor"]
) -> Float[np.ndarray, "factor 2"]:
    low, high = np.minimum(interval[:, 0], value), np.maximum(interval[:, 1], value)
    return np.stack([low, high], axis=1)  # NaN stays NaN


def _why_undefined(values) -> str | None:
    if np.ptp(values) == 0:
        return "constant: it has one value only"
    return None


def _dependence_notes(table: FactorTable) -> list[str]:
    """What is to be kept in mind where factors depend on one another."""
    if table.complete:
        if len(table.factors) < 2:
            return []
        return [
            "the factors depend on one another, so shares of a latent may add up to "
            "more than 1"
        ]
    pairs = factor_dependence(table)
    if not pairs:
        return []
    first, *others = pairs
    more = f" ({len(others)} other pairs depend as well)" if len(others) > 1 else ""
    if len(others) == 1:
        more = f" ({others[0].factor} and {others[0].other} depend as well)"
    return [
        f"{first.factor} and {first.other} depend on one another "
        f"({first.explained:.2f} of the variance of {first.factor} goes with "
        f"{first.other}; {first.chance:.2f} by chance), so a latent that follows one "
        f"also follows the other{more}"
    ]


def _notes(axes: AxisScores, table: FactorTable) -> tuple[str, ...]:
    notes = [
        f"{name} is undefined ({reason})"
        for name, reason in zip(axes.factors, axes.undefined, strict=True)
        if reason is not None
    ]
    if not table.independent:
        notes += _dependence_notes(table)
    if not table.complete and table.factors:
        notes.append(
            f"sampled: {len(table)} random rows stand for the whole, and the intervals "
            "say how far 95 % of such samples stray"
        )
    num_active = np.count_nonzero(axes.active)
    if num_active > MOST_TURNED and table.factors:
        notes.append(
            f"active latents: {num_active}; rotation and ICA look at {MOST_TURNED} of "
            "them, those with the largest shares and the largest variances"
        )
    if num_active < len(axes.factors):
        notes.append(
            f"active latents: {num_active}, factors: {len(axes.factors)}, so some "
            "factors have no latent"
        )
    return tuple(notes)
