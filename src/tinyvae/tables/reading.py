"""Tables from files, data frames, dicts and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.files.npz import read_npy
from tinyvae.notes import Note
from tinyvae.tables.csv_reading import read_csv
from tinyvae.tables.dates import days_of
from tinyvae.tables.row_names import with_row_names
from tinyvae.tables.table import Table, column
from tinyvae.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".tab")
PARQUET_ENDINGS = (".parquet", ".pq")
TABLE_ENDINGS = CSV_ENDINGS + PARQUET_ENDINGS
_SHEET = " Save the sheet as 'CSV UTF-8'."
_PYTHON = " Load it in Python, and save codes and factors with numpy.savez."
ADVICE = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), _SHEET),
    **dict.fromkeys((".pkl", ".pickle", ".pt", ".pth", ".rds", ".rdata"), _PYTHON),
    ".mat": (
        " In Python: m = scipy.io.loadmat(file), then numpy.savez('codes.npz', "
        "codes=m['codes'], factors=m['factors'])."
    ),
}


def read_table(labels: Any) -> Table:
    """A table from a file, a data frame (pandas, polars, pyarrow), a dict or an array.

    Raises: DataError if it is of another type, damaged, or has no rows.
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


def ending_of(path: Path) -> str:
    """The ending in small letters, without .gz.

    >>> ending_of(Path("a/codes.CSV.gz"))
    '.csv'
    """
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _table(
    what: str, columns: Mapping[Any, Any], notes: tuple[Note, ...] = ()
) -> Table:
    read: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    for name, values in columns.items():
        days = days_of(np.asarray(values))
        if days is not None:
            units[str(name)] = "days"
            text = f"{name} holds dates, read as days since {days.first}"
            notes = (*notes, Note("labels", text))
        try:
            read[str(name)] = column(values if days is None else days.values)
        except ValueError as error:
            raise DataError(
                f"{what}: column {name!r}: expected {error}. Give each label its own "
                "column."
            ) from None
    return Table(what, read, notes, units=units)


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
    return with_row_names(table)


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


def _array_table(labels: Any, what: str = "labels") -> Table:
    array = np.asarray(labels)
    columns = None
    if array.dtype.names:
        columns = {name: array[name] for name in array.dtype.names}
    elif array.ndim == 1 and array.dtype.kind in "biufUSO":
        columns = {"label": array}
    elif array.ndim == 2 and array.dtype.kind in "biufUSO":
        columns = {f"label{index}": cells for index, cells in enumerate(array.T)}
    if columns is not None:
        return replace(_table(what, columns), of_array=True)
    raise DataError(
        "expected labels as a file, a data frame, a dict of columns or an array of "
        f"shape (sample,) or (sample, label), got {type(labels).__name__} of shape "
        f"{array.shape}."
    )


def _table_of_file(path: Path) -> Table:
    if not path.is_file():
        raise DataError(f"expected a table in a file, got {path}, which is not a file.")
    ending = ending_of(path)
    if ending in PARQUET_ENDINGS:
        return _parquet_table(path)
    if ending == ".npy":
        return _array_table(read_npy(path), str(path))
    if ending in CSV_ENDINGS:
        return read_csv(path)
    raise DataError(
        "expected a table in a file .csv, .tsv, .txt (also .gz), .parquet or .npy, got "
        f"{path}.{advice_on(path)}"
    )


def advice_on(path: Path) -> str:
    """How to convert a file that is not read; "" if that is unknown.

    >>> advice_on(Path("table.xlsx"))
    " Save the sheet as 'CSV UTF-8'."
    """
    return ADVICE.get(ending_of(path), "")


def _parquet_table(path: Path) -> Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: expected a Parquet file, got {error}.") from None
    rows = counted(len(table), "row")
    found = _arrow_table(str(path), table)
    return replace(found, notes=(Note("table", f"{rows} of {path}"), *found.notes))


def _arrow_table(what: str, table: pa.Table) -> Table:
    import pyarrow as pa

    names = table.column_names
    if len(set(names)) < len(names):
        raise DataError(f"{what}: expected different column names, got {names}.")
    usable = {
        name: table.column(name)
        for name in names
        if not pa.types.is_nested(table.schema.field(name).type)
    }
    return _table(what, {name: _arrow_cells(col) for name, col in usable.items()})


def _arrow_cells(values: pa.ChunkedArray) -> np.ndarray:
    import pyarrow as pa

    kind = values.type
    if pa.types.is_floating(kind) or (
        pa.types.is_integer(kind) and not values.null_count
    ):
        return values.to_numpy()
    return np.array(values.to_pylist() + [None], object)[:-1]
