"""A table: columns by name, whose cells are numbers, booleans or texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyvae.pictures.report import Note

MISSING = frozenset(("", "nan", "na", "n/a", "none", "null", "<na>", "nat"))


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length. A missing cell is None, or NaN among numbers."""

    what: str
    columns: Mapping[str, np.ndarray]
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.columns)


def column(values: Any) -> np.ndarray:
    """Cells as float64 (NaN if missing), bool, or objects (text, None if missing).

    Raises: ValueError if they are not one-dimensional.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"one entry per row, got shape {array.shape}")
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    if array.dtype.kind in "mM":
        array = array.astype(str)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8")
    cells = np.empty(len(array), object)
    cells[:] = [_cell(value) for value in array.tolist()]
    known = [cell for cell in cells if cell is not None]
    if known and all(isinstance(cell, bool | np.bool_) for cell in known):
        if len(known) == len(cells):
            return cells.astype(bool)
        cells[:] = [None if c is None else str(bool(c)) for c in cells]
        return cells
    if known and all(isinstance(cell, int | float | np.number) for cell in known):
        return np.array([np.nan if c is None else c for c in cells], np.float64)
    cells[:] = [None if cell is None else str(cell) for cell in cells]
    return cells


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return None if value != value else value
    text = str(value).strip()
    return (
        None if text.lower() in MISSING else text if isinstance(value, str) else value
    )


def names_listed(names: Sequence[str]) -> str:
    """Names of columns for a message."""
    return ", ".join(names[:20]) + (" and more" if len(names) > 20 else "")
