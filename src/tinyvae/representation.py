"""Codes with true factors: everything that a score may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.copies import rows_that_count
from tinyvae.factors import Factor, FactorTable
from tinyvae.notes import Note

FEWEST_ROWS = 10  # fewer rows of a sample give no meaningful score

# kind of each factor, in order or by name, or one for all: "ordered" (default),
# "categorical" (default for texts), "circular" or, with its period, "circular:360"
Kinds = str | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Representation:
    """Codes of pictures, with the factors that the pictures show.

    `codes[i]` is the code (posterior mean) of the picture that shows row i of
    `table`. `active[j]` says that latent j carries information; inactive latents are
    not matched with factors. `rows_given` is the number of rows that came, where copies
    among them were left out (`once_each`). `notes` say what was recognised, guessed and
    left out when the codes were read. `kept` are the numbers of rows read, where
    others were left out as they lack a value.
    """

    codes: Float[np.ndarray, "sample latent"]
    table: FactorTable
    active: Bool[np.ndarray, " latent"]
    rows_given: int | None = None
    notes: tuple[Note, ...] = ()
    kept: Int[np.ndarray, " kept"] | None = None

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
        """Number of latents."""
        return self.codes.shape[1]

    @property
    def latent_names(self) -> tuple[str, ...]:
        """z0, z1 and so on."""
        return tuple(f"z{latent}" for latent in range(self.num_latents))

    @property
    def copies_note(self) -> str | None:
        """A sentence on the copies that were left out, None if there were none."""
        if self.rows_given is None:
            return None
        return (
            f"{self.rows_given} rows, of which {len(self.codes)} differ; each is used "
            "once"
        )


def with_kept(
    representation: Representation, full: Bool[np.ndarray, " row"]
) -> Representation:
    """The representation with the numbers of its rows, those that are `full`."""
    kept = np.flatnonzero(full)
    if full.all() or len(kept) != len(representation.codes):
        return representation
    return replace(representation, kept=kept)


def once_each(representation: Representation) -> Representation:
    """The representation without rows that are copies of others (`rows_that_count`).

    Nothing is left out of a whole population, or where codes are discrete.
    """
    table, codes = representation.table, representation.codes
    if table.complete or not table.uniform:
        return representation
    rows = rows_that_count(codes, table.values)
    if len(rows) == len(codes):
        return representation
    values = table.values[rows]
    complete = every_combination(values)
    kept = replace(
        table,
        values=values,
        probability=np.full(len(rows), 1 / len(rows)),
        complete=complete,
        independent=complete,
        group=table.group_of(rows),
    )
    return replace(representation, codes=codes[rows], table=kept, rows_given=len(codes))


def every_combination(values: Float[np.ndarray, "sample factor"]) -> bool:
    """Whether rows are every combination of at least two factors, each once."""
    levels = [len(np.unique(column)) for column in values.T]
    return (
        sum(number > 1 for number in levels) > 1
        and float(np.prod(levels, dtype=float)) == len(values)
        and len(np.unique(values, axis=0)) == len(values)
    )
