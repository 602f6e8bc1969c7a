"""The mean correlation coefficient, as nonlinear ICA reports it."""

from __future__ import annotations

import math

import numpy as np

from tinyvae.measures.share import is_constant
from tinyvae.measures.tables import share_of_table
from tinyvae.representation import Representation
from tinyvae.scores.matched import matched_score
from tinyvae.scores.sap import latent_r2
from tinyvae.scores.score import Properties, Score, factor_reasons, scored

MCC = Properties(
    "MCC", rotation=lambda angle: max(abs(math.cos(angle)), math.sin(angle))
)


@scored(MCC)
def mean_correlation_coefficient(representation: Representation) -> Score:
    """Mean correlation of each factor with its own latent, 0 to 1.

    |Pearson's correlation| of each latent with each factor, at the one-to-one matching
    of largest sum; the mean over factors. For a circular factor, the multiple
    correlation of the latent with cosine and sine; for a categorical one, the root of
    the share (the correlation ratio). 1: each factor is a linear function of its own
    latent; by chance it is above 0 by about 1 / sqrt(rows).

    Blind to what else a latent holds, and it hardly falls with rotation: a code turned
    by 45 degrees still scores 0.71. Measures linear relations only; `spearman` allows
    increasing maps.

    Source: Hyvarinen & Morioka (2016), section 5, arXiv:1605.06336; matched as in
    Khemakhem et al. (2020), arXiv:1907.04809. Differs from published code, which has
    as many latents as factors and treats every factor as a number.
    """
    codes, table = representation.codes, representation.table
    reasons = factor_reasons(representation)
    matrix = np.full((codes.shape[1], len(table.factors)), np.nan)
    moving = ~is_constant(codes)
    for index, factor in enumerate(table.factors):
        values = table.values[:, index]
        if reasons[index] is not None or not moving.any():
            continue
        if factor.kind == "categorical":
            matrix[:, index] = np.sqrt(share_of_table(codes, table)[:, index])
            continue
        matrix[moving, index] = np.sqrt(
            latent_r2(codes[:, moving], factor.columns(values), table.probability)
        )
    return matched_score(MCC, representation, matrix, "|correlation|", reasons)
