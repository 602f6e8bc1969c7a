"""The members of a sweep as columns of numbers, on which every plot rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from tinyvae.files.result_tables import Cell
from tinyvae.sweeps.reaching import seconds_of
from tinyvae.sweeps.report.measures import Measure
from tinyvae.sweeps.summary import Row


def speed_of(row: Row, pictures: int) -> float | None:
    """Pictures a second, where so many were trained on."""
    seconds = row["training_seconds"]
    return pictures / float(seconds) if row["state"] == "done" and seconds else None


def member_columns(
    rows: Sequence[Row],
    measures: Sequence[Measure],
    pictures: Sequence[int],
    agreement: Mapping[Cell, float],
) -> dict[str, Float[np.ndarray, " member"]]:
    """Each measure of each member by its id; NaN where it is undefined or not there.

    `pictures` are those that each member was trained on, and `agreement` is the UDR of
    those whose weights are kept, by identity. Measures that no member has are left out.
    """
    made = {
        "seconds": [seconds_of(row) for row in rows],
        "speed": [
            speed_of(row, seen) for row, seen in zip(rows, pictures, strict=True)
        ],
        "udr": [agreement.get(row["identity"]) for row in rows],
    }
    found = {}
    for measure in measures:
        cells = made.get(measure.id) or [
            row.get(measure.id) if row["state"] == "done" else None for row in rows
        ]
        column = np.array([np.nan if cell is None else cell for cell in cells], float)
        if np.isfinite(column).any():
            found[measure.id] = np.where(np.isfinite(column), column, np.nan)
    return found
