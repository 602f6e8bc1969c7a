"""Tables: columns by name, of CSV, TSV and Parquet files, data frames and arrays."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from tinyvae.errors import DataError
from tinyvae.pictures.report import Note

MISSING = frozenset(("", "nan", "na", "n/a", "none", "null", "<na>", "nat"))
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?([eE][+-]?\d+)?")
CSV_ENDINGS = (".csv", ".tsv", ".txt", ".tab")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length. A cell that is missing is None, or NaN among numbers."""

    what: str
    columns: Mapping[str, np.ndarray]
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.columns)


def read_table(labels: Any) -> Table:
    """A table from a file, a data frame (pandas, polars, pyarrow), a dict or an array.

    Raises: DataError if it is none of these, is damaged, or has no rows.
    """
    if isinstance(labels, str | Path):
        return _checked(_table_of_file(Path(labels).expanduser()))
    if isinstance(labels, Table):
        return labels
    if isinstance(labels, Mapping):
        return _checked(_table("labels", dict(labels)))
    if hasattr(labels, "column_names"):  # pyarrow
        return _checked(_arrow_table("labels", labels))
    if hasattr(labels, "columns"):  # pandas, polars
        return _checked(_frame_table(labels))
    if hasattr(labels, "name") and hasattr(labels, "to_numpy"):  # one column of a frame
        return _checked(_table("labels", {labels.name or "label": labels.to_numpy()}))
    return _checked(_array_table(labels))


