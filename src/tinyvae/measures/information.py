"""Mutual information of latents and factors in equally probable bins, in nats."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.factors import Factor, FactorTable
from tinyvae.measures.contingency import expected_information
from tinyvae.measures.share import equal_probability_bins, is_constant
from tinyvae.representation import Representation

NUM_BINS = 20
EVEN = 0.75  # levels are even if the rarest has more than this part of 1 / levels
BINS_PER_LEVEL = 3  # within the rarest level, where levels are uneven
FINER = 4  # times as many bins at each step from few to many
MOST_CELLS = 2_000_000  # of bins times levels, to keep memory small
CUTS = 64  # places within a bin at which a circle may be cut
ROWS_PER_BIN = 5  # where 20 bins would have fewer rows, there are fewer bins
ROWS_PER_CELL = 5  # of count x count cells, for more levels than bins to stay as is
SIGNIFICANCE = 1e-4  # of the G-test by which a latent counts as informed


class BinnedInformation(NamedTuple):
    """Information of each latent about each factor, both in bins.

    `information` is corrected for chance where the rows are a sample. `entropy` is
    that of the factors' levels. `informed` marks the latents that share more with any
    factor than chance, and `read` the factors about which any latent is informed.
    """

    information: Float[np.ndarray, "latent factor"]  # nats, 0 to entropy
    entropy: Float[np.ndarray, " factor"]  # nats
    informed: Bool[np.ndarray, " latent"]
    read: Bool[np.ndarray, " factor"]

    @property
    def normalised(self) -> Float[np.ndarray, "latent factor"]:
        """Information relative to the factor's entropy, 0 to 1; NaN if constant."""
        constant = self.entropy <= 0
        return np.where(
            constant, np.nan, self.information / np.where(constant, 1, self.entropy)
        )


