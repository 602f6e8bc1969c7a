"""Explicitness: whether a simple classifier can tell a factor's values apart."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.folds import label_folds
from tinyvae.measures.information import affordable_bins, levels_of_factors
from tinyvae.measures.joint_readout import whiten
from tinyvae.measures.share import is_constant
from tinyvae.representation import Representation
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    score_of_parts,
    scored,
)

EXPLICITNESS = Properties("explicitness", chance=0.5)
NUM_BINS = 10
RIDGE = 1e-6  # relative to the variance within classes: keeps perfect codes solvable


@scored(EXPLICITNESS)
def explicitness(representation: Representation) -> Score:
    """How well a linear classifier on all latents tells a factor's values apart.

    For each factor, the held-out area under the ROC curve of each value against all
    others, averaged over values; then the mean over factors. 1: every value is
    separated from the others without error; 0.5: chance. The classifier is linear
    discriminant analysis; continuous factors go into 10 equally probable bins.

    Blind to rotation and to entanglement, since it uses all latents together. Codes
    with heavy tails lower it: a copy of one log-normal factor of sigma 1.5 scores 0.74,
    where a logistic regression scores higher.

    Source: Ridgeway & Mozer (2018), section 3, arXiv:1802.05312. Differs from
    published code, which fits a logistic regression (also linear, but hundreds of times
    slower) and treats all factors as integers.
    """
    table, codes = representation.table, representation.codes
    reasons = factor_reasons(representation)
    moving = codes[:, ~is_constant(codes)]
    parts = np.full(len(table.factors), 0.5)
    if moving.shape[1] > 0:
        components = whiten(moving, table.probability)
        levels = levels_of_factors(table, affordable_bins(len(codes), NUM_BINS))
        for factor, reason in enumerate(reasons):
            if reason is None:
                fold = label_folds(components, levels[:, factor])
                posterior = discriminant_posterior(components, levels[:, factor], fold)
                parts[factor] = mean_area_under_roc(posterior, levels[:, factor])
    return score_of_parts(EXPLICITNESS, table.names, parts, reasons)


def discriminant_posterior(
    components: Float[np.ndarray, "sample component"],
    label: Int[np.ndarray, " sample"],
    fold: Int[np.ndarray, " sample"],
) -> Float[np.ndarray, "sample label"]:
    """Held-out log posterior of each label by linear discriminant analysis.

    Without a constant of each row: ln p(label) - (z - mean)' C^-1 (z - mean) / 2,
    where C is the covariance within labels.
    """
    one_hot = np.eye(label.max() + 1)[label]
    posterior = np.empty(one_hot.shape)
    for left_out in np.unique(fold):
        test = fold == left_out
        train, member = components[~test], one_hot[~test]
        count = member.sum(axis=0)
        mean = (member.T @ train) / np.maximum(count, 1)[:, None]
        residual = train - member @ mean
        within = residual.T @ residual / len(train)
        within += RIDGE * np.eye(len(within))
        slope = np.linalg.solve(within, mean.T)
        prior = np.log(np.maximum(count, 0.5) / len(train))
        offset = prior - 0.5 * (mean.T * slope).sum(axis=0)
        logit = components[test] @ slope + offset
        posterior[test] = logit - np.logaddexp.reduce(logit, axis=1, keepdims=True)
    return posterior


def mean_area_under_roc(
    score: Float[np.ndarray, "sample label"], label: Int[np.ndarray, " sample"]
) -> float:
    """Area under the ROC curve of each label against the others, averaged.

    From ranks: (sum of the label's ranks - n (n + 1) / 2) / (n (N - n)).
    """
    from scipy.stats import rankdata

    ranks = rankdata(score, axis=0)
    count = np.bincount(label)
    own = np.array([ranks[label == value, value].sum() for value in range(len(count))])
    areas = (own - count * (count + 1) / 2) / (count * (len(label) - count))
    return float(areas.mean())
