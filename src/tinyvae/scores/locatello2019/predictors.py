"""Scores from classifiers that predict the factors from the latents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.scores.locatello2019.checks import (
    check_at_least_two,
    check_factors_vary,
    check_same_levels,
    check_test_sample,
)

# scikit-learn is imported where it is used: it is slow to import, and `import tinyvae`
# should not wait for it.

SVM_COST = 0.01
# A latent of less variance counts as constant.
LEAST_VARIANCE = 1e-12
# Keeps the entropy of an importance of 0 defined.
LEAST_IMPORTANCE = 1e-11


class DciScores(NamedTuple):
    """Disentanglement, completeness and informativeness, each 0 to 1."""

    disentanglement: float
    completeness: float
    informativeness_train: float  # accuracy of the classifiers on their own rows
    informativeness_test: float
    importance: Float[np.ndarray, "latent factor"]  # columns add up to 1


def sap(
    codes: Float[np.ndarray, "sample latent"],
    factors: Int[np.ndarray, "sample factor"],
    test_codes: Float[np.ndarray, "test latent"],
    test_factors: Int[np.ndarray, "test factor"],
    *,
    continuous: bool = False,
) -> float:
    """Separated attribute predictability: lead of each factor's best latent, 0 to 1.

    The score of the best latent minus that of the runner-up, averaged over factors. A
    latent's score is the accuracy of a linear SVM (C = 0.01, balanced classes) on the
    test sample, or, with `continuous`, the squared correlation in the sample. 1: one
    latent alone predicts each factor; 0: ties.

    Known faults: the SVM separates each level from the rest, but a threshold on one
    latent cannot isolate a middle level; its cost depends on the latent's scale. A
    perfect code of 6, 16 and 16 levels scores 0.2. `continuous` sees only linear
    relations.

    Raises: DataError for fewer than 2 latents, a constant factor, or arrays that do
    not fit.
    Source: Kumar et al. (2018), section 3, arXiv:1711.00848; SVM as in dlib.
    """
    check_test_sample(codes, factors, test_codes, test_factors)
    check_at_least_two(codes.shape[1], "latents")
    check_factors_vary(factors)
    if continuous:
        predicted = _squared_correlation(codes, factors)
    else:
        predicted = _svm_accuracy(codes, factors, test_codes, test_factors)
    # SAP = mean_k (S_(1)k - S_(2)k)
    runner_up, best = np.sort(predicted, axis=0)[-2:]
    return float(np.mean(best - runner_up))


def explicitness(
    codes: Float[np.ndarray, "sample latent"],
    factors: Int[np.ndarray, "sample factor"],
    test_codes: Float[np.ndarray, "test latent"],
    test_factors: Int[np.ndarray, "test factor"],
) -> tuple[float, float]:
    """Explicitness on the sample and on the test sample, 0 to 1.

    Area under the ROC curve of each level against the rest, from a logistic regression
    on all (standardised) latents; mean over levels, then factors. 1: every level is
    separated from the rest; 0.5: chance.

    Known faults: chance is 0.5 and not 0; it is blind to rotation; and it depends on
    scikit-learn's default. From version 0.22 on all levels are fitted jointly, as here;
    before, each was fitted against the rest, which gives up to 0.08 less on the
    reference codes.

    Raises: DataError for a constant factor, a level that only one sample has, or
    arrays that do not fit.
    Source: Ridgeway & Mozer (2018), section 3, arXiv:1802.05312.
    """
    check_test_sample(codes, factors, test_codes, test_factors)
    check_factors_vary(factors)
    check_same_levels(factors, test_factors)
    mean, scale = codes.mean(axis=0), codes.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    standardised, test_standardised = (
        (codes - mean) / scale,
        (test_codes - mean) / scale,
    )
    areas = [
        _areas(standardised, factor, test_standardised, test_factor)
        for factor, test_factor in zip(factors.T, test_factors.T, strict=True)
    ]
    train, test = np.mean(areas, axis=0)
    return float(train), float(test)


def dci(
    codes: Float[np.ndarray, "sample latent"],
    factors: Int[np.ndarray, "sample factor"],
    test_codes: Float[np.ndarray, "test latent"],
    test_factors: Int[np.ndarray, "test factor"],
    *,
    seed: int = 0,
) -> DciScores:
    """Disentanglement, completeness and informativeness by gradient boosting.

    The importances of the latents for each factor come from 100 boosted trees for each
    level. Disentanglement 1: each latent is important for one factor only;
    completeness 1: each factor needs one latent only; 0: all importances are equal.
    Informativeness is the accuracy (1: all rows right).

    Known faults: dlib does not seed the trees, so ties between latents differ in every
    run (here `seed` decides them); one tree for each level and step makes it slow; and
    trees memorise rows: where a small grid puts the same rows into both samples, even
    noise is informative (0.70 on the reference codes).

    Raises: DataError for fewer than 2 latents or factors, a constant factor, or
    arrays that do not fit.
    Source: Eastwood & Williams (2018); boosting as in dlib.
    """
    check_test_sample(codes, factors, test_codes, test_factors)
    check_at_least_two(codes.shape[1], "latents")
    check_at_least_two(factors.shape[1], "factors")
    check_factors_vary(factors)
    importance, train, test = _boosted(codes, factors, test_codes, test_factors, seed)
    if importance.sum() == 0:  # no tree was split: no latent is preferred
        importance = np.ones_like(importance)
    weight = importance / importance.sum()
    # D = sum_j w_j (1 - H_K(P_j)), C = sum_k w_k (1 - H_J(P_k))
    disentanglement = weight.sum(axis=1) @ _concentration(importance)
    completeness = weight.sum(axis=0) @ _concentration(importance.T)
    return DciScores(
        float(disentanglement), float(completeness), train, test, importance
    )


def _squared_correlation(codes, factors):
    latent, factor = codes - codes.mean(axis=0), factors - factors.mean(axis=0)
    # cov(z_j, f_k)^2 / (var(z_j) var(f_k)); the number of rows cancels
    squared = (latent.T @ factor) ** 2 / (factor**2).sum(axis=0)
    scatter = (latent**2).sum(axis=0)
    moves = scatter > LEAST_VARIANCE * (len(codes) - 1)
    return np.where(
        moves[:, None], squared / np.where(moves, scatter, 1.0)[:, None], 0.0
    )


def _svm_accuracy(codes, factors, test_codes, test_factors):
    from sklearn.svm import LinearSVC

    accuracy = np.zeros((codes.shape[1], factors.shape[1]))
    for latent, factor in np.ndindex(accuracy.shape):
        # seeded: a later scikit-learn may choose a solver that uses random numbers
        svm = LinearSVC(C=SVM_COST, class_weight="balanced", random_state=0)
        svm.fit(codes[:, [latent]], factors[:, factor])
        predicted = svm.predict(test_codes[:, [latent]])
        accuracy[latent, factor] = np.mean(predicted == test_factors[:, factor])
    return accuracy


def _areas(codes, factor, test_codes, test_factor):
    """Mean area under the ROC curve over the levels, on both samples."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    model = LogisticRegression().fit(codes, factor)
    return [
        np.mean(
            [
                roc_auc_score(labels == level, probability)
                for level, probability in zip(
                    model.classes_, model.predict_proba(rows).T, strict=True
                )
            ]
        )
        for rows, labels in ((codes, factor), (test_codes, test_factor))
    ]


def _boosted(codes, factors, test_codes, test_factors, seed):
    """Importances (latent, factor), and the mean accuracy on either sample."""
    from sklearn.ensemble import GradientBoostingClassifier

    importance, train, test = [], [], []
    for factor, test_factor in zip(factors.T, test_factors.T, strict=True):
        model = GradientBoostingClassifier(random_state=seed).fit(codes, factor)
        importance.append(model.feature_importances_)
        train.append(np.mean(model.predict(codes) == factor))
        test.append(np.mean(model.predict(test_codes) == test_factor))
    return np.stack(importance, axis=1), float(np.mean(train)), float(np.mean(test))


def _concentration(importance):
    """1 - entropy of each row, relative to the largest possible; 1: one column."""
    part = importance + LEAST_IMPORTANCE
    part /= part.sum(axis=1, keepdims=True)
    return 1 + (part * np.log(part)).sum(axis=1) / np.log(importance.shape[1])
