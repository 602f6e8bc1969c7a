"""Mutual information of two columns of labels, in nats, corrected for chance."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


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

    Source: Miller (1955), "Note on the bias of information estimates"; Vinh, Epps &
    Bailey (2010), "Information theoretic measures for clusterings comparison".
    """
    counts = counts_of(left, right)
    counts = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    joint = counts / len(left)
    ends = _entropy(joint.sum(1)), _entropy(joint.sum(0))
    shared = sum(ends) - _entropy(joint.ravel())
    most, chance = min(ends), expected_information(counts)
    miller = (_cells(counts) - sum(counts.shape) + 1) / (2 * len(left))
    adjusted = chance * (most - shared) / max(most - chance, 1e-12)
    return float(shared - min(max(miller, adjusted), chance))


def counts_of(
    left: Int[np.ndarray, " sample"], right: Int[np.ndarray, " sample"]
) -> Int[np.ndarray, "row column"]:
    """Number of rows with each pair of labels."""
    shape = int(left.max()) + 1, int(right.max()) + 1
    flat = left.astype(np.int64) * shape[1] + right
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)


def expected_information(counts: Int[np.ndarray, "row column"]) -> float:
    """Average information of a table with these margins and independent labels."""
    from sklearn.metrics.cluster import expected_mutual_information

    return float(expected_mutual_information(counts, int(counts.sum())))


def _cells(counts: Int[np.ndarray, "row column"]) -> float:
    """Estimated number of cells that are possible, from those seen once and twice."""
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    unseen = once * (once - 1) / (2 * (twice + 1))
    return min(float(counts.size), np.count_nonzero(counts) + unseen)


def _entropy(probability: Float[np.ndarray, " cell"]) -> float:
    """H = - sum p ln p, in nats."""
    positive = probability[probability > 0]
    return max(0.0, float(-(positive * np.log(positive)).sum()))
