"""Pairs and triples of latents that hold a factor together: circles, and others."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.answer.rows import restricted, some_rows
from tinyvae.factors import FactorTable
from tinyvae.measures.folds import combination_folds, held_out_r2
from tinyvae.measures.label_readout import label_readout
from tinyvae.measures.readout import spline_basis
from tinyvae.measures.share import is_constant
from tinyvae.measures.spearman import standardised
from tinyvae.representation import FEWEST_ROWS

NUM_CANDIDATES = 6  # latents of which the groups are formed: 15 pairs, 4 triples
SEARCH_ROWS = 2000  # rows on which groups are compared
FINAL_ROWS = 10_000  # rows on which the chosen group is read
GAIN = 0.02  # R2 by which a group must read better than what is smaller
RIDGE = 1e-4

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
    together, and the best pair with each of the others: a ridge regression on the
    products of their splines predicts the factor in held-out combinations (labels: a
    decision tree). A group counts if it reads the factor by 0.02 more than its best
    part does.
    """
    moving = np.flatnonzero(active & ~is_constant(codes))
    lowest = np.nanmin(table.values, initial=0.0) - 1  # stands for a missing label
    fold = combination_folds(np.nan_to_num(table.values, nan=lowest))
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
        group = _best(codes[rows], one, fold[rows], readout[:, factor], moving)
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
    fold: Int[np.ndarray, " sample"],
    readout: Float[np.ndarray, " latent"],
    moving: Int[np.ndarray, " moving"],
) -> tuple[tuple[int, ...], float]:
    """The best pair, or a triple that reads better by 0.02, and its readout."""
    rows = some_rows(table, SEARCH_ROWS)
    few = restricted(table, rows, np.array([0]))
    targets, weight = _targets(few), few.probability
    chosen = _candidates(codes[rows], targets, weight, readout, moving)
    splines = {latent: spline_basis(codes[rows, latent], weight) for latent in chosen}

    def reads(latents: tuple[int, ...]) -> float:
        features = _products([splines[latent] for latent in latents])
        return _held_out(features, targets, weight, fold[rows])

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
    return best, _together(codes[:, list(best)], table, fold)


def _together(
    codes: Codes, table: FactorTable, fold: Int[np.ndarray, " sample"]
) -> float:
    """How well these latents together read the table's only factor, 0 to 1."""
    rows = some_rows(table, FINAL_ROWS)
    codes, some = codes[rows], restricted(table, rows, np.array([0]))
    if some.factors[0].kind == "categorical":
        return float(np.nan_to_num(label_readout(codes, some.values[:, 0])))
    features = _products([spline_basis(z, some.probability) for z in codes.T])
    return _held_out(features, _targets(some), some.probability, fold[rows])


def _targets(table: FactorTable) -> Float[np.ndarray, "sample column"]:
    """The table's only factor as numbers; labels have a column each."""
    factor, values = table.factors[0], table.values[:, 0]
    if factor.kind != "categorical":
        return factor.columns(values)
    label = np.unique(values, return_inverse=True)[1]
    return np.eye(label.max() + 1)[label]


def _candidates(
    codes: Codes,
    targets: Float[np.ndarray, "sample column"],
    probability: Float[np.ndarray, " sample"],
    readout: Float[np.ndarray, " latent"],
    moving: Int[np.ndarray, " moving"],
) -> list[int]:
    """Latents that read the factor best, and those of large weight beside others."""
    features = standardised(codes[:, moving], probability)
    weighted = features * probability[:, None]
    normal = weighted.T @ features
    normal[np.diag_indices_from(normal)] += RIDGE
    moment = weighted.T @ standardised(targets, probability)
    weight = np.abs(np.linalg.solve(normal, moment)).max(axis=1)
    alone = moving[np.argsort(-np.nan_to_num(readout[moving]), kind="stable")]
    beside = moving[np.argsort(-weight, kind="stable")]
    half = NUM_CANDIDATES // 2
    order = [*alone[:half], *beside[:half], *alone[half:], *beside[half:]]
    return sorted(list(dict.fromkeys(map(int, order)))[:NUM_CANDIDATES])


def _products(
    splines: list[Float[np.ndarray, "sample _"]],
) -> Float[np.ndarray, "sample feature"]:
    """Every product of one spline of each latent: functions of them together."""
    features = np.ones((len(splines[0]), 1))
    for basis in splines:
        features = (features[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
    return features


def _held_out(
    features: Float[np.ndarray, "sample feature"],
    targets: Float[np.ndarray, "sample column"],
    probability: Float[np.ndarray, " sample"],
    fold: Int[np.ndarray, " sample"],
) -> float:
    """R2 of held-out rows by ridge regression, over columns by their variance."""
    centred = targets - probability @ targets
    weighted = features * probability[:, None]
    normal, moment = weighted.T @ features, weighted.T @ centred
    penalty = RIDGE * np.trace(normal) / len(normal) * np.eye(len(normal))
    predicted = np.zeros_like(centred)
    for left_out in np.unique(fold):
        test = fold == left_out
        seen = normal - weighted[test].T @ features[test]
        told = moment - weighted[test].T @ centred[test]
        predicted[test] = features[test] @ np.linalg.solve(seen + penalty, told)
    variance = probability @ centred**2
    scores = np.nan_to_num(held_out_r2(predicted, centred, probability))
    return float(scores @ variance / variance.sum())
