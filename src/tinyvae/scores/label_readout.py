"""Readout of a categorical factor: how often a tree on the codes tells its label."""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import Float, Int

from tinyvae.scores.folds import NUM_FOLDS, SEED

LEAVES_PER_CLASS = 3
FEWEST_ROWS_OF_A_LEAF = 10


def label_readout(
    codes: Float[np.ndarray, "sample column"], labels: Float[np.ndarray, " sample"]
) -> float:
    """Held-out balanced accuracy of a decision tree, 0 at chance to 1.

    A tree only compares, so the scale of a latent, or any growing map of it, does not
    matter, and a class may lie between two others. NaN if there is one label only.

    Source: balanced accuracy as in scikit-learn, from chance, 1 / labels, to 1.
    """
    from sklearn.tree import DecisionTreeClassifier

    label = np.unique(labels, return_inverse=True)[1]
    num_labels = label.max() + 1
    if num_labels < 2:
        return float("nan")
    fold = _folds_of_labels(codes, label)
    predicted = np.full(len(label), -1)
    for left_out in np.unique(fold):
        test = fold == left_out
        tree = DecisionTreeClassifier(
            max_leaf_nodes=LEAVES_PER_CLASS * num_labels,
            min_samples_leaf=min(FEWEST_ROWS_OF_A_LEAF, max(1, len(label) // 50)),
            class_weight="balanced",
            random_state=0,
        )
        with warnings.catch_warnings():
            # of many labels scikit-learn suspects that they are a measured quantity
            warnings.simplefilter("ignore", UserWarning)
            tree.fit(codes[~test], label[~test])
        predicted[test] = tree.predict(codes[test])
    hit = np.bincount(label, predicted == label) / np.bincount(label)
    chance = 1 / num_labels
    return max(0.0, float((hit.mean() - chance) / (1 - chance)))


def _folds_of_labels(
    codes: Float[np.ndarray, "sample column"], label: Int[np.ndarray, " sample"]
) -> Int[np.ndarray, " sample"]:
    """A random fold for each row, with every label in every fold.

    Rows are sorted before they are shuffled, so that their order does not matter.
    """
    rng = np.random.default_rng(SEED)
    fold = np.empty(len(label), int)
    order = np.lexsort([*codes.T, label])
    for rows in np.split(order, np.cumsum(np.bincount(label))[:-1]):
        fold[rng.permutation(rows)] = np.arange(len(rows)) % NUM_FOLDS
    return fold
