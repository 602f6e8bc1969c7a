"""Labels in any holder: frames, mappings of columns, arrays, xarray."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.frames.codes import Columns, as_array, chosen_columns
from tinyvae.frames.rows import RowNames, row_names
from tinyvae.notes import Note
from tinyvae.representation import Kinds
from tinyvae.tables.choosing import kinds_by_name
from tinyvae.tables.kinds import (
    MOST_LEVELS,
    all_numbers,
    is_text,
    known_cells,
    label_of,
    mostly_numbers,
)
from tinyvae.tables.labels import described
from tinyvae.tables.meant_as_numbers import what_is_meant
from tinyvae.tables.row_names import counts_from
from tinyvae.tables.table import Table

MOST_DESCRIBED = 12  # labels of a file whose kinds are told


class Labels(NamedTuple):
    """Factors, their values (NaN where a label is missing), and the rows' names."""

    factors: tuple[Factor, ...]
    values: Float[np.ndarray, "sample factor"]
    rows: RowNames | None
    notes: tuple[str, ...]
    kinds: tuple[Note, ...] = ()  # of labels in files: what was guessed, and from what


def labels_of(
    held: Any,
    factors: Columns | None = None,
    *,
    kinds: Kinds | None = None,
    names: Sequence[str] | None = None,
) -> Labels:
    """The labels that an object holds.

    Texts, truth values and pandas categories are categorical; numbers are ordered, also
    as texts, unless `kinds` says otherwise. `names` are those of an array's columns.
    Without `factors`, columns that cannot be factors are left out, and a note says why.

    Raises: DataError if a column does not exist or does not fit its kind, or if no
    column is left.
    """
    table = held if isinstance(held, Table) else _table(held, names)
    wanted = table.value_names
    if factors is not None:
        wanted = chosen_columns(wanted, factors, "factors", table.what)
    given = kinds_by_name(kinds, wanted)
    categories = set() if isinstance(held, Table) else _categories(held)
    found, notes = [], []
    if not isinstance(held, Table):  # whose notes are shown as those of a file
        notes += [note.line().rstrip(".") for note in table.notes]
    for name in wanted:
        cells = table.columns[name]
        asked = factors is not None or name in given
        reason = _unusable(cells, asked=asked, dates=name in table.units)
        if reason is not None:
            notes.append(f"{name} is left out: {reason}")
            continue
        texts = name in categories or cells.dtype == bool
        if is_text(cells) and not isinstance(held, Table):
            texts = texts or not all_numbers(known_cells(cells))
        guessed = None if isinstance(held, Table) else "ordered"
        kind = given.get(name, "categorical" if texts else guessed)
        found.append(label_of(table, name, kind))
    if not found:
        raise DataError(
            f"expected at least one column of labels that varies, got "
            f"{'; '.join(notes) or 'none'}."
        )
    return Labels(
        tuple(label.factor for label in found),
        np.column_stack([label.values for label in found]).astype(float),
        None if isinstance(held, Table) else row_names(held),
        tuple(notes),
        tuple(described(label, "code") for label in found[:MOST_DESCRIBED])
        if isinstance(held, Table)
        else (),
    )


def _table(held: Any, names: Sequence[str] | None) -> Table:
    from tinyvae.tables.reading import read_table  # brings pyarrow

    if hasattr(held, "dims") and hasattr(held, "coords"):  # xarray
        held = held.values
    if isinstance(held, Mapping):
        return read_table({str(k): as_array(column) for k, column in held.items()})
    if hasattr(held, "columns"):  # its index is no label
        return read_table({str(n): _cells(held[n]) for n in held.columns})
    if hasattr(held, "name") and hasattr(held, "to_numpy"):  # one column of a frame
        return read_table({str(held.name or "label"): _cells(held)})
    array = as_array(held)
    if array.ndim not in (1, 2) or array.size == 0:
        raise DataError(
            f"expected labels as a frame, a mapping of columns or an array (sample, "
            f"factor), got {type(held).__name__} of shape {array.shape}."
        )
    array = array[:, None] if array.ndim == 1 else array
    found = [f"f{place}" for place in range(array.shape[1])]
    if names is not None:
        found = [str(name) for name in names]
        if len(set(found)) != array.shape[1]:
            raise DataError(
                f"expected {array.shape[1]} different names, one for each factor, "
                f"got {found}."
            )
    return read_table(dict(zip(found, array.T, strict=True)))


def _cells(column: Any) -> np.ndarray:
    cells = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return np.asarray(cells)


def _categories(held: Any) -> set[str]:
    """Names of the columns that pandas or polars holds as categories."""
    if not hasattr(held, "columns"):
        dtype = str(getattr(held, "dtype", "")).lower()
        return {str(held.name or "label")} if dtype in ("category", "enum") else set()
    return {
        str(name)
        for name in held.columns
        if str(held[name].dtype).lower().startswith(("categor", "enum"))
    }


def _unusable(cells: np.ndarray, *, asked: bool, dates: bool) -> str | None:
    """Why a column is no factor; None if it is one."""
    known = known_cells(cells)
    if not known:
        return "no row has one"
    different = len(set(known))
    if asked:
        return None
    if different == 1:
        return f"it is {known[0]} in every row"
    names_rows = different > MOST_LEVELS or (
        different > 10 and different > len(known) / 2
    )
    # cells of a CSV file are texts, also those of numbers
    words = is_text(cells) and not mostly_numbers(known)
    if words and names_rows:
        texts = f"{different} different texts in {len(known)} rows"
        if meant := what_is_meant(known):
            return f"{texts} are {meant}"
        return f"{texts} name the rows"
    first = None if dates else counts_from(cells)
    return None if first is None else f"it counts the rows from {first}"
