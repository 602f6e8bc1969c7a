"""Mutual information by nearest neighbours, in nats: two numbers; a number, a label.

Both take columns without ties that matter; `mutual_information` splits columns that
have some.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

NUM_NEIGHBOURS = 3
GAPS = 2  # between neighbours of one label: one on each side
TURN = 4.0  # circumference of a circular factor, in standard deviations of a latent


def information_of_numbers(
    latent: Float[np.ndarray, " sample"],
    factor: Float[np.ndarray, " sample"],
    num_neighbours: int = NUM_NEIGHBOURS,
    *,
    period: float | None = None,
) -> float:
    """Mutual information of two continuous columns, in nats, by nearest neighbours.

    Both are ranked first, so that increasing maps change nothing. With `period` the
    factor is circular. About 0, on either side, for independent columns.

    Source: Kraskov, Stogbauer & Grassberger (2004), eq. 8, arXiv:cond-mat/0305641.
    """
    from scipy.spatial import KDTree
    from scipy.special import digamma

    num_rows = len(latent)
    x = _jittered(normal_ranks(latent), 0)
    if period is None:
        y, turn, box = _jittered(normal_ranks(factor), 1), None, None
    else:  # a circle whose circumference is about the width of the normal
        turn = TURN
        y = _jittered(factor / period * turn, 1) % turn
        box = [0.0, turn]
    points = np.column_stack([x - x.min(), y])
    distance = KDTree(points, boxsize=box).query(points, num_neighbours + 1, p=np.inf)[
        0
    ]
    radius = distance[:, -1]
    nx = _within(points[:, 0], radius, None)
    ny = _within(points[:, 1], radius, turn)
    mean = np.mean(digamma(nx + 1) + digamma(ny + 1))
    return float(digamma(num_neighbours) + digamma(num_rows) - mean)


def information_of_levels(
    latent: Float[np.ndarray, " sample"], level: Int[np.ndarray, " sample"]
) -> float:
    """Mutual information of a continuous column and labels, in nats.

    About 0, on either side, where the labels know nothing. Rows of one label, in the
    order of the latent, are neighbours; T is the number of places in the order of all
    N rows from the one before a row to the one after it (at the ends, over two gaps as
    well). With n rows of that label,

        I = psi(N + 1) + mean of [psi(2) - psi(T) - psi(n + 1)],

    whose mean over independent labels is exactly 0. Only the order counts, so that
    increasing maps change nothing, and a rare label apart from all others has its whole
    entropy. Labels of a single row are left out.

    Source: Ross (2014), "Mutual information between discrete and continuous data
    sets", eq. 2, with a window of neighbours in place of a ball: of the same bias, less
    spread where dependence is weak, and without loss at the ends of a label.
    """
    from scipy.special import digamma

    noise = np.random.default_rng(0).random(len(latent))
    place = np.empty(len(latent), int)
    place[np.lexsort([noise, latent])] = np.arange(len(latent))
    order = np.lexsort([place, level])
    total, known = 0.0, 0
    for rows in np.split(order, np.flatnonzero(np.diff(level[order])) + 1):
        places, gaps = place[rows], min(GAPS, len(rows) - 1)
        if gaps > 0:
            first = np.clip(np.arange(len(rows)) - 1, 0, len(rows) - 1 - gaps)
            across = places[first + gaps] - places[first]
            terms = digamma(gaps) - digamma(across) - digamma(len(rows) + 1)
            total, known = total + float(terms.sum()), known + len(rows)
    return float(digamma(len(latent) + 1) + total / known) if known else 0.0


def normal_ranks(values: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
    """Values mapped through their ranks to a standard normal; ties remain ties."""
    from scipy.special import ndtri

    _, position, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count + 1) / 2 + 0.5
    return ndtri(middle / len(values))[position]


def _jittered(values, seed):
    """Break ties with noise far below any difference, independent for each column."""
    noise = np.random.default_rng(seed).normal(size=len(values))
    return values + 1e-10 * noise


def _within(values, radius, turn):
    """Number of other values nearer than `radius`, on a line or round a circle."""
    ordered = np.sort(values)
    if turn is not None:
        ordered = np.concatenate([ordered - turn, ordered, ordered + turn])
    above = np.searchsorted(ordered, values + radius, "left")
    below = np.searchsorted(ordered, values - radius, "right")
    return np.maximum(above - below - 1, 0)
