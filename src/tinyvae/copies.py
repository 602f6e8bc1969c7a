"""Rows that are copies of others, and values that differ by rounding only."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

FEWEST_ROWS = 10  # that differ; fewer tell nothing about the codes
ROWS_OF_A_LEVEL = 10  # on average, from which on a latent counts as discrete
ROUNDING = 1e-6  # of a latent's mean distance from its median
LATTICE = 1e-6  # by how much a step between values may miss a whole multiple


def rows_that_count(
    codes: Float[np.ndarray, "sample latent"],
    factors: Float[np.ndarray, "sample factor"],
) -> Int[np.ndarray, " row"]:
    """Numbers of the rows to judge by: all, or each once where the others are copies.

    A row is repeated if its codes and its factors are. Where codes are continuous, the
    same row does not come twice by chance: it is a copy, and a copy of noise looks like
    knowledge to folds, neighbours and bins. Codes count as continuous if, among the
    rows that differ, most have a value of their own in some column, and these values
    are no whole multiples of a step. The repeats of discrete codes are their
    frequencies, so those rows all count.

    >>> noise = np.random.default_rng(0).normal(size=(50, 1))
    >>> len(rows_that_count(np.tile(noise, (4, 1)), np.tile(noise, (4, 1))))
    50
    >>> bits = (noise > 0).astype(float)
    >>> len(rows_that_count(np.tile(bits, (4, 1)), np.tile(bits, (4, 1))))
    200
    """
    everything = np.arange(len(codes))
    if _all_differ(codes):
        return everything
    rows = np.column_stack([codes, factors]) + 0.0  # -0 is 0
    as_bytes = np.ascontiguousarray(rows).view(f"V{rows.itemsize * rows.shape[1]}")
    differing = np.sort(np.unique(as_bytes[:, 0], return_index=True)[1])
    if len(differing) == len(codes) or len(differing) < FEWEST_ROWS:
        return everything
    if any(_is_continuous(column) for column in codes[differing].T):
        return differing
    return everything


def without_rounding(
    codes: Float[np.ndarray, "sample latent"],
) -> Float[np.ndarray, "sample latent"]:
    """The codes, in which values that differ by rounding only are equal.

    The cosine of 90 and of 270 degrees differ by 1e-16, which ranks and splines would
    take for knowledge. Only latents with few levels are changed: those with 10 rows or
    more for each group of values that lie within a millionth of one another.

    >>> angles = np.tile([0, 0.5, 1, 1.5], 10)[:, None] * np.pi
    >>> len(np.unique(np.cos(angles))), len(np.unique(without_rounding(np.cos(angles))))
    (4, 3)
    """
    columns = []
    for column in codes.T:
        distinct, place = np.unique(column, return_inverse=True)
        scale = np.abs(column - np.median(column)).mean()
        level = np.cumsum(np.diff(distinct, prepend=distinct[:1]) > ROUNDING * scale)
        num_levels = int(level[-1]) + 1
        if num_levels < len(distinct) and num_levels * ROWS_OF_A_LEVEL <= len(column):
            first = np.unique(level, return_index=True)[1]
            column = distinct[first][level][place]
        columns.append(column)
    return np.stack(columns, axis=1) if columns else codes


def _all_differ(codes: Float[np.ndarray, "sample latent"]) -> bool:
    """Whether some column has no value twice, so that no row is repeated."""
    return any(len(np.unique(column)) == len(column) for column in codes.T)


def _is_continuous(values: Float[np.ndarray, " row"]) -> bool:
    """Whether most values differ, and not by whole multiples of the smallest step."""
    distinct = np.unique(values)
    if 2 * len(distinct) <= len(values) or len(distinct) < FEWEST_ROWS:
        return False
    steps = np.diff(distinct)
    multiples = steps / steps.min()
    return bool((np.abs(multiples - np.round(multiples)) > LATTICE * multiples).any())
