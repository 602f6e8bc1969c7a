"""Codes in one file and labels in another, joined by the name of each row."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.factors import FactorTable
from tinyvae.files.npz import array_names, read_array
from tinyvae.pictures.joining import joined
from tinyvae.pictures.kinds import as_numbers
from tinyvae.pictures.labels import labels_of
from tinyvae.pictures.report import Note
from tinyvae.pictures.rules import LabelRule
from tinyvae.pictures.source import RowNumbers
from tinyvae.pictures.tables import Table, read_table
from tinyvae.representation import FEWEST_ROWS, Representation, once_each

CODE_COLUMN = re.compile(r"z\d+")  # names that `tinyvae encode` gives


def read_labelled_codes(
    path: Path,
    labels: Path,
    *,
    key: str | None = None,
    codes: Sequence[str] = (),
    factors: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
) -> tuple[Representation, tuple[Note, ...]]:
    """Codes of a table or npz file, with the labels of another table.

    The first column of texts (or the array `names`) names the rows of codes; `key` is
    the column of the labels with the same names. By default a column that matches is
    searched for. Rows without a code, codes without a row, and rows with a missing
    label are counted in the notes.

    Raises: DataError or ConfigError if the files cannot be read or do not match.
    """
    table, names = _codes_and_names(path, codes)
    beside, found_key, notes = joined(names, read_table(labels), key)
    rule = LabelRule(key, tuple((kinds or {}).items()), tuple(factors), None)
    aside = [found_key] if found_key is not None else []
    known, more = labels_of(beside, rule, aside=aside)
    if not known:
        raise DataError(
            f"{labels}: expected at least one usable label that varies, got none. "
            "Name one with --factors."
        )
    values = np.column_stack([label.values for label in known])
    complete = ~np.isnan(values).any(axis=1)
    if complete.sum() < FEWEST_ROWS:
        raise DataError(
            f"expected at least {FEWEST_ROWS} rows with a code and all labels, got "
            f"{complete.sum()}."
        )
    missing = int((~complete).sum())
    if missing:
        text = f"{missing} of {len(values)} codes lack a label and are not scored"
        more = (*more, Note("left out", text))
    rows = table[complete]
    probability = np.full(len(rows), 1 / len(rows))
    factor_table = FactorTable(
        tuple(label.factor for label in known),
        values[complete],
        probability,
        independent=False,
        complete=False,
    )
    moves = np.ptp(rows, axis=0) > 0
    found = once_each(Representation(rows, factor_table, moves))
    return found, (*notes, *more)


def _codes_and_names(
    path: Path, patterns: Sequence[str]
) -> tuple[np.ndarray, Sequence[str]]:
    if path.suffix.lower() == ".npz":
        codes = np.asarray(read_array(path, "codes"), float)
        if "names" in array_names(path):
            return codes, [str(name) for name in read_array(path, "names")]
        return codes, RowNumbers(len(codes))
    table = read_table(path)
    columns = _code_columns(path, table, patterns)
    codes = np.column_stack([as_numbers(table, name) for name in columns])
    if np.isnan(codes).any():
        row = int(np.argmax(np.isnan(codes).any(axis=1)))
        raise DataError(f"{path}: expected a full code in row {row + 1}, got a gap.")
    texts = [
        name
        for name, cells in table.columns.items()
        if cells.dtype == object and name not in columns
    ]
    if not texts:
        return codes, RowNumbers(len(codes))
    return codes, [
        "" if cell is None else str(cell) for cell in table.columns[texts[0]]
    ]


def _code_columns(path: Path, table: Table, patterns: Sequence[str]) -> list[str]:
    if patterns:
        found = [
            name
            for name in table.names
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        ]
    else:
        found = [name for name in table.names if CODE_COLUMN.fullmatch(name)]
    if not found:
        raise DataError(
            f"{path}: expected columns of codes (z0, z1 and so on, or those that "
            f"--codes names), got {', '.join(table.names)}."
        )
    return found