def affordable_bins(num_rows: int, num_bins: int = NUM_BINS) -> int:
    """`num_bins`, or one bin for every 5 rows if that is fewer; at least 2."""
    return min(num_bins, max(2, num_rows // ROWS_PER_BIN))


def binned_information(
    representation: Representation, num_bins: int = NUM_BINS
) -> BinnedInformation:
    """Mutual information of every latent with every factor, in nats.

    Latents go into equally probable bins (ties share one), at least `num_bins` and a
    multiple of the factor's levels. Where levels are uneven, so many that the rarest
    gets three bins are tried too, and numbers between; the largest I counts.
    Continuous factors go into `num_bins`. In a sample of N rows, independent variables
    in B bins share about (B - 1)^2 / 2N nats by chance. With E the average information
    of the same two columns when one is shuffled,

        I = H (I_bins - E) / (H - E),

    which is 0 on average for independent variables, and H where the latent determines
    the factor. A whole population is not corrected: its shared information is real.
    The bins of a circular factor start where each latent is most informative about
    them, so that the choice of the zero angle has no effect.

    Source: Vinh, Epps & Bailey (2010) for E and the adjustment, as in scikit-learn.
    """
    table = representation.table
    codes, probability = representation.codes, table.probability
    factors, fine = levels_of_factors(table, num_bins), CUTS * num_bins
    shape = (codes.shape[1], factors.shape[1])
    information, informed = np.zeros(shape), np.zeros(shape, bool)
    entropy = np.array([_entropy(np.bincount(f, probability)) for f in factors.T])
    rarest = [np.bincount(f, probability).min() for f in factors.T]
    entropy[factors.max(axis=0) == 0] = 0  # exactly, without rounding errors
    circles = {
        index: _bins(round_circle(factor, table.values[:, index]), probability, fine)
        for index, factor in enumerate(table.factors)
        if factor.kind == "circular" and _needs_bins(factor, len(codes), num_bins)
    }
    expected = None if table.complete else _ExpectedInformation()
    for latent in np.flatnonzero(~is_constant(codes)):
        binned: dict[int, Int[np.ndarray, " sample"]] = {}
        for factor in map(int, np.flatnonzero(entropy > 0)):
            levels = int(factors[:, factor].max()) + 1
            for count in _latent_bins(num_bins, levels, rarest[factor], len(codes)):
                if count not in binned:
                    binned[count] = _bins(codes[:, latent], probability, count)
                if factor in circles:
                    circle = circles[factor]
                    joint = _best_cut(binned[count], circle, probability, num_bins)
                else:
                    joint = _joint(binned[count], factors[:, factor], probability)
                part, significant = _part_known(joint, len(codes), expected)
                found = max(information[latent, factor], part * entropy[factor])
                information[latent, factor] = found
                informed[latent, factor] |= significant
    if (coarse := max(2, math.isqrt(len(codes) // ROWS_PER_CELL))) < num_bins:
        informed |= _coarsely_informed(representation, coarse)
    known, read = np.asarray(informed.any(axis=1)), np.asarray(informed.any(axis=0))
    return BinnedInformation(information, entropy, known, read)


def levels_of_factors(
    table: FactorTable, num_bins: int = NUM_BINS
) -> Int[np.ndarray, "sample factor"]:
    """Level of each factor in each row, from 0.

    Where a factor has too many values for the rows, they go into `num_bins` equally
    probable bins.
    """
    levels = np.empty(table.values.shape, int)
    for column, factor in enumerate(table.factors):
        values = table.values[:, column]
        if factor.kind == "circular":
            values = round_circle(factor, values)
        if _needs_bins(factor, len(values), num_bins):
            values = equal_probability_bins(values, table.probability, num_bins)
        levels[:, column] = np.unique(values, return_inverse=True)[1]
    return levels


def round_circle(
    factor: Factor, values: Float[np.ndarray, " sample"]
) -> Float[np.ndarray, " sample"]:
    """Angles of a circular factor in turns, 0 to 1; 370 degrees are 10 degrees."""
    turns = np.round(factor.angle(values) / (2 * np.pi), 12)
    return turns - np.floor(turns)


def _latent_bins(num_bins: int, levels: int, rarest: float, num_rows: int) -> list[int]:
    """Numbers of bins for a latent, whose edges are close to those of the levels.

    Where levels are uneven: few bins, then more and more, until the rarest level fills
    three of them. Few bins suit a rare level that lies among others, many one apart.
    """
    count = levels * -(-num_bins // levels)
    counts = [count]
    if rarest * levels <= EVEN:
        fine = math.ceil(BINS_PER_LEVEL / max(rarest, 1e-12))
        most = min(fine, num_rows // ROWS_PER_BIN, MOST_CELLS // levels)
        while counts[-1] * FINER < most:
            counts.append(counts[-1] * FINER)
        counts.append(max(count, most))
    return sorted(set(counts))


def _needs_bins(factor: Factor, num_rows: int, num_bins: int) -> bool:
    """Whether a factor has too many values for the rows; labels are never joined."""
    count = len(factor.values)
    few = count <= num_bins or ROWS_PER_CELL * count**2 <= num_rows
    return factor.kind != "categorical" and not few


def _best_cut(latent, circle, probability, num_bins):
    """Joint probabilities of a latent's bins and a circle's, at the best cut.

    The circle is cut where it shares most with the latent. `circle` has 64 narrow bins
    for each of the final `num_bins`.
    """
    narrow = _counts(latent, circle, probability, CUTS * num_bins)
    cuts = (np.roll(narrow, cut, axis=1) for cut in range(CUTS))
    joints = (cut.reshape(len(narrow), num_bins, CUTS).sum(axis=2) for cut in cuts)
    return max(map(_without_empty, joints), key=_information)


def _bins(latent, probability, count):
    return equal_probability_bins(latent, probability, count).astype(int)


def _joint(left, right, probability):
    return _without_empty(_counts(left, right, probability, right.max() + 1))


def _counts(left, right, probability, columns):
    rows = left.max() + 1
    return np.bincount(left * columns + right, probability, rows * columns).reshape(
        rows, columns
    )


def _without_empty(joint):
    return joint[joint.sum(1) > 0][:, joint.sum(0) > 0]


def _entropy(probability) -> float:
    """H = - sum p ln p, in nats."""
    positive = probability[probability > 0]
    return max(0.0, float(-(positive * np.log(positive)).sum()))


def _information(joint) -> float:
    """I = H(row) + H(column) - H(both), in nats."""
    return _entropy(joint.sum(1)) + _entropy(joint.sum(0)) - _entropy(joint.ravel())


def _part_known(
    joint: Float[np.ndarray, "row column"],
    num_rows: int,
    expected: _ExpectedInformation | None,
) -> tuple[float, bool]:
    """Shared information relative to the columns' entropy, and if it is significant.

    Corrected for chance unless the rows are the whole population.
    """
    shared, entropy = _information(joint), _entropy(joint.sum(0))
    freedom = (joint.shape[0] - 1) * (joint.shape[1] - 1)
    chance = freedom / (2 * num_rows)
    if expected is not None:
        chance = expected(joint, num_rows)
    significant = _is_significant(2 * num_rows * (shared - chance), freedom)
    if expected is not None:
        shared, entropy = shared - chance, entropy - chance
    return float(np.clip(shared / max(entropy, 1e-12), 0, 1)), significant


def _is_significant(excess: float, freedom: int) -> bool:
    """G-test: for independent variables, 2 N I is chi-squared around its mean."""
    from scipy.special import chdtri

    return freedom > 0 and bool(excess > chdtri(freedom, SIGNIFICANCE) - freedom)


def _coarsely_informed(
    representation: Representation, num_bins: int
) -> Bool[np.ndarray, "latent factor"]:
    """Which latents share more with which factors than chance, in bins of many rows.

    Of 150 rows in 20 x 20 cells, nothing is ever significant.
    """
    codes, table = representation.codes, representation.table
    factors = levels_of_factors(table, num_bins)
    expected = None if table.complete else _ExpectedInformation()
    found = np.zeros((codes.shape[1], factors.shape[1]), bool)
    for latent in np.flatnonzero(~is_constant(codes)):
        bins = _bins(codes[:, latent], table.probability, num_bins)
        for factor in np.flatnonzero(factors.max(axis=0) > 0):
            joint = _joint(bins, factors[:, factor], table.probability)
            found[latent, factor] = _part_known(joint, len(codes), expected)[1]
    return found


class _ExpectedInformation:
    """Expected information of tables by their margins; computed once for each pair."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], float] = {}

    def __call__(self, joint: Float[np.ndarray, "row column"], num_rows: int) -> float:
        counts = np.rint(joint * num_rows).astype(np.int64)
        # the order of rows and of columns has no effect
        margins = np.sort(counts.sum(1)).tobytes(), np.sort(counts.sum(0)).tobytes()
        if margins not in self._known:
            self._known[margins] = expected_information(counts)
        return self._known[margins]
