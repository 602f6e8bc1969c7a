"""Mutual information of latents and factors, in nats: in bins, and by neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.factors import FactorTable
from tinyvae.representation import Representation
from tinyvae.scores.share import equal_probability_bins, is_constant

NUM_BINS = 20
ROWS_PER_CELL = 5  # that more levels than bins must have, on average
TURN = 4.0  # circumference of a circular factor, in standard deviations of a latent
SIGNIFICANCE = 1e-4  # of the G-test by which a latent counts as informed at all


class BinnedInformation(NamedTuple):
    """Information of each latent about each factor, both in bins.

    `information` is corrected for chance where the rows are a sample. `entropy` is
    that of the factors' levels. `informed` says which latents know of any factor, and
    `read` of which factors any latent knows more than chance.
    """

    information: Float[np.ndarray, "latent factor"]  # nats, 0 to entropy
    entropy: Float[np.ndarray, " factor"]  # nats
    informed: Bool[np.ndarray, " latent"]
    read: Bool[np.ndarray, " factor"]

    @property
    def normalised(self) -> Float[np.ndarray, "latent factor"]:
        """Information as a part of the factor's entropy, 0 to 1; NaN if constant."""
        constant = self.entropy <= 0
        return np.where(
            constant, np.nan, self.information / np.where(constant, 1, self.entropy)
        )


