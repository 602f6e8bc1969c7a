"""Rows without a value: refused by name, or left out and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
    if missing not in ("fail", "drop"):
        raise ConfigError(f"missing: expected fail or drop, got {missing!r}.")
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
    text = (
        f"{lacking.sum()} of {counted(len(lacking), 'row')}, which lack a value of "
        f"{shown(list(gaps))}"
    )
    return ~lacking, (Note("left out", text),)
