"""Codes in one file and labels in another, joined by the name of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError
from tinyvae.files.codes import (
    names_of_latents,
    representation_of_labels,
    with_hints,
)
from tinyvae.files.npz import array_names, read_array, read_npy
from tinyvae.files.npz_codes import codes_named, full_codes
from tinyvae.notes import Note
from tinyvae.representation import Representation, with_kept
from tinyvae.tables.arrays import numbers_of
from tinyvae.tables.code_columns import code_columns, codes_of
from tinyvae.tables.joining import joined, names_of_rows
from tinyvae.tables.kinds import truth_as_numbers
from tinyvae.tables.labels import labels_of
from tinyvae.tables.missing import complete_rows
from tinyvae.tables.reading import ending_of, read_table
from tinyvae.tables.rules import LabelRule
from tinyvae.tables.table import (
    RowNumbers,
    is_missing,
)


class CodesRead(NamedTuple):
    """Codes, NaN in rows to leave out; names of rows and columns; notes."""

    values: Float[np.ndarray, "sample latent"]
    rows: Sequence[str]
    columns: Sequence[str]
    notes: tuple[Note, ...]


def read_labelled_codes(
    path: Path,
    labels: Path,
    rule: LabelRule,
    *,
    codes: Sequence[str] = (),
    missing: str = "fail",
) -> Representation:
    """Codes of a table, npz or npy file, with the labels of another table.

    The first column of texts (or the array `names`) names the rows of codes; the key
    of the rule is the column of the labels with the same names. By default a column
    that matches is searched for; without names, rows are matched in order. Rows without
    a code and codes without a row are left out and counted. A row that lacks a value
    is refused, or left out if `missing` is "drop".

    Raises: DataError or ConfigError if the files cannot be read or do not match.
    """
    values, names, latents, notes = _codes_and_names(path, codes, missing)
    beside, found_key, join_notes = joined(names, read_table(labels), rule.key, "code")
    there = np.arange(len(values)) if beside.rows is None else beside.rows
    there = np.flatnonzero(there >= 0)
    values, beside = values[there], truth_as_numbers(beside.taken(there))
    aside = [found_key] if found_key is not None else []
    known, kind_notes = labels_of(beside, rule, aside=aside, noun="code")
    if not known:
        raise DataError(
            f"{labels}: expected at least one usable label that varies, got none. "
            "Name one with --factors."
        )
    wanted = tuple(label.factor.name for label in known)
    gaps = {name: np.isnan(one) for name, one in zip(latents, values.T, strict=True)}
    gaps |= {name: is_missing(beside.columns[name]) for name in wanted}
    full, left_out = complete_rows(gaps, missing, beside.what, beside.place)
    if left_out:  # levels that no row has any more are not levels
        values, beside = values[full], beside.taken(np.flatnonzero(full))
        known, kind_notes = labels_of(
            beside, replace(rule, factors=wanted), noun="code"
        )
    found = representation_of_labels(values, known, f"{path} with {labels}")
    notes += (*beside.notes, *join_notes, *kind_notes, *left_out)
    kept = np.isin(np.arange(len(names)), there[full])
    return with_hints(with_kept(replace(found, notes=notes), kept))


def _codes_and_names(path: Path, patterns: Sequence[str], missing: str) -> CodesRead:
    """Codes, the names of their rows and columns, and notes on reading them."""
    if ending_of(path) in (".npz", ".npy"):
        return _of_arrays(path, missing)
    table = read_table(path)
    columns = code_columns(table, patterns)
    codes = codes_of(table, columns, missing)
    notes = (*table.notes, *names_of_latents(columns))
    return CodesRead(codes, names_of_rows(table, columns), columns, notes)


def _of_arrays(path: Path, missing: str) -> CodesRead:
    """Codes of an npz or npy file; `names` of an npz file names their rows."""
    npz = ending_of(path) == ".npz"
    try:
        codes, full, _ = full_codes(
            read_array(path, "codes") if npz else read_npy(path), path, missing
        )
        values = np.full(codes.shape, np.nan)
        values[full] = numbers_of(codes[full], "codes")
    except DataError as error:
        raise DataError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    if npz and "names" in array_names(path):
        names = np.array([str(name) for name in read_array(path, "names")], object)
        return CodesRead(values, list(names), codes_named(codes), ())
    return CodesRead(values, RowNumbers(len(codes)), codes_named(codes), ())
