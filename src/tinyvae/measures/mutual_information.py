"""Mutual information of any two columns, in nats: numbers, labels, or both in one."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.measures.contingency import information_of_labels
from tinyvae.measures.neighbours import (
    NUM_NEIGHBOURS,
    information_of_levels,
    information_of_numbers,
)

FEWEST_ROWS_OF_AN_ATOM = 10
ROOTS = 2  # least rows of an atom, in roots of all rows; 1 and 3 do as well
MOST_ROWS = 3000  # of two continuous columns, in the search for neighbours
SEED = 0


class Column(NamedTuple):
    """A column, split into its atoms and its continuous rest.

    An atom is a value that many rows share. `atom` numbers the atoms from 1; 0 is the
    rest, whose values are numbers. `period` is that of a circular column.
    """

    values: Float[np.ndarray, " sample"]
    atom: Int[np.ndarray, " sample"]
    period: float | None = None

    @property
    def rest(self) -> Bool[np.ndarray, " sample"]:
        """Which rows hold a number rather than an atom."""
        return self.atom == 0


def split_column(
    values: Float[np.ndarray, " sample"], *, period: float | None = None
) -> Column:
    """A column of numbers, in which any value may repeat.

    A value is an atom if at least 2 sqrt(N) of the N rows have it, and at least 10:
    then the table of two such columns has N / 4 cells at most. Rarer ties are broken
    at random, which leaves their information as it is.

    >>> split_column(np.array([0.0] * 20 + [1.0, 2.0, 3.0])).atom.tolist()[-4:]
    [1, 0, 0, 0]
    """
    _, position, count = np.unique(values, return_inverse=True, return_counts=True)
    often = count >= max(FEWEST_ROWS_OF_AN_ATOM, ROOTS * math.sqrt(len(values)))
    return Column(values, (np.cumsum(often) * often)[position], period)


def label_column(level: Int[np.ndarray, " sample"]) -> Column:
    """A column of labels from 0: every value is an atom, however rare."""
    return Column(level.astype(float), level.astype(int) + 1)


def mutual_information(
    left: Column, right: Column, num_neighbours: int = NUM_NEIGHBOURS
) -> float:
    """Mutual information of two columns, in nats, 0 or more.

    A column determines which atom it has, if any, so the chain rule is exact. With A
    and B the atoms of X and Y,

        I(X; Y) = I(A; B) + P(Y continuous) I(A; Y | Y continuous)
                + P(X continuous) I(X; B | X continuous)
                + P(both continuous) I(X; Y | both continuous).

    The first term is counted (`information_of_labels`), the next two come from the
    order of rows (`information_of_levels`), and the last from `num_neighbours` nearest
    neighbours (`information_of_numbers`), in at most 3000 rows. Estimates below 0 count
    as 0.

    Source: the chain rule, Cover & Thomas (2006), section 2.5. Kraskov et al. alone,
    with all ties broken at random, are as near to known values on average, but spread
    several times as far where values repeat; Gao et al. (2017), arXiv:1709.06212, who
    need no split, are farther from them (benchmarks/results/information.md).
    """
    nats = 0.0
    if _distinct(left.atom) and _distinct(right.atom):
        nats += information_of_labels(left.atom, right.atom)
    for one, other in ((left, right), (right, left)):
        rest = one.rest
        if _distinct(one.values[rest]) and _distinct(other.atom[rest]):
            within = information_of_levels(one.values[rest], other.atom[rest])
            nats += rest.mean() * within
    both = np.flatnonzero(left.rest & right.rest)
    if _distinct(left.values[both]) and _distinct(right.values[both]):
        part = len(both) / len(left.atom)
        nats += part * _of_numbers(left, right, both, num_neighbours)
    return max(0.0, float(nats))


def _of_numbers(
    left: Column, right: Column, rows: Int[np.ndarray, " row"], num_neighbours: int
) -> float:
    """Information of two columns in rows where both are continuous."""
    if len(rows) > MOST_ROWS:
        rows = np.random.default_rng(SEED).permutation(rows)[:MOST_ROWS]
    if right.period is None:
        left, right = right, left  # the circle, if there is one, goes second
    num_neighbours = min(num_neighbours, len(rows) - 1)
    return information_of_numbers(
        left.values[rows], right.values[rows], num_neighbours, period=right.period
    )


def _distinct(values: np.ndarray) -> bool:
    """Whether there are two different values."""
    return len(values) > 1 and bool((values != values[0]).any())
