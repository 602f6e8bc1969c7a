"""Codes with factors in a file: npz, or a table of text or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from tinyvae.errors import DataError
from tinyvae.files.npz_codes import read_npz_codes
from tinyvae.from_arrays import representation_of
from tinyvae.notes import Note
from tinyvae.representation import Kinds, Representation, with_kept
from tinyvae.tables.choosing import chosen, kinds_by_name
from tinyvae.tables.code_columns import code_gaps, codes_of
from tinyvae.tables.doubtful_values import doubts
from tinyvae.tables.kinds import (
    Label,
    kind_text,
    label_of,
    truth_as_numbers,
)
from tinyvae.tables.labels import described
from tinyvae.tables.missing import complete_rows
from tinyvae.tables.one_hot import one_hot_groups
from tinyvae.tables.reading import TABLE_ENDINGS, advice_on, ending_of, read_table
from tinyvae.tables.table import Table, is_missing

Columns = Sequence[str]  # names of columns, or patterns such as z*


def read_codes(
    path: Path,
    *,
    codes: Columns = (),
    factors: Columns = (),
    kinds: Kinds | None = None,
    missing: str = "fail",
) -> Representation:
    """The codes and factors in a file .npz, or in a table.

    An npz file holds arrays `codes` (sample, latent) and `factors` (sample, factor),
    and may hold `factor_names`, `factor_kinds`, `probability` and `active`. For a
    table, `codes` and `factors` name the columns. A row that lacks a value is refused,
    or left out if `missing` is "drop".

    Raises: DataError if the file cannot be read or scored, ConfigError if `missing` is
    neither "fail" nor "drop".
    """
    if not path.is_file():
        raise DataError(
            f"expected a run folder or a file .npz, .csv or .parquet, got {path}, "
            "which does not exist."
        )
    ending = ending_of(path)
    if ending == ".npz":
        if codes or factors:
            raise DataError(
                f"expected no column names for {path}: the arrays of an npz file are "
                "called codes and factors."
            )
        return with_hints(read_npz_codes(path, kinds, missing))
    if ending == ".npy":
        raise DataError(
            f"{path}: expected factors beside the codes of an npy file, got none. Give "
            "them with --labels table.csv or --labels factors.npy."
        )
    if ending not in TABLE_ENDINGS:
        raise DataError(
            "expected a file .npz, .csv, .tsv, .txt (also .gz) or .parquet, got "
            f"{path}.{advice_on(path)}"
        )
    table = truth_as_numbers(read_table(path))
    return with_hints(_of_table(table, codes, factors, kinds, missing))


def _of_table(
    table: Table, codes: Columns, factors: Columns, kinds: Kinds | None, missing: str
) -> Representation:
    what = table.what
    latents = chosen(what, table.value_names, codes, "codes")
    known = chosen(what, table.value_names, factors, "factors")
    if both := sorted(set(latents) & set(known)):
        raise DataError(
            f"{what}: expected columns of codes or of factors, got {both[0]!r} as both."
        )
    table, kept, left_out = without_gaps(table, latents, known, missing)
    declared = kinds_by_name(kinds, known)
    labels = [label_of(table, name, declared.get(name)) for name in known]
    found = representation_of_labels(codes_of(table, latents), labels, what)
    notes = (
        *table.notes,
        *names_of_latents(latents),
        *(described(label, "code") for label in labels),
        *left_out,
    )
    return with_kept(replace(found, notes=notes), kept)


def without_gaps(
    table: Table, codes: Sequence[str], others: Sequence[str], missing: str
) -> tuple[Table, Bool[np.ndarray, " row"], tuple[Note, ...]]:
    """The rows with a value in each of these columns, which they are, and a note.

    Rows that are left out also lack a finite code. `codes` are columns of codes.

    Raises: DataError naming the first row that lacks a value, unless `missing` is
    "drop".
    """
    gaps = {name: code_gaps(table.columns[name], missing) for name in codes}
    gaps |= {name: is_missing(table.columns[name]) for name in others}
    full, notes = complete_rows(gaps, missing, table.what, table.place)
    return (table.taken(np.flatnonzero(full)) if notes else table), full, notes


def names_of_latents(columns: Sequence[str]) -> tuple[Note, ...]:
    """A note that says which column each latent is, unless it is called the same."""
    pairs = [f"z{j} is {name}" for j, name in enumerate(columns) if name != f"z{j}"]
    return (Note("codes", "in what follows", tuple(pairs)),) if pairs else ()


def representation_of_labels(
    codes: np.ndarray, labels: Sequence[Label], what: str
) -> Representation:
    """Codes with labels that have a value in each row.

    Raises: DataError if they cannot be scored.
    """
    factors = [label.factor for label in labels]
    kinds = [kind_text(factor) for factor in factors]
    try:
        found = representation_of(
            codes,
            np.column_stack([label.values for label in labels]),
            names=[factor.name for factor in factors],
            kinds=kinds,
        )
    except DataError as error:
        raise DataError(f"{what}: {error}") from None
    named = tuple(
        replace(one, levels=factor.levels)
        for one, factor in zip(found.factors, factors, strict=True)
    )
    return replace(found, table=replace(found.table, factors=named))


def with_hints(found: Representation) -> Representation:
    """The representation with notes on what looks like a mistake."""
    names = found.table.names
    notes = [
        Note(
            "warning",
            f"{', '.join(names[column] for column in group)} look like the one-hot "
            "columns of one label; give it as one categorical factor",
        )
        for group in one_hot_groups(found.table.values)
    ]
    notes += [Note("warning", text) for text in doubts(found.table)]
    if found.num_latents > len(found.codes) and len(names) > len(found.codes):
        text = (
            f"{found.num_latents} latents in {len(found.codes)} samples; if samples "
            "are columns, give codes.T and factors.T"
        )
        notes.append(Note("warning", text))
    return replace(found, notes=(*found.notes, *notes))
