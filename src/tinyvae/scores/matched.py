"""Scores that are the mean, over factors, of a matrix at its best matching."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from tinyvae.measures.matching import match_latents, matched_values
from tinyvae.representation import Representation
from tinyvae.scores.score import Properties, Score, factor_reasons, score_of_parts


def matched_score(
    facts: Properties,
    representation: Representation,
    matrix: Float[np.ndarray, "latent factor"],
    matrix_name: str,
    reasons: Sequence[str | None] | None = None,
) -> Score:
    """Mean over factors of the matrix's absolute value at each factor's own latent.

    Latents and factors are matched one to one, by the largest sum. A factor without a
    latent, or whose latent does not move, counts as 0: it was not found.
    """
    reasons = factor_reasons(representation) if reasons is None else reasons
    size = np.abs(matrix)
    matching = match_latents(size, np.ones_like(size), representation.active)
    parts = np.nan_to_num(matched_values(size, matching))
    return score_of_parts(
        facts,
        representation.table.names,
        parts,
        reasons,
        matrix=matrix,
        matrix_name=matrix_name,
    )


def unordered_reasons(representation: Representation) -> list[str | None]:
    """Why each factor cannot be scored by a number that needs an order."""
    reasons = factor_reasons(representation)
    for index, factor in enumerate(representation.factors):
        if reasons[index] is None and factor.kind == "categorical":
            reasons[index] = "categorical: its values are labels, which have no order"
        elif reasons[index] is None and factor.kind == "circular":
            reasons[index] = "circular: it has no first and no last value"
    return reasons