def binned_information(
    representation: Representation, num_bins: int = NUM_BINS
) -> BinnedInformation:
    """Mutual information of every latent with every factor, in nats.

    Latents go into equally probable bins (equal values share one), at least
    `num_bins`, and a multiple of the factor's levels; continuous factors into
    `num_bins`. In a sample of N rows, bins share (B - 1)^2 / 2N nats or so by chance
    alone. With E the information that the same two columns share on average when one
    is shuffled,

        I = H (I_bins - E) / (H - E),

    which is 0 on average where nothing is known and H where the factor is determined.
    No correction on a whole population: there the shared information is real.

    Source: Vinh, Epps & Bailey (2010) for E and the adjustment, as in scikit-learn.
    """
    table = representation.table
    codes, probability = representation.codes, table.probability
    factors = levels_of_factors(table, num_bins)
    shape = (codes.shape[1], factors.shape[1])
    information, informed = np.zeros(shape), np.zeros(shape, bool)
    entropy = np.array([_entropy(np.bincount(f, probability)) for f in factors.T])
    entropy[factors.max(axis=0) == 0] = 0  # not the rounding of a sum to 1
    expected = _ExpectedInformation()
    for latent in np.flatnonzero(~is_constant(codes)):
        binned: dict[int, Int[np.ndarray, " sample"]] = {}
        for factor in np.flatnonzero(entropy > 0):
            levels = int(factors[:, factor].max()) + 1
            count = levels * -(-num_bins // levels)  # so that bins end where levels do
            if count not in binned:
                binned[count] = _bins(codes[:, latent], probability, count)
            joint = _joint(binned[count], factors[:, factor], probability)
            shared = _information(joint)
            freedom = (joint.shape[0] - 1) * (joint.shape[1] - 1)
            chance = freedom / (2 * len(codes))
            if not table.complete:
                chance = expected(joint, len(codes))
            informed[latent, factor] = _is_significant(
                2 * len(codes) * (shared - chance), freedom
            )
            if not table.complete:
                room = max(entropy[factor] - chance, 1e-12)
                shared = entropy[factor] * (shared - chance) / room
            information[latent, factor] = np.clip(shared, 0, entropy[factor])
    known, read = np.asarray(informed.any(axis=1)), np.asarray(informed.any(axis=0))
    return BinnedInformation(information, entropy, known, read)


def levels_of_factors(
    table: FactorTable, num_bins: int = NUM_BINS
) -> Int[np.ndarray, "sample factor"]:
    """Level of each factor in each row, from 0.

    Values that are too many for the rows go into `num_bins` equally probable bins.
    """
    levels = np.empty(table.values.shape, int)
    for column, factor in enumerate(table.factors):
        values = table.values[:, column]
        count = len(factor.values)
        few = count <= num_bins or ROWS_PER_CELL * count**2 <= len(values)
        if factor.kind != "categorical" and not few:  # labels are never joined
            values = equal_probability_bins(values, table.probability, num_bins)
        levels[:, column] = np.unique(values, return_inverse=True)[1]
    return levels


def neighbour_information(
    latent: Float[np.ndarray, " sample"],
    factor: Float[np.ndarray, " sample"],
    num_neighbours: int = 3,
    *,
    period: float | None = None,
) -> float:
    """Mutual information of two continuous columns, in nats, by nearest neighbours.

    Both are ranked first, so growing maps of either change nothing. With `period` the
    factor goes round a circle. Estimates below 0 count as 0.

    Source: Kraskov, Stogbauer & Grassberger (2004), eq. 8, arXiv:cond-mat/0305641.
    """
    from scipy.spatial import KDTree
    from scipy.special import digamma

    num_rows = len(latent)
    x = _jittered(normal_ranks(latent))
    if period is None:
        y, turn, box = _jittered(normal_ranks(factor)), None, None
    else:  # a circle whose circumference is about the width of the normal
        turn = TURN
        y = _jittered(factor / period * turn) % turn
        box = [0.0, turn]
    points = np.column_stack([x - x.min(), y])
    distance = KDTree(points, boxsize=box).query(points, num_neighbours + 1, p=np.inf)[
        0
    ]
    radius = distance[:, -1]
    nx = _within(points[:, 0], radius, None)
    ny = _within(points[:, 1], radius, turn)
    mean = np.mean(digamma(nx + 1) + digamma(ny + 1))
    return max(0.0, float(digamma(num_neighbours) + digamma(num_rows) - mean))


def neighbour_information_of_levels(
    latent: Float[np.ndarray, " sample"],
    level: Int[np.ndarray, " sample"],
    num_neighbours: int = 3,
) -> float:
    """Mutual information of a continuous column and labels, in nats.

    Levels of a single row are left out. Estimates below 0 count as 0.

    Source: Ross (2014), "Mutual information between discrete and continuous data
    sets", eq. 2, as in scikit-learn's mutual_info_classif.
    """
    from scipy.special import digamma

    count = np.bincount(level)[level]
    kept = count > 1
    x, level, count = _jittered(normal_ranks(latent))[kept], level[kept], count[kept]
    if len(x) == 0:
        return 0.0
    neighbours = np.minimum(num_neighbours, count - 1)
    radius = np.empty(len(x))
    for value in np.unique(level):
        rows = np.flatnonzero(level == value)
        order = rows[np.argsort(x[rows])]
        radius[order] = _kth_distance(x[order], int(neighbours[rows[0]]))
    around = _within(x, np.nextafter(radius, np.inf), None) + 1  # with the row itself
    terms = digamma(neighbours) - digamma(count) - digamma(around)
    return max(0.0, float(digamma(len(x)) + terms.mean()))


def normal_ranks(values: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
    """Values through their ranks to a standard normal; equal values stay equal."""
    from scipy.special import ndtri

    _, position, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count + 1) / 2 + 0.5
    return ndtri(middle / len(values))[position]


def _jittered(values):
    """Ties broken by a noise far below any difference; seeded."""
    noise = np.random.default_rng(0).normal(size=len(values))
    return values + 1e-10 * noise


def _within(values, radius, turn):
    """How many others lie nearer than `radius`, on a line or round a circle."""
    ordered = np.sort(values)
    if turn is not None:
        ordered = np.concatenate([ordered - turn, ordered, ordered + turn])
    above = np.searchsorted(ordered, values + radius, "left")
    below = np.searchsorted(ordered, values - radius, "right")
    return np.maximum(above - below - 1, 0)


def _kth_distance(ordered, k):
    """Distance of each of some ascending values to its k-th nearest."""
    padded = np.concatenate([np.full(k, -np.inf), ordered, np.full(k, np.inf)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * k + 1)
    distances = np.abs(windows - ordered[:, None])
    return np.partition(distances, k, axis=1)[:, k]  # the nearest is the value itself


def _bins(latent, probability, count):
    return equal_probability_bins(latent, probability, count).astype(int)


def _joint(left, right, probability):
    shape = (left.max() + 1, right.max() + 1)
    flat = np.bincount(left * shape[1] + right, probability, shape[0] * shape[1])
    joint = flat.reshape(shape)
    return joint[joint.sum(1) > 0][:, joint.sum(0) > 0]


def _entropy(probability) -> float:
    """H = - sum p ln p, in nats."""
    positive = probability[probability > 0]
    return max(0.0, float(-(positive * np.log(positive)).sum()))


def _information(joint) -> float:
    """I = H(row) + H(column) - H(both), in nats."""
    return _entropy(joint.sum(1)) + _entropy(joint.sum(0)) - _entropy(joint.ravel())


def _is_significant(excess: float, freedom: int) -> bool:
    """G-test: by chance, 2 N I is chi-squared about its mean."""
    from scipy.special import chdtri

    return freedom > 0 and bool(excess > chdtri(freedom, SIGNIFICANCE) - freedom)


class _ExpectedInformation:
    """Information by chance of a table with given margins; each margin pair once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], float] = {}

    def __call__(self, joint: Float[np.ndarray, "row column"], num_rows: int) -> float:
        from sklearn.metrics.cluster import expected_mutual_information

        counts = np.rint(joint * num_rows).astype(np.int64)
        # neither the order of rows nor that of columns matters
        margins = np.sort(counts.sum(1)).tobytes(), np.sort(counts.sum(0)).tobytes()
        if margins not in self._known:
            self._known[margins] = float(expected_mutual_information(counts, num_rows))
        return self._known[margins]
