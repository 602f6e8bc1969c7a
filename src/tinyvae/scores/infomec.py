"""InfoMEC: modularity, explicitness and compactness by information."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.measures.folds import combination_folds, label_folds
from tinyvae.measures.information import (
    BinnedInformation,
    affordable_bins,
    binned_information,
    levels_of_factors,
)
from tinyvae.measures.joint_readout import linear_readout, whiten
from tinyvae.measures.mutual_information import (
    label_column,
    mutual_information,
    split_column,
)
from tinyvae.measures.share import is_constant
from tinyvae.measures.tables import by_factor, numeric_columns
from tinyvae.representation import Representation, once_each
from tinyvae.scores.explicitness import discriminant_posterior
from tinyvae.scores.modularity import UNINFORMED
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    latent_reasons,
    score_of_parts,
    scored,
)

INFO_M = Properties("InfoM", chance=None, monotone=True)
INFO_E = Properties("InfoE")
INFO_C = Properties("InfoC", chance=None, monotone=True)


class InfoMEC(NamedTuple):
    """The three scores, each 0 to 1; `modularity.matrix` holds the information."""

    modularity: Score
    explicitness: Score
    compactness: Score


@scored(INFO_M, INFO_E, INFO_C)
def infomec(representation: Representation) -> InfoMEC:
    """InfoM, InfoE and InfoC: modularity, explicitness and compactness, each 0 to 1.

    N[j, k] = I(z_j; f_k) / H(f_k): counted where codes have few values, by nearest
    neighbours where they are continuous (`mutual_information`).
    InfoM: each latent's largest N over the sum of its row, averaged, and rescaled so
    that 1 / K becomes 0. InfoC: each factor's largest N over the sum of its column,
    rescaled in the same way. InfoE: how much of each factor a linear model on all
    latents predicts, held out: R2, or for a categorical factor the relative reduction
    of the log loss. All three are 1 if each factor has one latent, each latent has one
    factor, and the relation is linear.

    InfoM is blind to several latents for one factor, InfoC to several factors in one
    latent, InfoE to rotation. Latents that share no more with any factor than chance
    are left out of InfoM and InfoC, which are undefined if no latent remains.

    Source: Hsu et al. (2023), section 5, arXiv:2305.18378. Differs from published
    code, which leaves latents out by their range (so that their scale matters), tests
    InfoE on the rows that it was fitted to, and treats all factors as integers.
    """
    codes, table = representation.codes, representation.table
    num_bins = affordable_bins(len(codes))
    binned = binned_information(representation, num_bins)
    informed = binned.informed
    levels = levels_of_factors(table, num_bins)
    information = _information(once_each(representation), binned, num_bins)
    return InfoMEC(
        _modularity(representation, information, informed),
        _explicitness(representation, levels),
        _compactness(representation, information, informed),
    )


def _information(
    representation: Representation, binned: BinnedInformation, num_bins: int
) -> Float[np.ndarray, "latent factor"]:
    """I(z; f) / H(f) of the informed latents and the factors that are read, 0 to 1."""
    codes, table = representation.codes, representation.table
    found = np.zeros((codes.shape[1], len(table.factors)))
    columns = {
        int(latent): split_column(codes[:, latent])
        for latent in np.flatnonzero(binned.informed)
    }
    levels = levels_of_factors(table, num_bins)
    for factor in map(int, np.flatnonzero(binned.read)):
        level = levels[:, factor]
        frequency = np.bincount(level) / len(level)
        frequency = frequency[frequency > 0]
        if len(frequency) > 1:
            entropy = -(frequency * np.log(frequency)).sum()
            column = label_column(level)
            for latent, split in columns.items():
                shared = mutual_information(split, column)
                found[latent, factor] = min(1.0, shared / entropy)
    return found


def _modularity(representation: Representation, information, informed) -> Score:
    varying = np.ptp(representation.table.values, axis=0) > 0
    reasons = latent_reasons(representation)
    for latent, knows in enumerate(informed):
        if np.count_nonzero(varying) < 2:
            reasons[latent] = "needs at least two factors that vary"
        elif reasons[latent] is None and not knows:
            reasons[latent] = UNINFORMED
    return score_of_parts(
        INFO_M,
        representation.latent_names,
        _largest_part(information[:, varying]),
        reasons,
        matrix=information,
        matrix_name="information / entropy",
    )


def _compactness(representation: Representation, information, informed) -> Score:
    known = information[informed]
    reasons = [
        reason or (None if total > 0 else "not read: no latent is informative about it")
        for reason, total in zip(
            factor_reasons(representation), known.sum(axis=0), strict=True
        )
    ]
    if np.count_nonzero(informed) == 1:  # one latent for every factor: compact
        parts = np.ones(len(reasons))
    else:
        parts = _largest_part(known.T)
    return score_of_parts(
        INFO_C,
        representation.table.names,
        parts,
        reasons,
        matrix=information,
        matrix_name="information / entropy",
    )


def _largest_part(
    information: Float[np.ndarray, "row column"],
) -> Float[np.ndarray, " row"]:
    """(max / sum - 1 / columns) / (1 - 1 / columns) of each row."""
    if information.shape[1] < 2:
        return np.zeros(len(information))
    even = 1 / information.shape[1]
    total = information.sum(axis=1)
    largest = information.max(axis=1) / np.where(total > 0, total, 1.0)
    return np.clip((largest - even) / (1 - even), 0, 1)


def _explicitness(representation: Representation, levels) -> Score:
    codes, table = representation.codes, representation.table
    reasons = factor_reasons(representation)
    moving = codes[:, ~is_constant(codes)]
    parts = np.zeros(len(table.factors))
    if moving.shape[1] > 0:
        columns, owner = numeric_columns(table)
        fold = combination_folds(table.values)
        r2 = linear_readout(moving, columns, table.probability, fold=fold)
        parts = np.nan_to_num(by_factor(r2, columns, owner, table))
        components = whiten(moving, table.probability)
        for index, factor in enumerate(table.factors):
            if factor.kind == "categorical" and reasons[index] is None:
                label = levels[:, index]
                held_out = label_folds(components, label)
                parts[index] = _saved_log_loss(components, label, held_out)
    return score_of_parts(INFO_E, table.names, parts, reasons)


def _saved_log_loss(components, label, fold) -> float:
    """1 - H(f | z) / H(f), both as held-out log losses of a linear classifier."""
    posterior = discriminant_posterior(components, label, fold)
    loss = -posterior[np.arange(len(label)), label].mean()
    frequency = np.bincount(label) / len(label)
    return max(0.0, float(1 - loss / -(frequency * np.log(frequency)).sum()))
