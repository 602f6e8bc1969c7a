"""Codes whose true answer is known, on the 6 x 16 x 16 grid of circles."""

import numpy as np
from scipy.stats import norm

from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.representation import Representation

GRID = full_grid(
    (
        Factor("radius", tuple(float(r) for r in range(3, 9)), "px"),
        Factor("x", tuple(float(x) for x in range(8, 24)), "px"),
        Factor("y", tuple(float(y) for y in range(8, 24)), "px"),
    )
)
RADIUS, X, Y = GRID.values.T
UNIFORM = (GRID.values - GRID.values.mean(axis=0)) / GRID.values.std(axis=0)


def gaussianised(values):
    """Each column through the normal quantile function, standard deviation 1."""
    columns = []
    for column in values.T:
        distinct, level = np.unique(column, return_inverse=True)
        columns.append(norm.ppf((level + 0.5) / len(distinct)))
    codes = np.stack(columns, axis=1)
    return codes / codes.std(axis=0)


GAUSSIAN = gaussianised(GRID.values)


def turn(degrees, first=1, second=2, size=3):
    """Rotation in the plane of two latents."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rotation = np.eye(size)
    rotation[[first, second], [first, second]] = cosine
    rotation[first, second], rotation[second, first] = sine, -sine
    return rotation


def turned(codes, degrees, first=1, second=2):
    return codes @ turn(degrees, first, second).T


def represent(codes, table: FactorTable = GRID, active=None) -> Representation:
    if active is None:
        active = codes.std(axis=0) > 1e-3
    return Representation(codes, table, np.asarray(active))


def checkerboard():
    """(r + 1)(-1)^(x + y): the radius can be read from it, yet is not its axis."""
    return (RADIUS + 1) * (-1) ** (X + Y)


_noise = np.random.default_rng(7).normal(size=(len(GRID), 3))

# name -> codes and the verdicts on radius, x and y
EXPECTED = {
    "identity": (UNIFORM, ("clear", "clear", "clear")),
    "gaussian": (GAUSSIAN, ("clear", "clear", "clear")),
    "permuted": (UNIFORM[:, [2, 0, 1]], ("clear", "clear", "clear")),
    "flipped": (UNIFORM * [-1, 1, -1], ("clear", "clear", "clear")),
    "turned by 5": (turned(UNIFORM, 5), ("clear", "clear", "clear")),
    "turned by 10": (turned(UNIFORM, 10), ("clear", "clear", "clear")),
    "turned by 15": (turned(UNIFORM, 15), ("clear", "partial", "partial")),
    "turned by 30": (turned(UNIFORM, 30), ("clear", "partial", "partial")),
    "turned by 45": (turned(UNIFORM, 45), ("clear", "shared", "shared")),
    "warped": (
        np.stack(
            [np.exp(UNIFORM[:, 0]), UNIFORM[:, 1] ** 3, np.tanh(2 * UNIFORM[:, 2])]
        ).T,
        ("clear", "clear", "clear"),
    ),
    "warped Gaussian": (
        np.stack([np.exp(GAUSSIAN[:, 0]), GAUSSIAN[:, 1] ** 3, GAUSSIAN[:, 2]]).T,
        ("clear", "clear", "clear"),
    ),
    "folded in the middle": (
        np.stack([RADIUS, np.abs(X - 15.5), Y], axis=1),
        ("clear", "folded", "clear"),
    ),
    "folded off the middle": (
        np.stack([RADIUS, np.abs(X - 14), Y], axis=1),
        ("clear", "folded", "clear"),
    ),
    "packed": (
        np.stack([RADIUS, 16 * X + Y, _noise[:, 0]], axis=1),
        ("clear", "clear", "missing"),
    ),
    "packed alone": ((16 * X + Y)[:, None], ("missing", "clear", "missing")),
    "checkerboard": (
        np.stack([checkerboard(), X, Y], axis=1),
        ("partial", "clear", "clear"),
    ),
    "merged": (
        np.stack([RADIUS, UNIFORM[:, 1] + UNIFORM[:, 2], _noise[:, 0]], axis=1),
        ("clear", "shared", "shared"),
    ),
    "duplicated": (
        np.stack([RADIUS, X, X + _noise[:, 0] / 10], axis=1),
        ("clear", "shared", "missing"),
    ),
    "dead": (
        np.stack([X, np.zeros(len(GRID)), Y, RADIUS], axis=1),
        ("clear", "clear", "clear"),
    ),
    "tied, finely": (
        np.stack([RADIUS, np.floor(X / 2), Y], axis=1),
        ("clear", "clear", "clear"),
    ),
    "tied, coarsely": (
        np.stack([np.floor(RADIUS / 2), X, Y], axis=1),
        ("partial", "clear", "clear"),
    ),
    "a little noisy": (UNIFORM + 0.1 * _noise, ("clear", "clear", "clear")),
    "noisy": (UNIFORM + 0.3 * _noise, ("partial", "partial", "partial")),
    "noise": (_noise, ("missing", "missing", "missing")),
}