def column(values: Any) -> np.ndarray:
    """Cells as float64 (NaN where missing), bool, or objects (text, None for missing).

    Raises: ValueError if they are not one-dimensional.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"one entry a row, got shape {array.shape}")
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
        cells[:] = [None if c is None else str(bool(c)).lower() for c in cells]
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


def _table(
    what: str, columns: Mapping[Any, Any], notes: tuple[Note, ...] = ()
) -> Table:
    read: dict[str, np.ndarray] = {}
    for name, values in columns.items():
        try:
            read[str(name)] = column(values)
        except ValueError as error:
            raise DataError(
                f"{what}: column {name!r}: expected {error}. Give each label a column "
                "of its own."
            ) from None
    return Table(what, read, notes)


def _checked(table: Table) -> Table:
    lengths = {name: len(values) for name, values in table.columns.items()}
    if not lengths:
        raise DataError(f"{table.what}: expected columns of labels, got none.")
    if len(set(lengths.values())) > 1:
        raise DataError(
            f"{table.what}: expected columns of equal length, got "
            + ", ".join(f"{name} {length}" for name, length in lengths.items())
            + "."
        )
    if len(table) == 0:
        raise DataError(f"{table.what}: expected rows below the names, got none.")
    return table


def _frame_table(frame: Any) -> Table:
    columns = {}
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise DataError(f"labels: expected different column names, got {names}.")
    index = getattr(frame, "index", None)
    if index is not None and getattr(getattr(index, "dtype", None), "kind", "") in (
        "O",
        "T",
    ):
        columns[str(getattr(index, "name", None) or "index")] = np.asarray(index)
    for name in frame.columns:
        cells = frame[name]
        columns[str(name)] = (
            cells.to_numpy() if hasattr(cells, "to_numpy") else np.asarray(cells)
        )
    return _table("labels", columns)


def _array_table(labels: Any) -> Table:
    array = np.asarray(labels)
    if array.dtype.names:
        return _table("labels", {name: array[name] for name in array.dtype.names})
    if array.ndim == 1 and array.dtype.kind in "biufUSO":
        return _table("labels", {"label": array})
    if array.ndim == 2 and array.dtype.kind in "biufUSO":
        names = [f"label{index}" for index in range(array.shape[1])]
        return _table("labels", dict(zip(names, array.T, strict=True)))
    raise DataError(
        "expected labels as a file, a data frame, a dict of columns or an array of "
        f"shape (sample,) or (sample, label), got {type(labels).__name__} of shape "
        f"{array.shape}."
    )


def _table_of_file(path: Path) -> Table:
    if not path.is_file():
        raise DataError(f"expected a table of labels, got {path}, which is no file.")
    endings = [ending.lower() for ending in path.suffixes]
    if endings[-1:] in ([".parquet"], [".pq"]):
        return _arrow_table(str(path), _read_parquet(path))
    if endings[-1:] == [".gz"]:
        endings = endings[:-1]
    if endings and endings[-1] in CSV_ENDINGS:
        return _read_csv(path)
    raise DataError(
        f"expected labels in a file .csv, .tsv, .csv.gz or .parquet, got {path}."
    )


def _read_parquet(path: Path) -> pa.Table:
    try:
        return parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: expected a Parquet file, got {error}.") from None


def _arrow_table(what: str, table: pa.Table) -> Table:
    names = table.column_names
    if len(set(names)) < len(names):
        raise DataError(f"{what}: expected different column names, got {names}.")
    usable = {
        name: table.column(name)
        for name in names
        if not (pa.types.is_nested(table.schema.field(name).type))
    }
    return _table(
        what,
        {
            name: np.asarray(col.to_pylist(), object) if _texts(col) else col.to_numpy()
            for name, col in usable.items()
        },
    )


def _texts(values: pa.ChunkedArray) -> bool:
    kind = values.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return not numeric or values.null_count > 0


def _read_csv(path: Path) -> Table:
    """All cells as texts, whose kind is found out later; spaces about them left out."""
    names, mark = _csv_header(path)
    try:
        table = arrow_csv.read_csv(
            str(path),
            read_options=arrow_csv.ReadOptions(
                skip_rows=1, column_names=names, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, newlines_in_values=True
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
            ),
        )
    except (OSError, pa.ArrowException) as error:
        if "Empty CSV" in str(error):
            raise DataError(
                f"{path}: expected rows below the names, got none."
            ) from None
        raise DataError(
            f"{path}: expected {DELIMITERS[mark]} between columns and as many cells in "
            f"each row as there are names ({len(names)}), got: {error}."
        ) from None
    notes = [Note("labels", f"{len(table)} rows of {path}, {DELIMITERS[mark]} between")]
    columns: dict[str, np.ndarray] = {}
    for name in names:
        cells = column(np.asarray(table.column(name).to_pylist(), object))
        if mark != "," and _has_decimal_commas(cells):
            cells[:] = [c and c.replace(",", ".") for c in cells]
            notes.append(Note("labels", f"{name!r} has decimal commas"))
        columns[name] = cells
    return Table(str(path), columns, tuple(notes))


def _has_decimal_commas(cells: np.ndarray) -> bool:
    known = [cell for cell in cells if cell is not None]
    return any("," in cell for cell in known) and all(
        DECIMAL_COMMA.fullmatch(cell) for cell in known
    )


def _csv_header(path: Path) -> tuple[list[str], str]:
    """Names of the columns, and the mark between them."""
    try:
        with _text(path) as stream:
            first = stream.readline()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: expected a table in UTF-8, got bytes that are not ({error}). "
            "Save it as 'CSV UTF-8'."
        ) from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}.") from None
    marks = re.sub(r'"[^"]*"', "", first)
    mark = (
        max(DELIMITERS, key=marks.count) if any(m in marks for m in DELIMITERS) else ","
    )
    names = [name.strip() for name in next(csv.reader([first], delimiter=mark), [])]
    if not names:
        raise DataError(
            f"{path}: expected names of columns in its first line, got none."
        )
    names = [name or f"column {place}" for place, name in enumerate(names, 1)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            f"{path}: expected different column names, got {twice[0]!r} twice."
        )
    return names, mark


def _text(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return TextIOWrapper(gzip.open(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def names_listed(names: Sequence[str]) -> str:
    """Names of columns for a message."""
    return ", ".join(names[:20]) + (" and more" if len(names) > 20 else "")
