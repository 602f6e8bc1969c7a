"""DCI: disentanglement, completeness and informativeness of a probe's importances."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import Factor
from tinyvae.measures.folds import drawn_by_label, grouped_folds
from tinyvae.measures.importance import one_minus_entropy
from tinyvae.measures.share import is_constant
from tinyvae.measures.spearman import standardised
from tinyvae.representation import Representation
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    latent_reasons,
    score_of_parts,
    scored,
)

DISENTANGLEMENT = Properties("DCI disentanglement", chance=None, samples=True)
COMPLETENESS = Properties("DCI completeness", chance=None, samples=True)
INFORMATIVENESS = Properties("DCI informativeness", samples=True)
NUM_TREES = 30
CUTS = 3  # of each latent that a split considers; one finds rare labels by luck only
FEWEST_ROWS_OF_A_LEAF = 3
FEWEST_ROWS = 50  # a fifth of them are held out
TOO_FEW_ROWS = f"few rows: needs {FEWEST_ROWS}"
MOST_ROWS = 4000  # to train a probe; more rows change no score by 0.01 (measured)
MOST_LEVELS = 20  # of a number, for its rows to be drawn by level
SIGNIFICANCE = 1e-4  # largest p-value at which a probe's importances count


class DCI(NamedTuple):
    """The three scores, each 0 to 1; `disentanglement.matrix` holds the importances."""

    disentanglement: Score
    completeness: Score
    informativeness: Score


@scored(DISENTANGLEMENT, COMPLETENESS, INFORMATIVENESS)
def dci(representation: Representation, *, seed: int = 0) -> DCI:
    """Disentanglement, completeness and informativeness, each 0 to 1.

    Extremely randomised trees predict each factor from all latents; each split is the
    best of three random cuts of every latent. P[j, k] is the share of latent j in the
    impurity that the trees of factor k remove. Disentanglement of a latent: 1 - H of
    its row of P, weighted by the row's sum. Completeness of a factor: 1 - H of its
    column. Informativeness: the trees' held-out R2 (ordered; circular as cosine and
    sine), or balanced accuracy from 0 at chance (categorical). All three are 1 if each
    factor has one latent, each latent has one factor, and every factor is predicted
    without error.

    Disentanglement is blind to several latents for one factor, completeness to several
    factors in one latent. A factor that the trees do not predict better than chance
    (p = 1 / 10 000) has no importances; if no factor has any, disentanglement and
    completeness are undefined. Rows that show the same combination of factors are held
    out together. Of many rows, 4000 are drawn by label, so that a rare label stays.

    Source: Eastwood & Williams (2018), section 2. Differs from published code, whose
    gradient boosting is unseeded and treats ordered factors as labels. scikit-learn's
    faster histogram boosting has no importances.
    """
    table, codes = representation.table, representation.codes
    reasons = factor_reasons(representation)
    if len(codes) < FEWEST_ROWS:
        reasons = [reason or TOO_FEW_ROWS for reason in reasons]
    # standardised, since trees cannot split very small or very large values
    standard = standardised(codes, table.probability) * ~is_constant(codes)
    importance = np.zeros((codes.shape[1], len(table.factors)))
    informativeness = np.zeros(len(table.factors))
    for index, factor in enumerate(table.factors):
        if reasons[index] is None and not is_constant(codes).all():
            values = table.values[:, index]
            label = _labels(factor, values)
            drawn = _drawn(table.values, codes, label, seed)
            if factor.kind == "categorical":
                found = _classify(standard, label, drawn, seed)
            else:
                columns = factor.columns(values)
                if factor.kind == "ordered":
                    columns = standardised(columns, table.probability)
                found = _regress(standard, columns, drawn, seed)
            informativeness[index] = found.informativeness
            if found.better_than_chance:
                importance[:, index] = found.importance
    return DCI(
        _disentanglement(representation, importance),
        _completeness(representation, importance, reasons),
        score_of_parts(INFORMATIVENESS, table.names, informativeness, reasons),
    )


def _disentanglement(representation: Representation, importance) -> Score:
    weights = importance.sum(axis=1)
    reasons = latent_reasons(representation)
    varying = np.ptp(representation.table.values, axis=0) > 0
    for latent, weight in enumerate(weights):
        if np.count_nonzero(varying) < 2:
            reasons[latent] = "needs at least two factors that vary"
        elif len(representation.codes) < FEWEST_ROWS:
            reasons[latent] = reasons[latent] or TOO_FEW_ROWS
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


class _Drawn(NamedTuple):
    """Rows to train and to test a probe, and how many rows each stands for."""

    train: Int[np.ndarray, " train"]
    test: Int[np.ndarray, " test"]
    weight: Float[np.ndarray, " sample"]  # of a row that is drawn


def _labels(
    factor: Factor, values: Float[np.ndarray, " sample"]
) -> Int[np.ndarray, " sample"]:
    """The labels, or levels, of which each keeps rows; one for all in a continuum."""
    distinct, level = np.unique(values, return_inverse=True)
    if factor.kind == "categorical" or len(distinct) <= MOST_LEVELS:
        return level
    return np.zeros(len(values), int)


def _drawn(
    factors: Float[np.ndarray, "sample factor"],
    codes: Float[np.ndarray, "sample latent"],
    label: Int[np.ndarray, " sample"],
    seed: int,
) -> _Drawn:
    """At most 4000 rows to train and to test, drawn by label.

    A fold is held out: of those that show the most labels, the first.
    """
    fold = grouped_folds(factors, codes, label)
    pairs = np.unique(np.column_stack([fold, label]), axis=0)
    test = fold == np.bincount(pairs[:, 0]).argmax()
    halves, weight = [], np.ones(len(label))
    for rows in (np.flatnonzero(~test), np.flatnonzero(test)):
        drawn = drawn_by_label(codes[rows], label[rows], MOST_ROWS, seed=seed)
        before = np.bincount(label[rows])
        after = np.bincount(label[rows[drawn]], minlength=len(before))
        weight[rows] = (before / np.maximum(after, 1))[label[rows]]
        halves.append(rows[drawn])
    return _Drawn(*halves, weight)


class _Probe(NamedTuple):
    """A probe's held-out prediction of a factor, and the latents that it uses."""

    importance: Float[np.ndarray, " latent"]
    informativeness: float
    better_than_chance: bool


