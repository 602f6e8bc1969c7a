"""Whether factors depend on one another, measured in the rows of a sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import Factor, FactorTable
from tinyvae.measures.share import equal_probability_bins

MOST_ROWS = 2000  # more rows show no dependence worth a word that these do not
MOST_LEVELS = 8  # groups of a factor that has many values
MOST_LABELS = 32  # groups of a categorical factor; the rarest labels share one
NUM_SHUFFLES = 49
LEAST = 0.01  # beyond chance; less is not worth a word
SEED = 0


class Dependence(NamedTuple):
    """How much of one factor goes with another.

    `explained` is the share of the variance of `factor` between groups of equal
    `other`, 0 to 1; `chance` is what shuffled rows explain on average.
    """

    factor: str
    other: str
    explained: float
    chance: float


def factor_dependence(table: FactorTable) -> tuple[Dependence, ...]:
    """Pairs of factors that depend on one another beyond chance, strongest first.

    Each factor is predicted by its mean within groups of equal values of another one:
    the correlation ratio. Continuous factors are put into 8 groups; a label counts as
    one column of 0 and 1 for each value, a circular factor as cosine and sine. A pair
    counts where it exceeds its chance by more than any pair does in 49 shuffles of the
    rows (so a table of independent factors shows one with probability 1 / 50). Of the
    two directions of a pair the one that explains a number is given, or the stronger.

    Source: the correlation ratio, Pearson (1905); the largest of all pairs as the
    threshold, Westfall & Young (1993), "Resampling-based multiple testing".
    """
    rng = np.random.default_rng(SEED)
    rows = rng.permutation(len(table))[:MOST_ROWS]
    values = table.values[rows]
    moving = np.flatnonzero(np.ptp(values, axis=0) > 0) if len(rows) else []
    if len(moving) < 2:
        return ()
    groups = [_groups(table.factors[k], values[:, k]) for k in moving]
    columns = [
        _columns(table.factors[k], values[:, k], g)
        for k, g in zip(moving, groups, strict=True)
    ]
    targets = np.hstack(columns)
    targets = (targets - targets.mean(axis=0)).astype(np.float32)  # fast products
    owner = np.repeat(np.arange(len(moving)), [c.shape[1] for c in columns])
    membership = np.hstack(
        [np.eye(group.max() + 1, dtype=np.float32)[group] for group in groups]
    )
    other_of = np.repeat(np.arange(len(moving)), [g.max() + 1 for g in groups])
    found = _explained(membership, other_of, targets, owner)
    shuffled = np.stack(
        [
            _explained(membership, other_of, targets[rng.permutation(len(rows))], owner)
            for _ in range(NUM_SHUFFLES)
        ]
    )
    chance = shuffled.mean(axis=0)
    beyond, by_luck = found - chance, shuffled - chance
    apart = ~np.eye(len(moving), dtype=bool)
    threshold = max(LEAST, by_luck[:, apart].max())
    labels = [table.factors[k].kind == "categorical" for k in moving]
    strongest = []
    for one in range(len(moving)):
        for other in range(one):
            # the variance of a number is plainer than that of labels
            pair = max(
                ((one, other), (other, one)),
                key=lambda places: (
                    beyond[places] > threshold and not labels[places[0]],
                    beyond[places],
                ),
            )
            if beyond[pair] > threshold:
                strongest.append(pair)
    strongest.sort(key=lambda places: -beyond[places])
    names = [table.names[k] for k in moving]
    return tuple(
        Dependence(names[of], names[on], float(found[of, on]), float(chance[of, on]))
        for of, on in strongest
    )


def _groups(
    factor: Factor, values: Float[np.ndarray, " sample"]
) -> Int[np.ndarray, " sample"]:
    """Number of the group that each row falls into."""
    level = np.unique(values, return_inverse=True)[1]
    if factor.kind == "categorical":
        order = np.argsort(-np.bincount(level), kind="stable")
        rank = np.argsort(order)
        return np.minimum(rank[level], MOST_LABELS - 1)
    if level.max() < MOST_LEVELS:
        return level
    probability = np.full(len(values), 1 / len(values))
    bins = equal_probability_bins(values, probability, MOST_LEVELS)
    return np.unique(bins, return_inverse=True)[1]


def _columns(
    factor: Factor,
    values: Float[np.ndarray, " sample"],
    group: Int[np.ndarray, " sample"],
) -> Float[np.ndarray, "sample column"]:
    """The factor as numbers, of total variance 1."""
    if factor.kind == "categorical":
        columns = np.eye(group.max() + 1)[group]
    else:
        columns = factor.columns(values)
    return columns / np.sqrt(columns.var(axis=0).sum())


def _explained(
    membership: Float[np.ndarray, "sample group"],
    other: Int[np.ndarray, " group"],
    targets: Float[np.ndarray, "sample column"],
    owner: Int[np.ndarray, " column"],
) -> Float[np.ndarray, "factor factor"]:
    """Share of each factor's variance between the groups of each other factor.

    `membership` has a column of 0 and 1 for each group of each factor (`other`).
    """
    count = membership.sum(axis=0)
    between = (membership.T @ targets) ** 2 / count[:, None] / len(targets)
    shape = (other.max() + 1,) * 2
    explained = np.zeros(shape)
    np.add.at(explained, (owner[None, :], other[:, None]), between)
    return explained
