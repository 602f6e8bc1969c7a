"""Tables of labels from files, data frames, dicts and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tinyvae.errors import DataError
from tinyvae.notes import Note
from tinyvae.tables.csv_reading import read_csv
from tinyvae.tables.table import Table, column

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".tab")


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


def _table(
    what: str, columns: Mapping[Any, Any], notes: tuple[Note, ...] = ()
) -> Table:
    read: dict[str, np.ndarray] = {}
    for name, values in columns.items():
        try:
            read[str(name)] = column(values)
        except ValueError as error:
            raise DataError(
                f"{what}: column {name!r}: expected {error}. Give each label its own "
                "column."
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
        raise DataError(f"expected a table of labels, got {path}, which is not a file.")
    endings = [ending.lower() for ending in path.suffixes]
    if endings[-1:] in ([".parquet"], [".pq"]):
        return _arrow_table(str(path), _read_parquet(path))
    if endings[-1:] == [".gz"]:
        endings = endings[:-1]
    if endings and endings[-1] in CSV_ENDINGS:
        return read_csv(path)
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
