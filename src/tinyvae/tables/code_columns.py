"""Columns of codes: finite numbers, but for rows that are to be left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.errors import DataError
from tinyvae.tables.choosing import chosen
from tinyvae.tables.kinds import as_numbers, is_text, number_of
from tinyvae.tables.missing import checked_missing, complete_rows
from tinyvae.tables.table import Table, is_missing, names_listed

ADVICE = (
    "Codes are finite numbers. If the cell stands for a missing code, leave it empty, "
    "and leave out its row with --missing drop; if the column holds no codes, leave it "
    "out of --codes."
)
CODE_COLUMN = re.compile(r"z\d+")  # names that `tinyvae encode` gives
MINUS_INFINITY = ("-inf", "-infinity")


def code_columns(table: Table, patterns: Sequence[str]) -> list[str]:
    """The columns that the patterns name; without any, those named z0, z1 and so on.

    Raises: DataError if there is none.
    """
    if patterns:
        return chosen(table.what, table.value_names, patterns, "codes")
    found = [name for name in table.names if CODE_COLUMN.fullmatch(name)]
    if not found:
        raise DataError(
            f"{table.what}: expected columns of codes: z0, z1 and so on, or those that "
            f"--codes names, such as --codes 'z*'; got {names_listed(table.names)}."
        )
    return found


def codes_of(
    table: Table, names: Sequence[str], missing: str = "fail"
) -> Float[np.ndarray, "sample latent"]:
    """The columns of codes; NaN where a code is missing or infinite.

    Raises: DataError naming the row of a cell that is not a number, and, unless
    `missing` is "drop", of one that is missing or infinite.
    """
    gaps = {name: code_gaps(table.columns[name], missing) for name in names}
    if missing != "drop":
        complete_rows(gaps, missing, table.what, table.place)
    return np.column_stack(
        [as_numbers(table, name, ADVICE, gaps[name]) for name in names]
    )


def code_gaps(cells: np.ndarray, missing: str) -> Bool[np.ndarray, " row"]:
    """Where a column of codes has none: also where it is infinite, to leave it out.

    Raises: ConfigError if `missing` is neither "fail" nor "drop".
    """
    checked_missing(missing)
    gaps = is_missing(cells)
    if missing != "drop":
        return gaps
    if not is_text(cells):
        return gaps | (np.isinf(cells) if cells.dtype.kind == "f" else False)
    infinite = {
        cell
        for cell in set(cells.tolist())
        if number_of(cell) == np.inf or str(cell).lower() in MINUS_INFINITY
    }
    return gaps | np.array([cell in infinite for cell in cells], bool)
