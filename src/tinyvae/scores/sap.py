"""SAP: separated attribute predictability."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from tinyvae.measures.label_readout import label_readout
from tinyvae.measures.share import is_constant
from tinyvae.representation import Representation
from tinyvae.scores.mig import ONE_LATENT
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    score_of_parts,
    scored,
)

SAP = Properties("SAP", rotation=lambda angle: abs(math.cos(2 * angle)))


@scored(SAP)
def sap(representation: Representation) -> Score:
    """Separated attribute predictability, 0 to 1.

    For each factor, the prediction score of the best latent minus that of the
    runner-up; the mean over factors. The prediction score is the squared correlation
    for an ordered factor; the R2 of the latent on cosine and sine for a circular one;
    and for a categorical one the held-out balanced accuracy of a decision tree on that
    latent alone, from 0 at chance to 1. 1: one latent alone is a linear function of the
    factor; 0: two latents predict it equally well.

    Blind to what else a latent holds, and to nonlinear relations. A code of two
    independent ordered factors turned by an angle t scores cos 2t. A circular factor
    held in two latents, as cosine and sine, scores 0, since neither leads.

    Source: Kumar et al. (2018), section 3, arXiv:1711.00848. Differs from published
    code, whose linear classifier for integer factors depends on the latent's scale and
    cannot separate a middle class from those on both sides.
    """
    codes, table = representation.codes, representation.table
    reasons = factor_reasons(representation)
    matrix = np.zeros((codes.shape[1], len(table.factors)))
    moving = np.flatnonzero(~is_constant(codes))
    for index, factor in enumerate(table.factors):
        values = table.values[:, index]
        if reasons[index] is not None or len(moving) == 0:
            continue
        if factor.kind == "categorical":
            matrix[moving, index] = [
                label_readout(codes[:, [latent]], values) for latent in moving
            ]
        else:
            matrix[moving, index] = latent_r2(
                codes[:, moving],
                factor.columns(values),
                table.probability,
            )
    if len(matrix) < 2:
        parts, reasons = np.zeros(len(reasons)), [r or ONE_LATENT for r in reasons]
    else:
        runner_up, best = np.sort(matrix, axis=0)[-2:]
        parts = best - runner_up
    return score_of_parts(
        SAP, table.names, parts, reasons, matrix=matrix, matrix_name="prediction"
    )


def latent_r2(
    codes: Float[np.ndarray, "sample latent"],
    columns: Float[np.ndarray, "sample column"],
    probability: Float[np.ndarray, " sample"],
) -> Float[np.ndarray, " latent"]:
    """R2 of each latent as a linear function of the columns, 0 to 1.

    With one column, the squared correlation, the same in both directions.
    """
    weight = np.sqrt(probability)[:, None]
    centred = weight * (codes - probability @ codes)
    basis = np.linalg.qr(weight * (columns - probability @ columns))[0]
    explained = ((basis.T @ centred) ** 2).sum(axis=0)
    return np.clip(explained / (centred**2).sum(axis=0), 0, 1)
