"""DCI: disentanglement, completeness and informativeness of a probe's importances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import Factor
from tinyvae.representation import Representation
from tinyvae.scores.folds import label_folds
from tinyvae.scores.importance import one_minus_entropy
from tinyvae.scores.score import (
    Facts,
    Score,
    factor_reasons,
    latent_reasons,
    score_of_parts,
    scored,
)
from tinyvae.scores.share import is_constant

DISENTANGLEMENT = Facts("DCI disentanglement", chance=None, samples=True)
COMPLETENESS = Facts("DCI completeness", chance=None, samples=True)
INFORMATIVENESS = Facts("DCI informativeness", samples=True)
NUM_TREES = 30
FEWEST_ROWS_OF_A_LEAF = 3
MOST_ROWS = 4000  # that a probe learns from; more move no score by 0.01 (measured)
USELESS = 0.01  # informativeness below which a factor's importances are only noise


class DCI(NamedTuple):
    """The three scores, each 0 to 1; `disentanglement.matrix` holds the importances."""

    disentanglement: Score
    completeness: Score
    informativeness: Score


@scored(DISENTANGLEMENT, COMPLETENESS, INFORMATIVENESS)
def dci(representation: Representation, *, seed: int = 0) -> DCI:
    """Disentanglement, completeness and informativeness, each 0 to 1.

    Extremely randomised trees predict each factor from all latents; P[j, k] is the
    part that latent j has in the impurity that the trees of factor k remove.
    Disentanglement of a latent: 1 - H of its row of P, weighted by the row's sum.
    Completeness of a factor: 1 - H of its column. Informativeness: held-out R2 of the
    trees (ordered, and circular as cosine and sine), or balanced accuracy from 0 at
    chance (categorical).
    1, 1, 1: one latent for each factor and one factor for each latent, and all is read.

    Disentanglement is blind to several latents for one factor, completeness to several
    factors in one latent. A factor that the trees cannot read (informativeness below
    0.01) has no importances; if there are none at all the first two are undefined.

    Source: Eastwood & Williams (2018), section 2. Differs from published code, whose
    gradient boosting is unseeded, and classifies ordered factors as labels;
    scikit-learn's faster histogram boosting has no importances.
    """
    table, codes = representation.table, representation.codes
    reasons = factor_reasons(representation)
    fold = label_folds(
        np.column_stack([codes, table.values]), np.zeros(len(codes), int)
    )
    importance = np.zeros((codes.shape[1], len(table.factors)))
    informativeness = np.zeros(len(table.factors))
    if not is_constant(codes).all() and fold.max(initial=0) > 0:
        rng = np.random.default_rng(seed)
        train, test = _rows(fold != 0, rng), _rows(fold == 0, rng)
        for index, factor in enumerate(table.factors):
            if reasons[index] is None:
                values = table.values[:, index]
                importance[:, index], informativeness[index] = _probe(
                    factor, codes, values, train, test, seed
                )
    known = importance * (informativeness > USELESS)
    return DCI(
        _disentanglement(representation, known),
        _completeness(representation, known, reasons),
        score_of_parts(INFORMATIVENESS, table.names, informativeness, reasons),
    )


def _disentanglement(representation: Representation, importance) -> Score:
    weights = importance.sum(axis=1)
    reasons = latent_reasons(representation)
    varying = np.ptp(representation.table.values, axis=0) > 0
    for latent, weight in enumerate(weights):
        if np.count_nonzero(varying) < 2:
            reasons[latent] = "needs at least two factors that vary"
        elif reasons[latent] is None and weight == 0:
            reasons[latent] = "unused: no tree that reads a factor needs it"
    return score_of_parts(
        DISENTANGLEMENT,
        representation.latent_names,
        one_minus_entropy(importance[:, varying]),
        reasons,
        matrix=importance,
        matrix_name="importance",
        weights=weights,
    )


def _completeness(representation: Representation, importance, reasons) -> Score:
    reasons = [
        reason
        or ("needs at least two latents" if len(importance) < 2 else None)
        or (None if total > 0 else "not read: no latent has any importance")
        for reason, total in zip(reasons, importance.sum(axis=0), strict=True)
    ]
    return score_of_parts(
        COMPLETENESS,
        representation.table.names,
        one_minus_entropy(importance.T),
        reasons,
        matrix=importance,
        matrix_name="importance",
    )


def _rows(kept, rng) -> Int[np.ndarray, " row"]:
    """The rows that are kept, at most 4000 of them."""
    return rng.permutation(np.flatnonzero(kept))[:MOST_ROWS]


def _probe(
    factor: Factor,
    codes: Float[np.ndarray, "sample latent"],
    values: Float[np.ndarray, " sample"],
    train: Int[np.ndarray, " train"],
    test: Int[np.ndarray, " test"],
    seed: int,
) -> tuple[Float[np.ndarray, " latent"], float]:
    """Importance of each latent for one factor, and how well the trees read it."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    if factor.kind == "categorical":
        label = np.unique(values, return_inverse=True)[1]
        trees = ExtraTreesClassifier(
            NUM_TREES,
            class_weight="balanced",
            # as for numbers: no split on a latent by lot
            max_features=None,  # type: ignore[arg-type]
            min_samples_leaf=FEWEST_ROWS_OF_A_LEAF,
            random_state=seed,
            n_jobs=-1,
        )
        trees.fit(codes[train], label[train])
        read = _balanced_accuracy(label[test], trees.predict(codes[test]))
    else:
        columns = values[:, None]
        if factor.kind == "circular":
            angle = factor.angle(values)
            columns = np.column_stack([np.cos(angle), np.sin(angle)])
        trees = ExtraTreesRegressor(
            NUM_TREES,
            min_samples_leaf=FEWEST_ROWS_OF_A_LEAF,
            random_state=seed,
            n_jobs=-1,
        )
        trees.fit(codes[train], columns[train].squeeze())
        predicted = trees.predict(codes[test]).reshape(len(test), -1)
        error = ((columns[test] - predicted) ** 2).sum()
        total = ((columns[test] - columns[train].mean(axis=0)) ** 2).sum()
        read = max(0.0, 1 - error / total) if total > 0 else 0.0
    return trees.feature_importances_, float(read)


def _balanced_accuracy(label, predicted) -> float:
    count = np.bincount(label)
    seen = count > 0
    hit = np.bincount(label, predicted == label)[seen] / count[seen]
    chance = 1 / max(2, len(hit))
    return max(0.0, float((hit.mean() - chance) / (1 - chance)))