def _importance(trees) -> Float[np.ndarray, " latent"]:
    """Share of each latent, whose copies took part once for each cut."""
    return trees.feature_importances_.reshape(CUTS, -1).sum(axis=0)


def _regress(codes, columns, drawn: _Drawn, seed: int) -> _Probe:
    """Trees on numbers: held-out R2, and whether predictions and targets correlate."""
    from scipy.special import ndtri
    from sklearn.ensemble import ExtraTreesRegressor

    train, test, weight = drawn.train, drawn.test, drawn.weight[drawn.test]
    trees = ExtraTreesRegressor(
        NUM_TREES,
        min_samples_leaf=FEWEST_ROWS_OF_A_LEAF,
        random_state=seed,
        n_jobs=-1,
    )
    codes = np.tile(codes, (1, CUTS))
    trees.fit(codes[train], columns[train].squeeze(), drawn.weight[train])
    predicted = trees.predict(codes[test]).reshape(len(test), -1)
    mean = np.average(columns[train], axis=0, weights=drawn.weight[train])
    error = weight @ ((columns[test] - predicted) ** 2).sum(axis=1)
    total = weight @ ((columns[test] - mean) ** 2).sum(axis=1)
    read = max(0.0, 1 - error / total) if total > 0 else 0.0
    centred = predicted - np.average(predicted, axis=0, weights=weight)
    products = weight * ((columns[test] - mean) * centred).sum(axis=1)
    spread = products.std() * np.sqrt(len(test))
    sure = products.sum() > -ndtri(SIGNIFICANCE) * spread
    return _Probe(_importance(trees), float(read), bool(sure and read > 0))


def _classify(codes, label, drawn: _Drawn, seed: int) -> _Probe:
    """Trees on labels: held-out balanced accuracy, from 0 at chance to 1.

    Better than chance: than the same predictions for shuffled rows.
    """
    from scipy.special import ndtri
    from sklearn.ensemble import ExtraTreesClassifier

    train, test = drawn.train, drawn.test
    trees = ExtraTreesClassifier(
        NUM_TREES,
        class_weight="balanced",
        # as for numbers: every split considers all latents
        max_features=None,  # type: ignore[arg-type]
        min_samples_leaf=FEWEST_ROWS_OF_A_LEAF,
        random_state=seed,
        n_jobs=-1,
    )
    codes = np.tile(codes, (1, CUTS))
    with warnings.catch_warnings():
        # scikit-learn warns that many labels may be a measured quantity
        warnings.simplefilter("ignore", UserWarning)
        trees.fit(codes[train], label[train])
    predicted = trees.predict(codes[test])
    num_labels = len(np.unique(label[train]))
    seen, place, count = np.unique(label[test], return_inverse=True, return_counts=True)
    if len(seen) < 2 or num_labels < 2:  # nothing to distinguish
        return _Probe(_importance(trees), 0.0, False)
    weight = 1 / (len(seen) * count[place])
    by_chance = (predicted[:, None] == seen).mean(axis=0)[place]
    excess = weight @ ((predicted == label[test]) - by_chance)
    spread = np.sqrt(weight**2 @ (by_chance * (1 - by_chance)))
    accuracy = weight @ (predicted == label[test])
    chance = 1 / num_labels
    read = max(0.0, float((accuracy - chance) / (1 - chance)))
    sure = excess > max(-ndtri(SIGNIFICANCE) * spread, 1e-9)
    return _Probe(_importance(trees), read, bool(sure))
