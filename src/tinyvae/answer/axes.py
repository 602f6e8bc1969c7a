"""Each latent against each factor: share, readout, Spearman, groups, the matching.

Each factor is measured on the rows that have it; a missing label is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.answer.covariates import Covariate, covariates_of, read_beyond
from tinyvae.answer.groups import Group, groups_of
from tinyvae.answer.rows import (
    MOST_ROWS,
    drawn_rows,
    restricted,
    rows_read,
    some_rows,
)
from tinyvae.factors import FactorTable
from tinyvae.measures.matching import match_latents
from tinyvae.measures.spearman import spearman_matrix
from tinyvae.measures.tables import (
    joint_readout_of_table,
    readout_of_table,
    share_of_table,
)
from tinyvae.representation import FEWEST_ROWS, Representation

Scores = Float[np.ndarray, "latent factor"]


@dataclass(frozen=True, eq=False)
class AxisScores:
    """Each latent against each factor, and which latent is matched with which.

    `matching[k]` is the latent of factor k, or None. `undefined[k]` says why factor k
    cannot be judged, or None. `groups[k]` are the latents that read factor k better
    together than any of them alone, and `covariates[k]` is the factor that goes with
    what the latent reads of factor k. `beyond` is what each latent reads of a factor
    beyond what the factor that it is matched with tells of it; None where factors are
    independent. `names` are the latents' own names; z0, z1 and so
    on if there are none.
    """

    factors: tuple[str, ...]
    active: Bool[np.ndarray, " latent"]
    share: Scores
    readout: Scores
    spearman: Scores
    joint_readout: Float[np.ndarray, " factor"]
    matching: tuple[int | None, ...]
    undefined: tuple[str | None, ...]
    groups: tuple[Group | None, ...] = ()
    covariates: tuple[Covariate | None, ...] = ()
    names: tuple[str, ...] = ()
    beyond: Scores | None = None

    @property
    def read_by_itself(self) -> Scores:
        """What each latent reads of each factor beyond its own factor's part.

        The readout, where the factors are independent.
        """
        return self.readout if self.beyond is None else self.beyond

    @property
    def latents(self) -> tuple[str, ...]:
        """The name of each latent."""
        return self.names or tuple(f"z{latent}" for latent in range(len(self.active)))


class _Matrices(NamedTuple):
    share: Scores
    readout: Scores
    spearman: Scores
    joint: Float[np.ndarray, " factor"]


def measure_axes(
    representation: Representation, names: tuple[str, ...] = ()
) -> AxisScores:
    """Measure each latent against each factor, and match latents with factors."""
    table, active = representation.table, representation.active
    codes = np.asarray(representation.codes, float)
    found = _matrices(codes, table, active)
    undefined = tuple(_why_undefined(column) for column in table.values.T)
    matching = match_latents(found.share, found.readout, active)
    groups = groups_of(codes, table, found.share, found.readout, active)
    together = np.array([0.0 if g is None else g.readout for g in groups])
    # what a latent or a group reads, all latents together read
    alone = np.nan_to_num(found.readout[active], nan=0.0).max(axis=0, initial=0.0)
    joint = np.maximum(found.joint, np.maximum(alone, together))  # NaN stays NaN
    return AxisScores(
        factors=table.names,
        active=active,
        share=found.share,
        readout=found.readout,
        spearman=found.spearman,
        joint_readout=joint,
        matching=matching,
        undefined=undefined,
        groups=groups,
        covariates=covariates_of(codes, table, matching, found.readout),
        names=names,
        beyond=read_beyond(codes, table, matching, found.readout),
    )


def _matrices(
    codes: Float[np.ndarray, "sample latent"],
    table: FactorTable,
    active: Bool[np.ndarray, " latent"],
) -> _Matrices:
    """The scores of all factors, each from the rows that have it."""
    shape = (codes.shape[1], len(table.factors))
    share, readout, spearman = (np.full(shape, np.nan) for _ in range(3))
    joint = np.full(shape[1], np.nan)
    patterns = rows_of_factors(table)
    most = rows_read(codes.shape[1], len(patterns))
    for known, factors in patterns:
        if known.sum() < FEWEST_ROWS:
            continue
        rows = np.flatnonzero(known)
        whole = restricted(table, rows, factors)
        many = some_rows(whole, MOST_ROWS)
        some, drawn = restricted(whole, many, np.arange(len(factors))), rows[many]
        share[:, factors] = share_of_table(codes[drawn], some)
        spearman[:, factors] = _spearman(codes[drawn], some)
        # codes are taken row by row: a copy of all of them for each factor would take
        # longer than the scores
        for drawn, place, part in _parts(whole, rows, factors, most):
            read = codes[drawn]
            readout[:, place] = readout_of_table(read, part)
            joint[place] = joint_readout_of_table(read[:, active], part)
    return _Matrices(share, readout, spearman, joint)


def rows_of_factors(
    table: FactorTable,
) -> list[tuple[Bool[np.ndarray, " sample"], Int[np.ndarray, " chosen"]]]:
    """Factors that are known in the same rows, with these rows."""
    known = ~np.isnan(table.values)
    if known.all():
        return [(np.ones(len(table), bool), np.arange(len(table.factors)))]
    patterns, owner = np.unique(known, axis=1, return_inverse=True)
    return [
        (patterns[:, place], np.flatnonzero(owner.reshape(-1) == place))
        for place in range(patterns.shape[1])
    ]


def _spearman(codes: Float[np.ndarray, "sample latent"], table: FactorTable) -> Scores:
    unordered = np.array([factor.kind != "ordered" for factor in table.factors], bool)
    correlation = spearman_matrix(codes, table.values, table.probability)
    return np.where(unordered, np.nan, correlation)


def _parts(
    table: FactorTable,
    rows: Int[np.ndarray, " sample"],
    factors: Int[np.ndarray, " factor"],
    most: int,
) -> list[tuple[Int[np.ndarray, " row"], Int[np.ndarray, " chosen"], FactorTable]]:
    """What readouts use: rows, factors and their table; of many rows a draw by label.

    `rows` and `factors` say where the rows and factors of `table` stand in the codes
    and among all factors.
    """
    if len(table) <= most:
        return [(rows, factors, table)]
    return [
        (rows[drawn], factors[chosen], restricted(table, drawn, chosen))
        for drawn, chosen in drawn_rows(table, most)
    ]


def _why_undefined(values: Float[np.ndarray, " sample"]) -> str | None:
    known = values[~np.isnan(values)]
    if len(known) < FEWEST_ROWS:
        return f"known in {len(known)} rows, and {FEWEST_ROWS} are needed"
    if np.ptp(known) == 0:
        return "constant: it has one value only"
    return None


def without_missing(representation: Representation) -> Representation | None:
    """The rows that have every label; None if there are too few of them."""
    table = representation.table
    known = ~np.isnan(table.values).any(axis=1)
    if known.all():
        return representation
    if known.sum() < FEWEST_ROWS:
        return None
    every = np.arange(len(table.factors))
    return replace(
        representation,
        codes=representation.codes[known],
        table=restricted(table, np.flatnonzero(known), every),
    )
