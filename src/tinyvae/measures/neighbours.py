"""Mutual information by nearest neighbours, in nats: two numbers; a number, a label.

Both take columns without ties that matter; `mutual_information` splits columns that
have some.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

NUM_NEIGHBOURS = 3
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
    latent: Float[np.ndarray, " sample"],
    level: Int[np.ndarray, " sample"],
    num_neighbours: int = NUM_NEIGHBOURS,
) -> float:
    """Mutual information of a continuous column and labels, in nats.

    Levels of a single row are left out. About 0, on either side, where the labels know
    nothing. Neighbours are counted among all rows, so a rare label has its own.

    Source: Ross (2014), "Mutual information between discrete and continuous data
    sets", eq. 2, as in scikit-learn's mutual_info_classif.
    """
    from scipy.special import digamma

    count = np.bincount(level)[level]
    kept = count > 1
    x, level, count = _jittered(normal_ranks(latent), 0)[kept], level[kept], count[kept]
    if len(x) == 0:
        return 0.0
    neighbours = np.minimum(num_neighbours, count - 1)
    order = np.lexsort([x, level])
    radius = np.empty(len(x))
    for rows in np.split(order, np.flatnonzero(np.diff(level[order])) + 1):
        radius[rows] = _kth_distance(x[rows], int(neighbours[rows[0]]))
    around = _within(x, np.nextafter(radius, np.inf), None) + 1  # with the row itself
    terms = digamma(neighbours) - digamma(count) - digamma(around)
    return float(digamma(len(x)) + terms.mean())


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


def _kth_distance(ordered, k):
    """Distance of each of these ascending values to its k-th nearest."""
    padded = np.concatenate([np.full(k, -np.inf), ordered, np.full(k, np.inf)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * k + 1)
    distances = np.abs(windows - ordered[:, None])
    return np.partition(distances, k, axis=1)[:, k]  # the nearest is the value itself
