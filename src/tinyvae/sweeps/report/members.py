"""The members of a sweep as columns of numbers, on which every plot rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from tinyvae.files.result_tables import Cell
from tinyvae.sweeps.report.measures import SMALLEST_SHARE, Measure
from tinyvae.sweeps.summary import Row


def factors_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The factors that any member has a verdict on, in the order of the columns."""
    ending = ".verdict"
    columns = list(rows[0]) if rows else []
    return tuple(name.removesuffix(ending) for name in columns if name.endswith(ending))


def smallest_share(row: Row, factors: Sequence[str]) -> float | None:
    """The smallest share among the factors that have a verdict, 0 to 1.

    A factor without a latent has a share of 0. None where no factor has a verdict.
    """
    shares = [
        row[f"{factor}.share"]
        for factor in factors
        if row[f"{factor}.verdict"] not in (None, "undefined")
    ]
    if row["state"] != "done" or not shares:
        return None
    return min(0.0 if share is None else float(share) for share in shares)


def seconds_of(row: Row) -> float | None:
    """Seconds of a member that is done: its part of its group's, and measuring."""
    if row["state"] != "done":
        return None
    return float(row["training_seconds"] or 0) + float(row["measuring_seconds"] or 0)


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
    factors = factors_of(rows)
    made = {
        SMALLEST_SHARE: [smallest_share(row, factors) for row in rows],
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
