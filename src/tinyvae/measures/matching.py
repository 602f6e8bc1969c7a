"""Matching: one latent for each factor, and none used twice."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float


def match_latents(
    share: Float[np.ndarray, "latent factor"],
    readout: Float[np.ndarray, "latent factor"],
    active: Bool[np.ndarray, " latent"],
) -> tuple[int | None, ...]:
    """Latent of each factor: the one-to-one matching of largest sum share x readout.

    Only active latents are matched. Where all products are 0, the larger sum of share
    and readout decides, so that a folded latent (share 1, readout 0) is still matched.
    None for a factor that has no latent left, or whose scores are undefined.

    >>> share = np.array([[0.1, 0.9], [0.8, 0.2]])
    >>> match_latents(share, share, np.array([True, True]))
    (1, 0)

    Source: the Hungarian method, Kuhn (1955), as in scipy.
    """
    # imported here: scipy.optimize takes 0.3 s to import, and `import tinyvae`
    # should not wait for it
    from scipy.optimize import linear_sum_assignment

    defined = ~np.isnan(share * readout)
    tie_break = 1e-6 * (share + readout)
    gain = np.where(defined, share * readout + tie_break, 0.0)[active]
    rows, columns = linear_sum_assignment(gain, maximize=True)
    latents = np.flatnonzero(active)[rows]
    matched: list[int | None] = [None] * share.shape[1]
    for latent, factor in zip(latents, columns, strict=True):
        if defined[latent, factor]:
            matched[factor] = int(latent)
    return tuple(matched)


def matched_values(
    scores: Float[np.ndarray, "latent factor"], matching: tuple[int | None, ...]
) -> Float[np.ndarray, " factor"]:
    """Score of each factor with its latent; NaN for a factor without one."""
    return np.array(
        [
            np.nan if latent is None else scores[latent, factor]
            for factor, latent in enumerate(matching)
        ]
    )
