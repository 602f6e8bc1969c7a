"""Readout of a categorical factor: how well a tree on the codes predicts its label."""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.measures.folds import drawn_by_label, label_folds
from tinyvae.measures.spearman import standardised

LEAVES_PER_CLASS = 3
FEWEST_ROWS_OF_A_LEAF = 10
NUM_FOLDS = 2
MOST_ROWS = 4000  # drawn by label; more change no accuracy by 0.01, and take seconds


def label_readout(
    codes: Float[np.ndarray, "sample column"], labels: Float[np.ndarray, " sample"]
) -> float:
    """Held-out balanced accuracy of a decision tree, 0 at chance to 1.

    A tree only compares, so that the latent's scale and increasing maps of it have no
    effect, and a class may lie between two others. NaN if there is only one label.

    Source: balanced accuracy as in scikit-learn, rescaled so that chance is 0.
    """
    label = np.unique(labels, return_inverse=True)[1]
    if label.max() < 1:
        return float("nan")
    # rows in the order of the codes, so that the names of the labels have no effect
    mean = np.bincount(label, codes[:, 0]) / np.bincount(label)
    label = np.argsort(np.argsort(mean))[label]
    rows = drawn_by_label(codes, label, MOST_ROWS)
    codes, label = codes[rows], np.unique(label[rows], return_inverse=True)[1]
    # standardised, since trees cannot split very small or very large values
    codes = standardised(codes, np.full(len(codes), 1 / len(codes)))
    num_labels = int(label.max()) + 1
    if num_labels < 2:
        return float("nan")
    fold = label_folds(codes, label, NUM_FOLDS)
    predicted = np.full(len(label), -1)
    for left_out in np.unique(fold):
        test = fold == left_out
        if not test.all():
            predicted[test] = _predicted(codes, label, ~test, test)
    return _above_chance(predicted, label, num_labels)


def label_accuracy(
    codes: Float[np.ndarray, "sample column"],
    labels: Float[np.ndarray, " sample"],
    *,
    train: Bool[np.ndarray, " sample"],
    test: Bool[np.ndarray, " sample"],
) -> float:
    """Balanced accuracy in the test rows of a tree fitted to the training rows.

    Rescaled from 0 at chance to 1, over the labels of the test rows. At most 4000 rows
    of each are used, drawn by label. NaN if the training rows have one label only, or
    there is no test.
    """
    label = np.unique(labels, return_inverse=True)[1]
    train, test = (_some_rows(codes, label, rows) for rows in (train, test))
    if len(np.unique(label[train])) < 2 or not test.any():
        return float("nan")
    predicted = _predicted(codes, label, train, test)
    shown, position = np.unique(label[test], return_inverse=True)
    hit = np.bincount(position, predicted == label[test]) / np.bincount(position)
    chance = 1 / (label.max() + 1)
    return max(0.0, float((hit.mean() - chance) / (1 - chance))) if len(shown) else 0.0


def _some_rows(
    codes: Float[np.ndarray, "sample column"],
    label: Int[np.ndarray, " sample"],
    rows: Bool[np.ndarray, " sample"],
) -> Bool[np.ndarray, " sample"]:
    """At most 4000 of these rows, drawn by label."""
    known = np.flatnonzero(rows)
    chosen = np.zeros(len(rows), bool)
    chosen[known[drawn_by_label(codes[known], label[known], MOST_ROWS)]] = True
    return chosen


def _predicted(
    codes: Float[np.ndarray, "sample column"],
    label: Int[np.ndarray, " sample"],
    train: Bool[np.ndarray, " sample"],
    test: Bool[np.ndarray, " sample"],
) -> Int[np.ndarray, " test"]:
    """Labels that a tree, fitted to the training rows, predicts for others."""
    from sklearn.tree import DecisionTreeClassifier

    count = np.bincount(label)
    tree = DecisionTreeClassifier(
        max_leaf_nodes=LEAVES_PER_CLASS * len(count),
        min_samples_leaf=max(
            1, min(FEWEST_ROWS_OF_A_LEAF, len(label) // 50, count.min() // 4)
        ),
        class_weight="balanced",
        random_state=0,
    )
    with warnings.catch_warnings():
        # scikit-learn warns that many labels may be a measured quantity
        warnings.simplefilter("ignore", UserWarning)
        tree.fit(codes[train], label[train])
    return tree.predict(codes[test])


def _above_chance(
    predicted: Int[np.ndarray, " sample"],
    label: Int[np.ndarray, " sample"],
    num_labels: int,
) -> float:
    """Balanced accuracy, rescaled so that chance is 0."""
    hit = np.bincount(label, predicted == label) / np.bincount(label)
    chance = 1 / num_labels
    return max(0.0, float((hit.mean() - chance) / (1 - chance)))
