"""Pairs and triples of latents that hold a factor together: circles, and others."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.answer.rows import restricted, some_rows
from tinyvae.factors import FactorTable
from tinyvae.measures.folds import combination_folds
from tinyvae.measures.joint_readout import joint_readout
from tinyvae.measures.label_readout import label_readout
from tinyvae.measures.share import is_constant
from tinyvae.measures.spearman import standardised
from tinyvae.measures.tables import by_factor, numeric_columns
from tinyvae.representation import FEWEST_ROWS

NUM_CANDIDATES = 6  # latents of which the groups are formed: 15 pairs, 4 triples
SEARCH_ROWS = 2000  # rows on which groups are compared
FINAL_ROWS = 10_000  # rows on which the chosen group is read
GAIN = 0.02  # R2 by which a group must read better than what is smaller
RIDGE = 1e-3

Codes = Float[np.ndarray, "sample latent"]


class Group(NamedTuple):
    """Latents that read a factor better together than any of them alone.

    `share` is the smallest of their shares: how much of each latent is the factor's.
    """

    latents: tuple[int, ...]
    readout: float
    share: float
    circle: bool  # two latents that hold the cosine and sine of a circular factor


def groups_of(
    codes: Codes,
    table: FactorTable,
    share: Float[np.ndarray, "latent factor"],
    readout: Float[np.ndarray, "latent factor"],
    active: Bool[np.ndarray, " latent"],
) -> tuple[Group | None, ...]:
    """For each factor the best pair or triple of latents; None where one latent does.

    Six latents are tried: those with the best readout alone, and those with the
    largest weight in a linear function of all latents. Each pair of them is read
    together, and the best pair with each of the others. A group counts if it reads the
    factor by 0.02 more than its best part does.
    """
    moving = np.flatnonzero(active & ~is_constant(codes))
    found: list[Group | None] = []
    for factor in range(len(table.factors)):
        values = table.values[:, factor]
        rows = np.flatnonzero(~np.isnan(values))
        known = values[rows]
        usable = len(known) >= FEWEST_ROWS and np.ptp(known) > 0 and len(moving) > 1
        single = np.nanmax(readout[moving, factor]) if usable else 1.0
        if not single < 1 - GAIN:  # NaN too
            found.append(None)
            continue
        one = restricted(table, rows, np.array([factor]))
        group = _best(codes[rows], one, readout[:, factor], moving)
        found.append(_judged(group, share[:, factor], single, table, factor))
    return tuple(found)


def _judged(group, share, single, table, factor) -> Group | None:
    latents, together = group
    if together < single + GAIN:
        return None
    circle = table.factors[factor].kind == "circular" and len(latents) == 2
    return Group(latents, together, float(np.min(share[list(latents)])), circle)


def _best(
    codes: Codes,
    table: FactorTable,
    readout: Float[np.ndarray, " latent"],
    moving: Int[np.ndarray, " moving"],
) -> tuple[tuple[int, ...], float]:
    """The best pair, or a triple that reads better by 0.02, and its readout."""
    rows = some_rows(table, SEARCH_ROWS)
    here, few = codes[rows], restricted(table, rows, np.array([0]))
    chosen = _candidates(here, few, readout, moving)

    def reads(latents: tuple[int, ...]) -> float:
        return _together(here[:, list(latents)], few)

    pairs = {pair: reads(pair) for pair in combinations(chosen, 2)}
    pair = max(pairs, key=pairs.__getitem__)
    triples = {}
    if pairs[pair] < 1 - GAIN:
        others = [latent for latent in chosen if latent not in pair]
        three = [tuple(sorted((*pair, other))) for other in others]
        triples = {latents: reads(latents) for latents in three}
    best = max(triples, key=triples.__getitem__, default=pair)
    if triples.get(best, 0.0) < pairs[pair] + GAIN:
        best = pair
    rows = some_rows(table, FINAL_ROWS)
    final = _together(
        codes[rows][:, list(best)], restricted(table, rows, np.array([0]))
    )
    return best, final


def _candidates(
    codes: Codes,
    table: FactorTable,
    readout: Float[np.ndarray, " latent"],
    moving: Int[np.ndarray, " moving"],
) -> list[int]:
    """Latents that read the factor best, and those of large weight beside others."""
    alone = moving[np.argsort(-np.nan_to_num(readout[moving]), kind="stable")]
    beside = moving[np.argsort(-_weight(codes[:, moving], table), kind="stable")]
    half = NUM_CANDIDATES // 2
    order = [*alone[:half], *beside[:half], *alone[half:], *beside[half:]]
    return sorted(list(dict.fromkeys(map(int, order)))[:NUM_CANDIDATES])


def _weight(codes: Codes, table: FactorTable) -> Float[np.ndarray, " latent"]:
    """Size of each latent's coefficient in a ridge regression of the factor."""
    columns, _ = numeric_columns(table)
    if columns.shape[1] == 0:  # labels
        label = np.unique(table.values[:, 0], return_inverse=True)[1]
        columns = np.eye(label.max() + 1)[label]
    features = standardised(codes, table.probability)
    targets = standardised(columns, table.probability)
    normal = features.T @ features / len(features)
    normal[np.diag_indices_from(normal)] += RIDGE
    weight = np.linalg.solve(normal, features.T @ targets / len(features))
    return np.abs(weight).max(axis=1)


def _together(codes: Codes, table: FactorTable) -> float:
    """How well these latents together read the table's only factor, 0 to 1."""
    columns, owner = numeric_columns(table)
    if columns.shape[1] == 0:
        return float(label_readout(codes, table.values[:, 0]))
    fold = combination_folds(table.values)
    scores = joint_readout(codes, columns, table.probability, fold=fold)
    return float(np.nan_to_num(by_factor(scores, columns, owner, table)[0]))
