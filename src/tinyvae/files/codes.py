"""Codes with factors in a file: npz, CSV or Parquet, from any network."""

from __future__ import annotations

import csv
import fnmatch
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.files.npz import array_names, read_array
from tinyvae.representation import Kinds, Representation, representation_of

MISSING = ("", "nan", "na", "none", "null", "<na>")  # how tables write "no label"
Columns = Sequence[str]  # names of columns, or patterns such as z*


def read_codes(
    path: Path,
    *,
    codes: Columns = (),
    factors: Columns = (),
    kinds: Kinds | None = None,
) -> Representation:
    """The codes and factors in a file .npz, .csv or .parquet.

    An npz file holds arrays `codes` (sample, latent) and `factors` (sample, factor),
    and may hold `factor_names`, `factor_kinds`, `probability` and `active`. For a
    table, `codes` and `factors` name the columns.

    Raises: DataError if the file cannot be read or scored.
    """
    if not path.is_file():
        raise DataError(
            f"expected a run folder or a file .npz, .csv or .parquet, got {path}, "
            "which does not exist."
        )
    ending = path.suffix.lower()
    if ending == ".npz":
        if codes or factors:
            raise DataError(
                f"expected no column names for {path}: the arrays of an npz file are "
                "called codes and factors."
            )
        return _read_npz(path, kinds)
    if ending not in (".csv", ".parquet"):
        raise DataError(f"expected a file .npz, .csv or .parquet, got {path}.")
    names = _csv_names(path) if ending == ".csv" else _parquet_names(path)
    latents, known = (
        _chosen(path, names, codes, "codes"),
        _chosen(path, names, factors, "factors"),
    )
    if both := sorted(set(latents) & set(known)):
        raise DataError(
            f"{path}: expected columns of codes or of factors, got {both[0]!r} as both."
        )
    read = _csv_columns if ending == ".csv" else _parquet_columns
    columns = read(path, [*latents, *known])
    labels = _categorical(kinds, known)
    return representation_of(
        np.column_stack([_numbers(path, name, columns[name]) for name in latents]),
        np.column_stack(
            [
                _labels(path, name, columns[name])
                if name in labels
                else _numbers(path, name, columns[name])
                for name in known
            ]
        ),
        names=known,
        kinds=kinds,
    )


def _read_npz(path: Path, kinds: Kinds | None) -> Representation:
    there = array_names(path)
    names = _texts(path, "factor_names") if "factor_names" in there else None
    known = _texts(path, "factor_kinds") if "factor_kinds" in there else None
    probability = read_array(path, "probability") if "probability" in there else None
    active = read_array(path, "active") if "active" in there else None
    codes, factors = read_array(path, "codes"), read_array(path, "factors")
    try:
        return representation_of(
            codes,
            factors,
            names=names,
            kinds=_joined_kinds(known, kinds, names, factors),
            probability=probability,
            active=active,
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _texts(path: Path, name: str) -> list[str]:
    values = np.ravel(read_array(path, name))
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    return [str(value) for value in values]


def _joined_kinds(
    known: list[str] | None,
    asked: Kinds | None,
    names: list[str] | None,
    factors: np.ndarray,
) -> Kinds | None:
    """The kinds in the file, replaced where other kinds are given."""
    if known is None or not isinstance(asked, Mapping) or factors.ndim != 2:
        return known if asked is None else asked
    names = names or [f"f{factor}" for factor in range(factors.shape[1])]
    return {**dict(zip(names, known, strict=False)), **asked}


def _chosen(path: Path, names: list[str], patterns: Columns, what: str) -> list[str]:
    """The columns that match any of the patterns, in the order of the patterns."""
    found: list[str] = []
    for pattern in patterns:
        matching = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
        if not matching:
            raise DataError(
                f"{path}: expected columns of {what} among {', '.join(names)}, "
                f"got {pattern!r}."
            )
        found += [name for name in matching if name not in found]
    if not found:
        raise DataError(
            f"{path}: expected the names of the columns that hold {what}: "
            f"--{what} {','.join(names[:2])}. It has {', '.join(names)}."
        )
    return found


def _categorical(kinds: Kinds | None, names: list[str]) -> set[str]:
    if kinds is None:
        return set()
    of = kinds if isinstance(kinds, Mapping) else dict(zip(names, kinds, strict=False))
    return {name for name, kind in of.items() if kind == "categorical"}


def _labels(path: Path, name: str, column: Any) -> np.ndarray:
    """A column of labels as whole numbers, without surrounding spaces.

    Raises: DataError naming the first row without a label.
    """
    texts = []
    for row, entry in enumerate(column):
        text = "" if entry is None else str(entry).strip()
        if text.lower() in MISSING:
            raise DataError(
                f"{path}: expected a label in column {name!r} of row {row}, got none "
                f"({text!r}). Leave such rows out."
            )
        texts.append(text)
    return np.unique(texts, return_inverse=True)[1]


def _numbers(path: Path, name: str, column: Any) -> np.ndarray:
    """A column as numbers.

    Raises: DataError naming the first entry that is not a number.
    """
    try:
        values = np.asarray(column, float)
        if (bad := np.flatnonzero(~np.isfinite(values))).size:
            raise DataError(
                f"{path}: expected finite numbers in column {name!r}, got "
                f"{values[bad[0]]} in row {bad[0]} ({bad.size} such rows in all)."
            )
        return values
    except DataError:
        raise
    except (ValueError, TypeError):
        for row, entry in enumerate(column):
            try:
                float(entry)
            except (ValueError, TypeError):
                raise DataError(
                    f"{path}: expected numbers in column {name!r}, got {entry!r} in "
                    f"row {row}. Labels need --kinds {name}=categorical."
                ) from None
        raise DataError(f"{path}: expected numbers in column {name!r}.") from None


def _csv_names(path: Path) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            names = next(csv.reader(stream), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file: {error}.") from None
    names = [name.strip() for name in names]
    if not names or len(set(names)) != len(names):
        raise DataError(
            f"{path}: expected a first line of different column names, got {names}."
        )
    if len(names) == 1 and (mark := next((m for m in ";\t|" if m in names[0]), None)):
        raise DataError(
            f"{path}: expected commas between columns, got {mark!r} between them: "
            f"{names[0]}."
        )
    return names


def _csv_columns(path: Path, names: list[str]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {name: [] for name in names}
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            next(csv.reader(stream), None)  # the names, already known
            for number, row in enumerate(csv.DictReader(stream, _csv_names(path))):
                for name in names:
                    entry = row[name]
                    if entry is None or not entry.strip():
                        raise DataError(
                            f"{path}: expected an entry in column {name!r} of row "
                            f"{number}, got none."
                        )
                    columns[name].append(entry)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file: {error}.") from None
    if not next(iter(columns.values())):
        raise DataError(f"{path}: expected rows below the names of columns, got none.")
    return columns


def _parquet_names(path: Path) -> list[str]:
    names = _parquet_file(path).schema_arrow.names
    if len(set(names)) != len(names):
        raise DataError(f"{path}: expected different column names, got {names}.")
    return names


def _parquet_columns(path: Path, names: list[str]) -> dict[str, np.ndarray]:
    table = _parquet_file(path).read(columns=names)
    return {name: table.column(name).to_numpy() for name in names}


def _parquet_file(path: Path) -> Any:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise DataError(
            f"{path}: Parquet needs the package pyarrow, which is not installed: "
            "pip install 'tinyvae[parquet]', or write a CSV file."
        ) from None
    try:
        return parquet.ParquetFile(path)
    except (OSError, ArrowException) as error:
        raise DataError(f"{path} is not a Parquet file: {error}.") from None
