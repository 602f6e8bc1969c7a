"""DCI: disentanglement, completeness and informativeness of a probe's importances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinyvae.measures.importance import one_minus_entropy
from tinyvae.measures.share import is_constant
from tinyvae.measures.spearman import standardised
from tinyvae.representation import Representation
from tinyvae.scores.probes import (
    drawn_rows,
    labels_to_keep,
    probe_of_labels,
    probe_of_numbers,
)
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
FEWEST_ROWS = 50  # a fifth of them are held out
TOO_FEW_ROWS = f"few rows: needs {FEWEST_ROWS}"


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
            label = labels_to_keep(factor, values)
            drawn = drawn_rows(table.values, codes, label, seed)
            if factor.kind == "categorical":
                found = probe_of_labels(standard, label, drawn, seed)
            else:
                columns = factor.columns(values)
                if factor.kind == "ordered":
                    columns = standardised(columns, table.probability)
                found = probe_of_numbers(standard, columns, drawn, seed, label=label)
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
