"""Codes and labels in files: AnnData, CSV, TSV, Parquet and npz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.files.npz import array_names, read_array
from tinyvae.files.npz_codes import declared_factors
from tinyvae.frames.annotated import codes_of_anndata, read_h5ad
from tinyvae.frames.codes import Codes, Columns, as_matrix, chosen_columns
from tinyvae.frames.held import Held, joined_representation, representation_of_held
from tinyvae.frames.labels import labels_of
from tinyvae.frames.rows import Joined, joined_rows
from tinyvae.representation import Kinds
from tinyvae.tables.choosing import kinds_by_name
from tinyvae.tables.joining import joined, names_of_rows
from tinyvae.tables.kinds import as_numbers
from tinyvae.tables.table import RowNumbers, Table, names_listed


def representation_of_file(
    path: Path,
    *,
    codes: Columns | None = None,
    factors: Columns | None = None,
    kinds: Kinds | None = None,
    labels: Path | None = None,
    key: str | None = None,
) -> Held:
    """Codes and labels of one file, or of a file of codes and a table of labels.

    Rows of two files are joined by name (`tinyvae.tables.joining.joined`): `key` is the
    column of the labels with the names of the codes; without it, such a column is
    searched for. Codes without names are matched in order. A label that is missing is
    NaN.

    Args:
        path: AnnData (.h5ad), a table (.csv, .tsv, .parquet) or arrays (.npz).
        codes: columns of codes, such as "z*"; the entry of `obsm`.
        factors: columns of labels.
        kinds: of factors that are not plain numbers.
        labels: a table of labels.
        key: the column that names the rows.

    Raises: DataError if a file cannot be read, or rows cannot be joined.
    """
    if path.suffix.lower() == ".h5ad":
        return _of_h5ad(path, codes, factors, kinds, labels, key)
    if not path.is_file():
        raise DataError(
            f"expected a run folder or a file .h5ad, .npz, .csv, .tsv or .parquet, "
            f"got {path}, which does not exist."
        )
    if path.suffix.lower() == ".npz":
        return _of_npz(path, codes, factors, kinds, labels, key)
    from tinyvae.tables.reading import read_table  # brings pyarrow

    table = read_table(path)
    if codes is None:
        raise DataError(
            f"{path}: expected the columns that hold codes: --codes 'z*'. It has "
            f"{names_listed(table.names)}."
        )
    names = chosen_columns(table.value_names, codes, "codes", str(path))
    found = Codes(np.column_stack([_full(table, n) for n in names]), tuple(names), None)
    if labels is not None:
        rows = names_of_rows(table, names)
        if key is not None and key in table.columns:
            rows = _as_names(table.columns[key])
        held = _beside(found, rows, labels, key, factors, kinds)
        return held._replace(read=(*table.notes, *held.read))
    others = [n for n in table.value_names if n not in names and n != key]
    if not others:
        raise DataError(
            f"{path}: expected columns of labels beside the codes, got none. Give them "
            "with --labels FILE."
        )
    known = labels_of(table.only(others), factors, kinds=kinds)
    held = joined_representation(found, known, _in_order(len(found.values)))
    return held._replace(read=table.notes)


def _in_order(num_rows: int) -> Joined:
    return Joined(np.arange(num_rows), np.arange(num_rows), "in order")


def _of_h5ad(path, codes, factors, kinds, labels, key) -> Held:
    data = read_h5ad(path)
    try:
        if labels is None:
            return representation_of_held(
                data, codes=codes, factors=factors, kinds=kinds
            )
        found = codes_of_anndata(data, codes)
        rows = _as_names(data.obs_names)
        return _beside(found, rows, labels, key, factors, kinds)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    finally:
        data.file.close()


def _of_npz(path, codes, factors, kinds, labels, key) -> Held:
    there = array_names(path)
    name = (
        "codes" if codes is None else str(codes if isinstance(codes, str) else codes[0])
    )
    if name not in there:
        raise DataError(
            f"{path}: expected an array {name!r}, got {', '.join(there)}. Name the one "
            "that holds the codes with --codes."
        )
    found = Codes(as_matrix(read_array(path, name)), (), None)
    if labels is not None:
        rows = RowNumbers(len(found.values))
        if "names" in there:
            rows = _as_names(read_array(path, "names"))
        return _beside(found, rows, labels, key, factors, kinds)
    if "factors" not in there:
        raise DataError(
            f"{path}: expected an array 'factors' beside the codes, got "
            f"{', '.join(there)}. Or give a table with --labels."
        )
    held = read_array(path, "factors")
    num_factors = held.shape[1] if held.ndim > 1 else 1
    names, kinds = declared_factors(path, kinds, num_factors)
    columns = names or [f"f{place}" for place in range(num_factors)]
    given = kinds_by_name(kinds, columns)
    if factors is not None:
        wanted = chosen_columns(columns, factors, "factors", str(path))
        given = {name: kind for name, kind in given.items() if name in wanted}
    known = labels_of(held, factors, kinds=given, names=names)
    joined = joined_rows(len(found.values), None, len(known.values), None)
    return joined_representation(found, known, joined)


def _beside(
    codes: Codes,
    names: Sequence[str],
    labels: Path,
    key: str | None,
    factors: Columns | None,
    kinds: Kinds | None,
) -> Held:
    """Codes with a table of labels, joined as the labels of pictures are."""
    from tinyvae.tables.reading import read_table  # brings pyarrow

    table, found, notes = joined(names, read_table(labels), key, "code")
    read = (*table.notes, *notes)
    rows = np.arange(len(names)) if table.rows is None else table.rows
    there = np.flatnonzero(rows >= 0)
    table = table.taken(there)
    others = [name for name in table.value_names if name != found]
    known = labels_of(table.only(others), factors, kinds=kinds)
    held = joined_representation(
        codes, known, Joined(there, np.arange(len(there)), "in order")
    )
    return held._replace(read=read)


def _as_names(cells: Any) -> list[str]:
    """Names as texts: 7 and 7.0 and "7" are one name."""
    return [
        f"{cell:.15g}" if isinstance(cell, float) else str(cell)
        for cell in np.asarray(cells).tolist()
    ]


def _full(table: Table, name: str) -> np.ndarray:
    numbers = as_numbers(table, name)
    if np.isnan(numbers).any():
        row = int(np.argmax(np.isnan(numbers)))
        raise DataError(
            f"{table.what}: expected a full code in each row, got a gap in column "
            f"{name!r} of row {row + 1}. Leave such rows out."
        )
    return numbers
