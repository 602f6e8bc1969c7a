"""Mutual information gap: lead of the best latent over the runner-up."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.measures.information import affordable_bins, binned_information
from tinyvae.measures.mutual_information import (
    Column,
    label_column,
    mutual_information,
    split_column,
)
from tinyvae.measures.share import is_constant
from tinyvae.representation import Representation, once_each
from tinyvae.scores.score import (
    Properties,
    Score,
    factor_reasons,
    score_of_parts,
    scored,
)

MIG = Properties("MIG", monotone=True)
MIG_NEAREST = Properties("MIG, nearest neighbours", monotone=True)
ROWS_PER_VALUE = 10  # from which on a factor has few values
ONE_LATENT = "needs at least two latents"


@scored(MIG)
def mig(representation: Representation, *, num_bins: int | None = None) -> Score:
    """Mutual information gap, 0 to 1.

    For each factor, (I(best latent; f) - I(runner-up; f)) / H(f); the mean over
    factors. 1: one latent alone determines the factor; 0: two latents are equally
    informative. Information is measured in equally probable bins, in which equal values
    stay together (by default 20, or one for every 5 rows if that is fewer), and
    corrected for chance in a sample (`binned_information`).

    Blind to what else a latent holds: one latent that holds two factors can lead for
    both. It falls steeply with rotation: 10 degrees halve it for two continuous
    factors. A circular factor held in two latents, as cosine and sine, scores 0, since
    neither leads.

    Raises: DataError if the bins are fewer than 2 or more than the rows.
    Source: Chen et al. (2018), section 4, arXiv:1802.04942. Differs from published
    code, which uses 20 bins of equal width (a perfect code of 32 positions then
    scores 0.86), treats factors as integers, and does not correct the bias of bins.
    """
    num_rows = len(representation.codes)
    if num_bins is None:
        num_bins = affordable_bins(num_rows)
    if not (isinstance(num_bins, int | np.integer) and 2 <= num_bins <= num_rows):
        raise DataError(
            f"expected 2 to {num_rows} bins (at most one per row), a whole number, "
            f"got {num_bins}."
        )
    found = binned_information(representation, num_bins)
    return _gap(MIG, representation, found.normalised, "information / entropy")


@scored(MIG_NEAREST)
def mig_nearest(representation: Representation, *, num_neighbours: int = 5) -> Score:
    """Mutual information gap without bins, for continuous factors too, 0 to 1.

    For each factor, the gap between the two largest 1 - exp(-2 I(latent; f)); the mean
    over factors. I is counted where values repeat often, in codes or factors, and taken
    from nearest neighbours elsewhere (`mutual_information`), so that quantised codes,
    continuous ones and mixtures (many zeros) have the same scale. It is the squared
    correlation of a Gaussian pair with the same information: 1 for a continuous factor
    that is determined, where I / H is not meaningful. Factors of few values are divided
    by their own maximum, 1 - exp(-2 H).

    Blind to what else a latent holds, as MIG. It falls less with rotation than MIG.

    Source: Kraskov et al. (2004), arXiv:cond-mat/0305641; Ross (2014); the scale is
    Linfoot's (1957) informational correlation, squared. No published code computes it.
    """
    most = len(representation.codes) - 1
    is_whole = isinstance(num_neighbours, int | np.integer)
    if not (is_whole and 1 <= num_neighbours <= most):
        raise DataError(
            f"expected 1 to {most} neighbours, a whole number, got {num_neighbours}."
        )
    # rows that were drawn by their probability repeat
    codes, table = (kept := once_each(representation)).codes, kept.table
    columns, ceilings = zip(
        *(
            _factor_column(factor, values)
            for factor, values in zip(table.factors, table.values.T, strict=True)
        ),
        strict=True,
    )
    matrix = np.zeros((codes.shape[1], len(columns)))
    for latent in np.flatnonzero(~is_constant(codes)):
        split = split_column(codes[:, latent])
        for index, column in enumerate(columns):
            if ceilings[index] > 0:
                shared = mutual_information(split, column, num_neighbours)
                part = (1 - np.exp(-2 * shared)) / ceilings[index]
                matrix[latent, index] = min(1.0, float(part))
    return _gap(MIG_NEAREST, representation, matrix, "1 - exp(-2 information)")


def _factor_column(
    factor: Factor, values: Float[np.ndarray, " sample"]
) -> tuple[Column, float]:
    """A factor as a column, and the largest 1 - exp(-2 I): 0 for a constant one."""
    distinct, level, count = np.unique(values, return_inverse=True, return_counts=True)
    if factor.kind == "categorical" or len(values) >= ROWS_PER_VALUE * len(distinct):
        frequency = count / len(values)
        ceiling = 1 - np.exp(2 * (frequency * np.log(frequency)).sum())
        return label_column(level), max(0.0, float(ceiling))
    if factor.kind == "circular":
        return split_column(factor.angle(values), period=2 * np.pi), 1.0
    return split_column(values), 1.0


def _gap(
    facts: Properties,
    representation: Representation,
    matrix: Float[np.ndarray, "latent factor"],
    matrix_name: str,
) -> Score:
    reasons = factor_reasons(representation)
    if len(matrix) < 2:
        reasons = [reason or ONE_LATENT for reason in reasons]
        parts = np.zeros(matrix.shape[1])
    else:
        runner_up, best = np.sort(np.nan_to_num(matrix), axis=0)[-2:]
        parts = best - runner_up
    return score_of_parts(
        facts,
        representation.table.names,
        parts,
        reasons,
        matrix=matrix,
        matrix_name=matrix_name,
    )
