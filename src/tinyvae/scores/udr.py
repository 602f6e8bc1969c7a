"""UDR: whether several runs found the same latents. No factors needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError
from tinyvae.from_arrays import every_row_of
from tinyvae.measures.share import is_constant
from tinyvae.measures.spearman import spearman_matrix
from tinyvae.representation import Representation
from tinyvae.scores.score import Properties, Score

UDR = Properties("UDR", monotone=True)


def udr(runs: Sequence[Any], *, active: Sequence[Any] | None = None) -> Score:
    """Unsupervised disentanglement ranking of several runs, 0 to 1.

    For each pair of runs, R[a, b] is the absolute rank correlation of latent a of one
    run with latent b of the other; (largest R)^2 / (sum of R) of each latent is
    averaged over the latents of both runs. The score of a run is the median over all
    other runs; the value is the mean over runs. 1: every run found the same latents, up
    to order, sign and increasing maps; near 0: the runs have no latents in common.

    Blind to what the latents are: runs that make the same mistake agree. It needs at
    least two runs.

    Args:
        runs: codes of the same pictures, (sample, latent) for each run.
        active: which latents of each run carry information; by default all that move.

    Raises: DataError if there are fewer than two runs, or rows differ.
    Source: Duan et al. (2020), section 4 (the Spearman version), arXiv:1905.12614.
    Differs from published code, which leaves out latents whose KL is below 0.01; here
    `active` says which to leave out, for codes that have no KL.
    """
    if len(runs) < 2:
        raise DataError(f"expected codes of at least 2 runs, got {len(runs)}.")
    if active is not None and len(active) != len(runs):
        raise DataError(
            f"expected flags for each of the {len(runs)} runs, got {len(active)}."
        )
    kept = []
    for number, codes in enumerate(runs):
        if isinstance(codes, Representation):
            found = codes.codes
        else:
            rows = np.zeros((len(codes) if hasattr(codes, "__len__") else 1, 1))
            found = every_row_of(codes, rows).codes
        moving = ~is_constant(found)
        if active is not None:
            flags = np.asarray(active[number], bool)
            if flags.shape != moving.shape:
                raise DataError(
                    f"expected {len(moving)} flags for run {number}, "
                    f"got shape {flags.shape}."
                )
            moving &= flags
        if not moving.any():
            raise DataError(f"expected a latent that moves in run {number}, got none.")
        kept.append(found[:, moving])
    lengths = sorted({len(codes) for codes in kept})
    if len(lengths) > 1:
        raise DataError(
            f"expected codes of the same pictures, got runs of {lengths[0]} and of "
            f"{lengths[-1]} rows."
        )
    pairs = np.full((len(kept), len(kept)), np.nan)
    for i, one in enumerate(kept):
        for j in range(i):
            pairs[i, j] = pairs[j, i] = _agreement(one, kept[j])
    names = tuple(f"run {number}" for number in range(len(kept)))
    parts = np.nanmedian(pairs, axis=1)
    value, reasons = float(parts.mean()), (None,) * len(names)
    return Score(
        UDR.title, value, names, parts, reasons, id="udr", best=1.0, chance=0.0
    )


def _agreement(
    one: Float[np.ndarray, "sample a"], other: Float[np.ndarray, "sample b"]
) -> float:
    """(sum over a of max^2 / sum + the same over b) / (latents of both)."""
    if one.shape[1] == 0 or other.shape[1] == 0:
        return 0.0
    similarity = np.abs(spearman_matrix(one, other, np.full(len(one), 1 / len(one))))
    sides = [
        (matrix.max(axis=1) ** 2 / np.maximum(matrix.sum(axis=1), 1e-300)).sum()
        for matrix in (similarity, similarity.T)
    ]
    return float(sum(sides) / sum(similarity.shape))
