"""A first column without a name of its own, which only names the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyvae.notes import Note
from tinyvae.tables.kinds import is_text, known_cells, number_of
from tinyvae.tables.layout import NAMELESS, ROW_NAME
from tinyvae.tables.table import Table

# as read here, of R's write.table, of pandas that saved an index, and did so twice
UNNAMED = (NAMELESS.format(1), ROW_NAME, "__index_level_0__", "Unnamed: 0")


def with_row_names(table: Table) -> Table:
    """The table, knowing its first column as names of the rows where it is that.

    Such a column has no name, and its cells all differ: whole numbers or texts.
    """
    name = next(iter(table.columns), "")
    if (
        name not in UNNAMED
        or len(table.columns) < 2
        or not _differ(table.columns[name])
    ):
        return table
    first = ", ".join(map(cell_text, table.columns[name][:3].tolist()))
    text = f"{name}, which has no name and names the rows (such as {first})"
    note = Note("left out", text)
    return replace(table, row_names=name, notes=(*table.notes, note))


def cell_text(cell: object) -> str:
    """A cell as a name: 7 and 7.0 and "7" are one name; "" if it is missing."""
    if cell is None or cell != cell:
        return ""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def counts_from(cells: np.ndarray) -> int | None:
    """0 or 1 if the cells count the rows from there, as numbers or texts; else None.

    >>> counts_from(np.array(["1", "2", "3"], object))
    1
    """
    numbers = _whole(cells)
    if numbers is None or numbers[0] not in (0, 1):
        return None
    counted = np.array_equal(numbers - numbers[0], np.arange(len(numbers)))
    return int(numbers[0]) if counted else None


def _differ(cells: np.ndarray) -> bool:
    known = known_cells(cells)
    if len(known) < len(cells) or len(set(known)) < len(cells) or cells.dtype == bool:
        return False
    any_number = any(number_of(cell) != -np.inf for cell in known)
    return _whole(cells) is not None or not any_number


def _whole(cells: np.ndarray) -> np.ndarray | None:
    """The cells as whole numbers from 0 on, None if one is anything else."""
    if is_text(cells):
        if not all(cell is not None and str(cell).isdecimal() for cell in cells):
            return None
        cells = np.array([float(cell) for cell in cells])
    if len(cells) == 0 or cells.dtype == bool:
        return None
    whole = np.isfinite(cells) & (cells >= 0) & (cells == np.floor(cells))
    return cells if whole.all() else None
