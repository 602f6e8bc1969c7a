"""Readout of a categorical factor: how often a tree on the codes tells its label."""

from __future__ import annotations

import warnings

import numpy as np
from jaxtyping import Float

from tinyvae.measures.folds import label_folds
from tinyvae.measures.spearman import standardised

LEAVES_PER_CLASS = 3
FEWEST_ROWS_OF_A_LEAF = 10
NUM_FOLDS = 2
MOST_ROWS = 4000  # about; more move no accuracy by 0.01, and cost seconds


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
    if label.max() < 1:
        return float("nan")
    # in the order of the codes, so that the names of the labels do not matter
    mean = np.bincount(label, codes[:, 0]) / np.bincount(label)
    label = np.argsort(np.argsort(mean))[label]
    rows = label_folds(codes, label, max(1, len(label) // MOST_ROWS)) == 0
    codes, label = codes[rows], np.unique(label[rows], return_inverse=True)[1]
    # trees take what is very small or large for rounding, or for all there is
    codes = standardised(codes, np.full(len(codes), 1 / len(codes)))
    rarest, num_labels = np.bincount(label).min(), label.max() + 1
    if num_labels < 2:
        return float("nan")
    fold = label_folds(codes, label, NUM_FOLDS)
    predicted = np.full(len(label), -1)
    for left_out in np.unique(fold):
        test = fold == left_out
        if test.all():
            continue
        tree = DecisionTreeClassifier(
            max_leaf_nodes=LEAVES_PER_CLASS * num_labels,
            min_samples_leaf=max(
                1, min(FEWEST_ROWS_OF_A_LEAF, len(label) // 50, rarest // 4)
            ),
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
