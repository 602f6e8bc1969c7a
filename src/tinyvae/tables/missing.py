"""Rows without a value: refused by name, or left out and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Bool

from tinyvae.errors import ConfigError, DataError
from tinyvae.notes import Note, shown
from tinyvae.wording import counted


def complete_rows(
    gaps: Mapping[str, Bool[np.ndarray, " row"]],
    missing: str,
    what: str,
    place: Callable[[int], str],
) -> tuple[Bool[np.ndarray, " row"], tuple[Note, ...]]:
    """Which rows have a value in every column, and a note on the others.

    Args:
        gaps: where a value is missing, for each column.
        missing: "fail" refuses a missing value, "drop" leaves its row out.
        what: the file, for messages.
        place: names a row in words.

    Raises: ConfigError if `missing` is neither. DataError naming the first row that
    lacks a value, unless rows are dropped.
    """
    checked_missing(missing)
    lacking = np.any(list(gaps.values()), axis=0)
    gaps = {name: gap for name, gap in gaps.items() if gap.any()}
    if not gaps:
        return ~lacking, ()
    if missing == "fail":
        row = int(np.argmax(lacking))
        name = next(name for name, gap in gaps.items() if gap[row])
        raise DataError(
            f"{what}: expected a value in column {name!r} of {place(row)}, got none "
            f"({counted(int(lacking.sum()), 'such row')} in all). To leave such rows "
            'out: --missing drop (in Python missing="drop").'
        )
    return ~lacking, (rows_left_out(lacking, list(gaps)),)


def checked_missing(missing: str) -> str:
    """What is to be done with rows that lack a value: "fail" or "drop".

    Raises: ConfigError if it is neither.
    """
    if missing not in ("fail", "drop"):
        raise ConfigError(f"missing: expected fail or drop, got {missing!r}.")
    return missing


def rows_left_out(lacking: Bool[np.ndarray, " row"], names: Sequence[str]) -> Note:
    """A note that counts the rows that lack a value in one of these columns."""
    rows = counted(len(lacking), "row")
    text = f"{lacking.sum()} of {rows}, which lack a value of {shown(names)}"
    return Note("left out", text)
