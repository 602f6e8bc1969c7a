"""The answer's own measures as scores: share, readout and Spearman, matched."""

from __future__ import annotations

import math

import numpy as np

from tinyvae.measures.spearman import spearman_matrix
from tinyvae.measures.tables import readout_of_table, share_of_table
from tinyvae.representation import Representation
from tinyvae.scores.matched import matched_score, unordered_reasons
from tinyvae.scores.score import Properties, Score, scored

SHARE = Properties(
    "share", rotation=lambda angle: max(math.cos(angle) ** 2, math.sin(angle) ** 2)
)
READOUT = Properties("readout")
SPEARMAN = Properties("Spearman", monotone=True)


@scored(SHARE)
def share(representation: Representation) -> Score:
    """Share of the variance of each factor's latent that the factor explains, 0 to 1.

    Var(E[z | f]) / Var(z) of each latent and factor, at the one-to-one matching of
    largest sum; the mean over factors. 1: each latent is a function of its factor
    alone, whatever the function; cos^2 t where two latents are turned by t. It works
    for every kind of factor. Continuous factors go into bins; in a sample, the share
    that noise explains is subtracted.

    Blind to whether the factor can be read back: a latent may be a fold or a
    checkerboard of it. See `readout`. Latents with heavy tails lower it, since they
    vary within the last bin: a copy of a log-normal factor (sigma 1, 2000 rows) scores
    0.86.

    Source: the correlation ratio, Pearson (1905); the first-order Sobol index, Sobol'
    (1993). No other library computes it.
    """
    matrix = share_of_table(representation.codes, representation.table)
    return matched_score(SHARE, representation, matrix, "share")


@scored(READOUT)
def readout(representation: Representation) -> Score:
    """R2 with which each factor is read from its own latent, 0 to 1.

    A cubic spline of 5 degrees of freedom predicts each factor from each latent, with
    whole combinations of factors held out; the mean over factors at the one-to-one
    matching of largest sum. 1: each factor is a smooth function of one latent. Circular
    factors are read as cosine and sine; for categorical ones, the balanced accuracy of
    a decision tree, from 0 at chance, takes the place of R2.

    Blind to what else a latent holds (16 x + y reads x): see `share`.

    Source: Eilers & Marx (1996) for splines; R2 of one latent as in SAP, Kumar et al.
    (2018), arXiv:1711.00848, but nonlinear and held out. No other library computes it.
    """
    matrix = readout_of_table(representation.codes, representation.table)
    return matched_score(READOUT, representation, matrix, "R2")


@scored(SPEARMAN)
def spearman(representation: Representation) -> Score:
    """Rank correlation of each factor with its own latent, 0 to 1.

    |Spearman's correlation| at the one-to-one matching of largest sum; the mean over
    factors; the matrix keeps the signs. 1: each factor increases or decreases along one
    latent; by chance it is above 0 by about 1 / sqrt(rows). Undefined for circular and
    categorical factors, which have no order.

    Blind to what else a latent holds. A latent folded in the middle scores 0.

    Source: Spearman (1904); as MCC in nonlinear ICA, e.g. Hyvarinen & Morioka (2016),
    arXiv:1605.06336. Differs from published code, which has as many latents as factors
    and does not leave out latents that do not move.
    """
    table = representation.table
    matrix = spearman_matrix(representation.codes, table.values, table.probability)
    reasons = unordered_reasons(representation)
    matrix = np.where([reason is None for reason in reasons], matrix, np.nan)
    return matched_score(SPEARMAN, representation, matrix, "rank correlation", reasons)
