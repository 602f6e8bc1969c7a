"""Whether factors depend on one another, measured in the rows of a sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.factors import Factor, FactorTable
from tinyvae.measures.share import equal_probability_bins

MOST_ROWS = 2000  # sampled; more rows show no further dependence worth reporting
MOST_LEVELS = 8  # groups of a factor that has many values
MOST_LABELS = 32  # groups of a categorical factor; the rarest labels share one
NUM_SHUFFLES = 49
LEAST = 0.01  # above chance; less is not reported
SEED = 0


class Dependence(NamedTuple):
    """How much of one factor another factor explains.

    `explained` is the share of the variance of `factor` between groups of equal
    `other`, 0 to 1; `chance` is what shuffled rows explain on average.
    """

    factor: str
    other: str
    explained: float
    chance: float


def factor_dependence(table: FactorTable) -> tuple[Dependence, ...]:
    """Pairs of factors whose dependence exceeds chance, strongest first.

    Each factor is predicted by its mean within groups of equal values of another one
    (the correlation ratio). Continuous factors are put into 8 groups; a categorical
    factor becomes one 0/1 column per label, a circular one cosine and sine. A pair is
    listed if it exceeds its chance by more than any pair does in 49 shuffles of the
    rows, so a table of independent factors lists one with probability 1 / 50. Each pair
    is given in one direction: the one that explains a number, else the stronger.

    Source: the correlation ratio, Pearson (1905); the largest of all pairs as the
    threshold, Westfall & Young (1993), "Resampling-based multiple testing".
    """
    rows = np.random.default_rng(SEED).permutation(len(table))[:MOST_ROWS]
    values = table.values[rows]
    moving = np.flatnonzero((values != values[:1]).any(axis=0))
    if len(moving) < 2:
        return ()
    factors = [table.factors[place] for place in moving]
    found, shuffled = _found_and_shuffled(factors, values[:, moving])
    chance = shuffled.mean(axis=0)
    apart = ~np.eye(len(factors), dtype=bool)
    threshold = max(LEAST, (shuffled - chance)[:, apart].max())
    beyond = found - chance
    pairs = [
        _direction(one, other, beyond > threshold, beyond, factors)
        for one in range(len(factors))
        for other in range(one)
    ]
    pairs = [pair for pair in pairs if beyond[pair] > threshold]
    return tuple(
        Dependence(
            factors[pair[0]].name,
            factors[pair[1]].name,
            float(found[pair]),
            float(chance[pair]),
        )
        for pair in sorted(pairs, key=lambda pair: -beyond[pair])
    )


def _direction(
    one: int,
    other: int,
    counts: Bool[np.ndarray, "factor factor"],
    beyond: Float[np.ndarray, "factor factor"],
    factors: list[Factor],
) -> tuple[int, int]:
    """The factor that is explained, and the factor that explains it.

    A number is preferred, as its variance is easier to understand than that of labels;
    otherwise the stronger direction counts.
    """

    def rank(pair):
        return counts[pair] and factors[pair[0]].kind != "categorical", beyond[pair]

    return max(((one, other), (other, one)), key=rank)


def _found_and_shuffled(
    factors: list[Factor], values: Float[np.ndarray, "sample factor"]
) -> tuple[
    Float[np.ndarray, "factor factor"], Float[np.ndarray, "shuffle factor factor"]
]:
    """Share of each factor that each other one explains, in the rows and shuffled."""
    rng = np.random.default_rng(SEED)
    pairs = list(zip(factors, values.T, strict=True))
    groups = [_groups(factor, column) for factor, column in pairs]
    columns = [
        _columns(factor, column, group)
        for (factor, column), group in zip(pairs, groups, strict=True)
    ]
    # 32-bit numbers, for fast products
    targets = np.hstack(columns)
    targets = (targets - targets.mean(axis=0)).astype(np.float32)
    owner = np.repeat(np.arange(len(factors)), [c.shape[1] for c in columns])
    membership = np.hstack(
        [np.eye(group.max() + 1, dtype=np.float32)[group] for group in groups]
    )
    other = np.repeat(np.arange(len(factors)), [g.max() + 1 for g in groups])
    orders = [rng.permutation(len(values)) for _ in range(NUM_SHUFFLES)]
    found = _explained(membership, other, targets, owner)
    shuffled = [_explained(membership, other, targets[o], owner) for o in orders]
    return found, np.stack(shuffled)


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
