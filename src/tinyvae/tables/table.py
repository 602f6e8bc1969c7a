"""A table: columns by name, whose cells are numbers, booleans or texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import numpy as np
from jaxtyping import Bool, Int

from tinyvae.notes import Note

# how programs write a cell without a value, in lower case
MISSING = frozenset(
    ("", "nan", "-nan", "na", "n/a", "none", "null", "<na>", "nat")
    + ("#n/a", "#n/a n/a", "#na", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan")
)

NAME_COLUMN = "picture"  # of names, in the tables that tinyvae writes


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length. A missing cell is None, or NaN among numbers.

    Args:
        what: the file, or a word for it, for messages.
        columns: the cells, by the name of the column.
        notes: what was recognised and skipped in reading.
        lines: the line of the file on which each row begins, if known.
        rows: the number of each row as it was read, from 0; by default 0, 1, 2 and
            so on. A row that is -1 was not in the file: all its cells are missing.
        of_array: whether the rows are those of an array.
        row_names: the column that only names the rows, if any
            (`tinyvae.tables.row_names`).
        units: of columns of numbers, by name, where they are known.
    """

    what: str
    columns: Mapping[str, np.ndarray]
    notes: tuple[Note, ...] = ()
    lines: Int[np.ndarray, " row"] | None = None
    rows: Int[np.ndarray, " row"] | None = None
    of_array: bool = False
    row_names: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.columns)

    @property
    def value_names(self) -> list[str]:
        """Names of the columns, but for one that only names the rows."""
        return [name for name in self.columns if name != self.row_names]

    def only(self, names: Sequence[str]) -> Table:
        """The table with these columns alone."""
        return replace(self, columns={name: self.columns[name] for name in names})

    def place(self, index: int) -> str:
        """A row in words, for a message.

        Rows of a table are counted from 1 below the names, rows of an array from 0 as
        in Python.

        >>> Table("t.csv", {"x": np.zeros(3)}, lines=np.array([2, 3, 5])).place(2)
        'row 3, line 5'
        >>> Table("labels", {"x": np.zeros(3)}, of_array=True).place(2)
        'row 2 of the array'
        """
        row = index if self.rows is None else int(self.rows[index])
        if self.of_array:
            return row_of_array(row)
        line = "" if self.lines is None else f", line {self.lines[index]}"
        return f"row {row + 1}{line}"

    def taken(self, index: Int[np.ndarray, " taken"]) -> Table:
        """The rows of these numbers, in this order; all cells missing where it is -1.

        Messages still name each row as the file counts it.
        """
        rows = np.arange(len(self)) if self.rows is None else self.rows
        at = np.maximum(index, 0)
        return replace(
            self,
            columns={name: _taken(c, index) for name, c in self.columns.items()},
            lines=None if self.lines is None else self.lines[at],
            rows=np.where(index < 0, -1, rows[at]),
        )


def row_of_array(row: int) -> str:
    """A row of an array in words, counted from 0 as in Python."""
    return f"row {row} of the array"


def _taken(cells: np.ndarray, index: Int[np.ndarray, " taken"]) -> np.ndarray:
    absent = index < 0
    if cells.dtype == bool and absent.any():
        cells = np.array([str(cell) for cell in cells], object)
    values = cells[np.maximum(index, 0)]
    if absent.any():
        values[absent] = None if values.dtype == object else np.nan
    return values


def is_missing(cells: np.ndarray) -> Bool[np.ndarray, " row"]:
    """Which cells of a column are missing."""
    if cells.dtype == object:
        return np.array([cell is None for cell in cells], bool)
    return np.isnan(cells) if cells.dtype.kind == "f" else np.zeros(len(cells), bool)


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


class RowNumbers(Sequence[str]):
    """Names for pictures without names: their row numbers, as texts."""

    def __init__(self, count: int):
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return map(str, range(self._count))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [str(row) for row in range(self._count)[index]]
        return str(range(self._count)[index])
