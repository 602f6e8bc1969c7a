"""Mutual information of two columns of labels, in nats, corrected for chance."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

TINY = 1e-9  # nats; less is rounding
MOST_PAIRS = 2000  # of different margins that are looped over


def information_of_labels(
    left: Int[np.ndarray, " sample"], right: Int[np.ndarray, " sample"]
) -> float:
    """Mutual information of two columns of labels (from 0), in nats.

    The plug-in value of the table of counts, less what such a table shows by chance.
    Of two corrections the larger is subtracted. Miller and Madow's,

        (cells in use - rows - columns + 1) / 2N,

    is right where cells hold several rows each. In a sparse table it is too small, and
    the second one holds: with E the average information of the same labels when one
    column is shuffled, and H the smaller of the two entropies,

        E (H - I) / (H - E),

    which is E for independent labels, and 0 where one column determines the other.
    Where E is H, as for labels of one row each, nothing can be known, and the result
    is 0.

    Source: Miller (1955), "Note on the bias of information estimates"; Vinh, Epps &
    Bailey (2010), "Information theoretic measures for clusterings comparison".
    """
    counts = counts_of(left, right)
    counts = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    joint = counts / len(left)
    ends = _entropy(joint.sum(1)), _entropy(joint.sum(0))
    shared = sum(ends) - _entropy(joint.ravel())
    most, chance = min(ends), expected_information(counts)
    if most - chance <= TINY:
        return 0.0
    miller = (_cells(counts) - sum(counts.shape) + 1) / (2 * len(left))
    adjusted = chance * (most - shared) / (most - chance)
    return float(shared - min(max(miller, adjusted), chance))


def counts_of(
    left: Int[np.ndarray, " sample"], right: Int[np.ndarray, " sample"]
) -> Int[np.ndarray, "row column"]:
    """Number of rows with each pair of labels."""
    shape = int(left.max()) + 1, int(right.max()) + 1
    flat = left.astype(np.int64) * shape[1] + right
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)


def expected_information(counts: Int[np.ndarray, "row column"]) -> float:
    """Average information of a table with these margins and independent labels.

    The sum over cells of n / N ln(N n / a b), over the hypergeometric probability of
    n rows in a cell of margins a and b. Cells of equal margins are computed once.

    Source: Vinh, Epps & Bailey (2010), eq. 24, as in scikit-learn, which computes each
    cell anew.
    """
    left, how_many_left = np.unique(counts.sum(1), return_counts=True)
    right, how_many_right = np.unique(counts.sum(0), return_counts=True)
    if len(left) * len(right) > MOST_PAIRS:
        from sklearn.metrics.cluster import expected_mutual_information

        return float(expected_mutual_information(counts, int(counts.sum())))
    num_rows = int(counts.sum())
    log_factorial = np.concatenate([[0], np.cumsum(np.log(np.arange(1, num_rows + 1)))])
    total = 0.0
    for a, many_a in zip(map(int, left), how_many_left, strict=True):
        for b, many_b in zip(map(int, right), how_many_right, strict=True):
            shown = _information_of_cell(a, b, num_rows, log_factorial)
            total += float(many_a * many_b * shown)
    return total


def _information_of_cell(
    a: int, b: int, num_rows: int, log_factorial: Float[np.ndarray, " count"]
) -> float:
    """Average of n / N ln(N n / a b) for a cell of margins a and b."""
    n = np.arange(max(1, a + b - num_rows), min(a, b) + 1)
    if len(n) == 0:
        return 0.0
    log_probability = (
        log_factorial[[a, b, num_rows - a, num_rows - b]].sum()
        - log_factorial[num_rows]
        - log_factorial[n]
        - log_factorial[a - n]
        - log_factorial[b - n]
        - log_factorial[num_rows - a - b + n]
    )
    term = n / num_rows * np.log(num_rows * n / (a * b))
    return float(term @ np.exp(log_probability))


def _cells(counts: Int[np.ndarray, "row column"]) -> float:
    """Estimated number of cells that are possible, from those seen once and twice."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    unseen = once * (once - 1) / (2 * (twice + 1))
    return min(float(counts.size), np.count_nonzero(counts) + unseen)


def _entropy(probability: Float[np.ndarray, " cell"]) -> float:
    """H = - sum p ln p, in nats."""
    positive = probability[probability > 0]
    return max(0.0, float(-(positive * np.log(positive)).sum()))
