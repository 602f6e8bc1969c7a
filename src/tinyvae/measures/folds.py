"""Folds that leave out whole combinations of factors, and draws that keep labels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

NUM_FOLDS = 5
FEWEST_COMBINATIONS = 20
SEED = 0  # the same folds in every run, so that scores compare


def combination_of_rows(
    factors: Float[np.ndarray, "sample factor"],
) -> Int[np.ndarray, " sample"]:
    """Number of the combination of factors in each row; equal rows share a number.

    Without any factor, all rows share one combination.
    """
    if factors.shape[1] == 0:
        return np.zeros(len(factors), int)
    return np.unique(factors, axis=0, return_inverse=True)[1].reshape(-1)


def combination_folds(
    factors: Float[np.ndarray, "sample factor"], num_folds: int = NUM_FOLDS
) -> Int[np.ndarray, " sample"]:
    """Fold of each row, 0 to num_folds - 1, chosen at random with a fixed seed.

    Rows of the same combination share a fold, so that held-out combinations were never
    trained on. With fewer than 20 combinations, holding out a combination would remove
    too much (perhaps a whole value of a factor): then single rows are held out.

    >>> combination_folds(np.array([[1.0], [2.0], [1.0], [3.0]]), 3).shape
    (4,)
    """
    group = _held_out_together(factors)
    num_groups = group.max() + 1
    fold = np.arange(num_groups) % min(num_folds, num_groups)
    np.random.default_rng(SEED).shuffle(fold)
    return fold[group]


def held_out_r2(
    predicted: Float[np.ndarray, "sample column"],
    targets: Float[np.ndarray, "sample column"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, " column"]:
    """R2 = 1 - SSE / SST of held-out predictions, pooled over folds, 0 to 1.

    SST is relative to the population's mean. Negative values (worse than that mean)
    count as 0. NaN (undefined) where the target is constant.
    """
    total = probability @ (targets - probability @ targets) ** 2
    error = probability @ (targets - predicted) ** 2
    constant = total <= 1e-14 * np.abs(targets).max(axis=0) ** 2
    r2 = 1 - error / np.where(constant, 1.0, total)
    return np.where(constant, np.nan, np.maximum(r2, 0))


def grouped_folds(
    factors: Float[np.ndarray, "sample factor"],
    codes: Float[np.ndarray, "sample latent"],
    label: Int[np.ndarray, " sample"],
    num_folds: int = NUM_FOLDS,
) -> Int[np.ndarray, " sample"]:
    """Folds of whole combinations (`combination_folds`), each label in all of them."""
    group = _held_out_together(factors)
    first = np.unique(group, return_index=True)[1]
    keys = np.column_stack([factors, codes])[first]
    return label_folds(keys, label[first], num_folds)[group]


def _held_out_together(
    factors: Float[np.ndarray, "sample factor"],
) -> Int[np.ndarray, " sample"]:
    """Number of each row's combination, or of the row where combinations are few."""
    combination = combination_of_rows(factors)
    if combination.max() + 1 < FEWEST_COMBINATIONS:
        return np.arange(len(factors))
    return combination


def label_folds(
    codes: Float[np.ndarray, "sample column"],
    label: Int[np.ndarray, " sample"],
    num_folds: int = NUM_FOLDS,
) -> Int[np.ndarray, " sample"]:
    """A random fold for each row, with every label spread over all folds.

    Rows are sorted before they are shuffled, so that their given order has no effect.
    """
    rng = np.random.default_rng(SEED)
    fold = np.empty(len(label), int)
    order = np.lexsort([*codes.T, label])
    for rows in np.split(order, np.cumsum(np.bincount(label))[:-1]):
        first = rng.integers(num_folds)
        fold[rng.permutation(rows)] = (first + np.arange(len(rows))) % num_folds
    return fold


def drawn_by_label(
    codes: Float[np.ndarray, "sample column"],
    label: Int[np.ndarray, " sample"],
    most: int,
    *,
    seed: int = SEED,
) -> Int[np.ndarray, " row"]:
    """Numbers of at most `most` rows, drawn at random from each label.

    Labels share the rows evenly, so that a rare one keeps all of its rows. As in
    `label_folds`, the given order of the rows has no effect.

    >>> label = np.repeat([0, 1], [990, 10])
    >>> drawn = drawn_by_label(np.zeros((1000, 1)), label, 100)
    >>> np.bincount(label[drawn]).tolist()
    [90, 10]
    """
    if len(label) <= most:
        return np.arange(len(label))
    rng = np.random.default_rng(seed)
    order = np.lexsort([*codes.T, label])
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    drawn, left = [], most
    for place, rows in enumerate(sorted(groups, key=len)):
        quota = min(len(rows), left // (len(groups) - place))
        drawn.append(rng.permutation(rows)[:quota])
        left -= quota
    return np.sort(np.concatenate(drawn))
