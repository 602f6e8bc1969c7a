"""Pictures in columns of a table: encoded, as paths, nested, or as single numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import parquet

from tinyvae.errors import DataError
from tinyvae.notes import Note, shown
from tinyvae.pictures.arrays import array_source
from tinyvae.pictures.folder import ENDINGS
from tinyvae.pictures.source import Blocks, Files, Known, Source, identity_of
from tinyvae.tables.reading import read_table
from tinyvae.tables.table import Table, names_listed

NAMES = ("image", "images", "picture", "img", "pixels")
BYTES = "bytes"  # field of encoded pictures in a struct, as in some shared data sets


def table_source(table: Table, aside: Sequence[str] = ()) -> Blocks:
    """Vectors: the columns of numbers, each row as a picture (1, num_columns, 1).

    Columns of texts, and those `aside`, are labels.

    Raises: DataError if fewer than two columns hold numbers.
    """
    numbers = [
        name
        for name in table.value_names
        if name not in aside and _all_numbers(table.columns[name])
    ]
    others = {n: table.columns[n] for n in table.value_names if n not in numbers}
    if len(numbers) < 2:
        raise DataError(
            f"{table.what}: expected at least 2 columns of numbers, got columns "
            f"{names_listed(table.names)}."
        )
    array = np.column_stack(
        [table.columns[name].astype(np.float64) for name in numbers]
    )
    source = array_source(array.astype(np.float32), table.what)
    note = Note(
        "pictures", f"{len(array)} rows of {table.what}, numbers", tuple(numbers)
    )
    left_out = [one for one in table.notes if one.topic == "left out"]
    return replace(source, known=Known(others), notes=(note, *left_out))


def parquet_source(path: Path, aside: Sequence[str] = ()) -> Source:
    """Pictures of a Parquet file: encoded bytes, paths, or nested or flat numbers.

    Paths are relative to the file's folder. The other columns are labels.

    Raises: DataError if there is no such column, or an entry is missing.
    """
    try:
        schema = parquet.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: expected a Parquet file, got {error}.") from None
    name = _picture_column(schema, path)
    if name is None:
        return table_source(read_table(path), aside)
    cells = parquet.read_table(path, columns=[name]).column(name)
    if cells.null_count:
        row = int(np.argmax(cells.is_null().to_numpy(zero_copy_only=False)))
        raise DataError(
            f"{path}: expected a picture in column {name!r} of each row, got none in "
            f"row {row + 1}. Leave such rows out."
        )
    labels = [
        c for c in schema.names if c != name and not _nested(schema.field(c).type)
    ]
    table = parquet.read_table(path, columns=labels) if labels else None
    known = Known(read_table(table).columns if table is not None else {})
    kind = schema.field(name).type
    if _is_list(kind):
        return _nested_source(path, name, cells, known)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _path_source(path, name, cells, known)
    return _bytes_source(path, name, cells, known)


def _picture_column(schema: pa.Schema, path: Path) -> str | None:
    """The column that holds pictures; None if each number has its own column."""
    likely = [name for name in schema.names if _may_hold(schema.field(name).type)]
    named = [name for name in schema.names if name.lower() in NAMES]
    texts = [n for n in named if pa.types.is_string(schema.field(n).type)]
    chosen = [name for name in likely if name in named] or likely or texts
    if not chosen:
        chosen = _columns_of_paths(schema, path)
    if len(chosen) > 1:
        raise DataError(
            f"{path}: expected one column of pictures, got {names_listed(chosen)}. "
            f"Call one of them 'image'."
        )
    return chosen[0] if chosen else None


def _columns_of_paths(schema: pa.Schema, path: Path) -> list[str]:
    texts = [
        name for name in schema.names if pa.types.is_string(schema.field(name).type)
    ]
    found = []
    for name in texts:
        cells = parquet.read_table(path, columns=[name]).column(name).to_pylist()
        if cells and all(c and Path(c).suffix.lower() in ENDINGS for c in cells):
            found.append(name)
    return found


def _may_hold(kind: pa.DataType) -> bool:
    encoded = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    struct = pa.types.is_struct(kind) and any(field.name == BYTES for field in kind)
    return encoded or struct or _is_list(kind)


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return any(
        t(kind) for t in (types.is_list, types.is_large_list, types.is_fixed_size_list)
    )


def _nested(kind: pa.DataType) -> bool:
    return pa.types.is_nested(kind) or pa.types.is_binary(kind)


def _nested_source(
    path: Path, name: str, cells: pa.ChunkedArray, known: Known
) -> Blocks:
    values, shape = cells.combine_chunks(), [len(cells)]
    while _is_list(values.type):
        lengths = pc.call_function("list_value_length", [values]).unique().to_pylist()
        if len(lengths) != 1 or not lengths[0]:
            raise DataError(
                f"{path}: expected lists of equal length in column {name!r}, got "
                f"lengths {shown([str(n) for n in lengths])}. Bring them to one size."
            )
        shape.append(lengths[0])
        values = values.flatten()
    if values.null_count or pa.types.is_nested(values.type):
        raise DataError(
            f"{path}: expected numbers in every list of column {name!r}, got gaps or "
            f"{values.type}."
        )
    array = values.to_numpy(zero_copy_only=False).reshape(shape)
    source = array_source(array, str(path))
    return replace(source, known=known)


def _path_source(path: Path, name: str, cells: pa.ChunkedArray, known: Known) -> Files:
    names = cells.to_pylist()
    files = [path.parent / entry for entry in names]
    for row, file in enumerate(files):
        if not file.is_file():
            raise DataError(
                f"{path}: expected paths of pictures in column {name!r}, relative to "
                f"its folder, got {names[row]!r} in row {row + 1}, which is not a file."
            )
    return Files(
        str(path),
        names,
        lambda row: files[row],
        identity_of(path, *files),
        known,
        (Note("pictures", f"{len(names)} files that column {name!r} of {path} names"),),
    )


def _bytes_source(path: Path, name: str, cells: pa.ChunkedArray, known: Known) -> Files:
    def encoded(row: int) -> BytesIO:
        cell = cells[row].as_py()
        content = cell[BYTES] if isinstance(cell, dict) else cell
        return BytesIO(content or b"")

    names = _stored_names(cells) or [f"row {row + 1}" for row in range(len(cells))]
    return Files(
        str(path),
        names,
        encoded,
        identity_of(path),
        known,
        (Note("pictures", f"{len(names)} encoded in column {name!r} of {path}"),),
    )


def _stored_names(cells: pa.ChunkedArray) -> list[str] | None:
    """The paths stored with encoded pictures, if each has a different one."""
    kind = cells.type
    if not pa.types.is_struct(kind) or kind.get_field_index("path") < 0:
        return None
    paths = [chunk.field("path") for chunk in cells.chunks]
    names = [name for chunk in paths for name in chunk.to_pylist()]
    return names if None not in names and len(set(names)) == len(names) else None


def _all_numbers(cells: np.ndarray) -> bool:
    if cells.dtype != object:
        return bool(np.isfinite(cells).all())
    try:
        numbers = [float(cell) for cell in cells]
        return bool(numbers) and bool(np.isfinite(numbers).all())
    except (TypeError, ValueError):
        return False
