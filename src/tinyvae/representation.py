"""Codes beside true factors: all that a score may see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.factors import Factor, FactorTable


@dataclass(frozen=True, eq=False)
class Representation:
    """Codes of a world's pictures, beside the factors that the pictures show.

    `codes[i]` is the code (posterior mean) of the picture that shows row i of
    `table`. `active[j]` says that latent j carries information; the others are left
    out when latents are matched with factors.
    """

    codes: Float[np.ndarray, "sample latent"]
    table: FactorTable
    active: Bool[np.ndarray, " latent"]

    def __post_init__(self):
        if self.codes.ndim != 2 or len(self.codes) != len(self.table):
            raise ValueError(
                "expected codes of shape (sample, latent) with one row for each of "
                f"the {len(self.table)} rows of factors, got {self.codes.shape}."
            )
        if not np.isfinite(self.codes).all():
            raise ValueError(
                "expected finite codes, got "
                f"{np.count_nonzero(~np.isfinite(self.codes))} that are NaN or "
                "infinite: the network has diverged, or the file is damaged."
            )
        if self.active.shape != (self.codes.shape[1],):
            raise ValueError(
                f"expected one `active` flag for each of the {self.codes.shape[1]} "
                f"latents, got shape {self.active.shape}."
            )

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors, in the order of the columns of `table.values`."""
        return self.table.factors

    @property
    def num_latents(self) -> int:
        """How many latents a code has."""
        return self.codes.shape[1]
