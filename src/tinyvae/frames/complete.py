"""Codes of any holder whose rows have every label, as scores need them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from tinyvae.factors import Factor
from tinyvae.frames.held import Held, represented
from tinyvae.notes import Note
from tinyvae.representation import with_kept
from tinyvae.tables.doubtful_values import doubts
from tinyvae.tables.missing import complete_rows


def complete(held: Held, missing: str, what: str) -> Held:
    """The rows that have every label, with all notes on their representation.

    A row without a label is refused, or left out and counted if `missing` is "drop".
    `what` is the file, for messages.

    Raises: DataError if a label is missing, unless `missing` is "drop".
    """
    found = held.representation
    values = found.table.values
    gaps = dict(zip(found.table.names, np.isnan(values).T, strict=True))
    full, left_out = complete_rows(gaps, missing, what, lambda row: f"row {row + 1}")
    said = [text for text in held.notes if text not in doubts(found.table)]
    if left_out:
        pairs = [
            _with_levels_that_occur(*pair)
            for pair in zip(found.factors, values[full].T, strict=True)
        ]
        kept = np.arange(len(full)) if found.kept is None else found.kept
        factors, columns = zip(*pairs, strict=True)
        again = represented(found.codes[full], factors, np.column_stack(columns))
        every = np.zeros(1 + kept.max(), bool)
        every[kept[full]] = True
        found = with_kept(again, every)
        if held.rows is not None and len(found.codes) == full.sum():
            rows = tuple(held.rows[row] for row in np.flatnonzero(full))
            held = held._replace(rows=rows)
        elif held.rows is not None:
            held = held._replace(rows=None)
    notes = (*held.read, *(Note("labels", text) for text in said), *left_out)
    return held._replace(representation=replace(found, notes=notes))


def _with_levels_that_occur(
    factor: Factor, values: Float[np.ndarray, " row"]
) -> tuple[Factor, Float[np.ndarray, " row"]]:
    """A factor without levels that no row has any more."""
    if not factor.levels:
        return factor, values
    there, places = np.unique(values, return_inverse=True)
    levels = tuple(factor.levels[int(value)] for value in there)
    numbers = tuple(float(place) for place in range(len(levels)))
    return replace(factor, values=numbers, levels=levels), places.astype(float)
