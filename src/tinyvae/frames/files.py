"""Codes and labels in files: AnnData, CSV, TSV, Parquet and npz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
from tinyvae.tables.code_columns import code_columns, codes_of
from tinyvae.tables.joining import joined, names_of_rows
from tinyvae.tables.missing import checked_missing
from tinyvae.tables.table import RowNumbers


def representation_of_file(
    path: Path,
    *,
    codes: Columns | None = None,
    factors: Columns | None = None,
    kinds: Kinds | None = None,
    labels: Path | None = None,
    key: str | None = None,
    missing: str = "fail",
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
        missing: "fail" refuses a code that is missing or infinite, "drop" leaves out
            its row and counts it.

    Raises: DataError if a file cannot be read, or rows cannot be joined.
    """
    asked = Asked(codes, factors, kinds, labels, key, checked_missing(missing))
    if path.suffix.lower() == ".h5ad":
        return _of_h5ad(path, asked)
    if not path.is_file():
        raise DataError(
            f"expected a run folder or a file .h5ad, .npz, .csv, .tsv or .parquet, "
            f"got {path}, which does not exist."
        )
    if path.suffix.lower() == ".npz":
        return _of_npz(path, asked)
    return _of_table(path, asked)


class Asked(NamedTuple):
    """What a user asks of a file: see `representation_of_file`."""

    codes: Columns | None
    factors: Columns | None
    kinds: Kinds | None
    labels: Path | None
    key: str | None
    missing: str


def _of_table(path: Path, asked: Asked) -> Held:
    from tinyvae.tables.reading import read_table  # brings pyarrow

    table, key = read_table(path), asked.key
    if asked.codes is None:
        names = code_columns(table, ())
    else:
        names = chosen_columns(table.value_names, asked.codes, "codes", str(path))
    found = Codes(codes_of(table, names, asked.missing), tuple(names), None)
    if asked.labels is not None:
        rows = names_of_rows(table, names)
        if key is not None and key in table.columns:
            rows = _as_names(table.columns[key])
        held = _beside(found, rows, asked)
        return held._replace(read=(*table.notes, *held.read))
    others = [n for n in table.value_names if n not in names and n != key]
    if not others:
        raise DataError(
            f"{path}: expected columns of labels beside the codes, got none. Give them "
            "with --labels FILE."
        )
    known = labels_of(table.only(others), asked.factors, kinds=asked.kinds)
    order = _in_order(len(found.values))
    held = joined_representation(found, known, order, asked.missing)
    return held._replace(read=(*table.notes, *known.kinds, *held.read))


def _in_order(num_rows: int) -> Joined:
    return Joined(np.arange(num_rows), np.arange(num_rows), "in order")


def _of_h5ad(path: Path, asked: Asked) -> Held:
    data = read_h5ad(path)
    try:
        if asked.labels is None:
            return representation_of_held(
                data,
                codes=asked.codes,
                factors=asked.factors,
                kinds=asked.kinds,
                missing=asked.missing,
            )
        found = codes_of_anndata(data, asked.codes)
        return _beside(found, _as_names(data.obs_names), asked)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    finally:
        data.file.close()


def _of_npz(path: Path, asked: Asked) -> Held:
    codes, factors, kinds, labels, _, missing = asked
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
        return _beside(found, rows, asked)
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
    return joined_representation(found, known, joined, missing)


def _beside(codes: Codes, names: Sequence[str], asked: Asked) -> Held:
    """Codes with a table of labels, joined as the labels of pictures are."""
    from tinyvae.tables.reading import read_table  # brings pyarrow

    table, found, notes = joined(names, read_table(asked.labels), asked.key, "code")
    read = (*table.notes, *notes)
    rows = np.arange(len(names)) if table.rows is None else table.rows
    there = np.flatnonzero(rows >= 0)
    table = table.taken(there)
    others = [name for name in table.value_names if name != found]
    known = labels_of(table.only(others), asked.factors, kinds=asked.kinds)
    pairs = Joined(there, np.arange(len(there)), "in order")
    held = joined_representation(codes, known, pairs, asked.missing)
    return held._replace(read=(*read, *known.kinds, *held.read))


def _as_names(cells: Any) -> list[str]:
    """Names as texts: 7 and 7.0 and "7" are one name."""
    return [
        f"{cell:.15g}" if isinstance(cell, float) else str(cell)
        for cell in np.asarray(cells).tolist()
    ]
