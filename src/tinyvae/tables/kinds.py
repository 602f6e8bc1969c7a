"""One column of a table as a label: its kind, declared or guessed, with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.notes import Note, shown
from tinyvae.tables.local_numbers import AMBIGUOUS, is_ambiguous
from tinyvae.tables.meant_as_numbers import what_is_meant
from tinyvae.tables.rules import checked_kind
from tinyvae.tables.table import Table

FEW = 20  # different whole numbers; up to this number they may be classes
MOST_LEVELS = 256  # different texts of a label; if there are more, they name rows
LARGEST_NUMBER = 1e30  # so that squares and sums of squares stay finite
TRUTH = {"true": 1.0, "false": 0.0}
CLASS_NAMES = ("class", "label", "labels", "category", "target", "species")


@dataclass(frozen=True, eq=False)
class Label:
    """A factor and its value in each row, NaN if unknown."""

    factor: Factor
    values: Float[np.ndarray, " sample"]
    reason: str
    of_record: bool = False


def label_of(table: Table, name: str, declared: str | None) -> Label:
    """One column as a label of the declared kind, or of the guessed one.

    Texts are categorical, numbers ordered, truth values categorical; whole numbers in
    a column called `class` or the like are categorical.

    Raises: DataError naming the row if a cell does not fit the kind.
    """
    if declared is not None:
        kind, period = checked_kind(name, declared)
        reason = "declared"
    else:
        period = None
        kind, reason = _guess(table, name)
    if kind == "categorical":
        return _categorical(table, name, reason)
    values = as_numbers(table, name)
    if period is not None:
        values = np.mod(values, period)
    distinct = tuple(np.unique(values[~np.isnan(values)]).tolist())
    unit = table.units.get(name, "")
    factor = Factor(name, distinct, unit, kind=kind, period=period)
    return Label(factor, values, reason)


def _guess(table: Table, name: str) -> tuple[str, str]:
    cells = table.columns[name]
    known = known_cells(cells)
    if is_truth(cells):
        return "categorical", "true or false"
    if is_text(cells) and not mostly_numbers(known):
        if is_ambiguous(known):
            raise DataError(
                f"{table.what}: expected cells in column {name!r} that mean one "
                f"number, got {known[0]!r} and the like, which {AMBIGUOUS}. Write them "
                f"without commas, or declare the kind: {name}=categorical."
            )
        if len(set(known)) > FEW and (meant := what_is_meant(known)):
            raise DataError(
                f"{table.what}: expected numbers or classes in column {name!r}, got "
                f"{meant}; or declare the kind: {name}=categorical."
            )
        return "categorical", "texts"
    numbers = np.unique([number_of(cell) for cell in set(known)])
    whole = bool((numbers == np.floor(numbers)).all())
    if name.lower() in CLASS_NAMES and whole and len(numbers) <= MOST_LEVELS:
        return "categorical", f"whole numbers in a column called {name!r}"
    if whole and len(numbers) <= FEW:
        return "ordered", f"numbers; if they are classes, declare {name}=categorical"
    return "ordered", "numbers"


def is_truth(cells: np.ndarray) -> bool:
    """Whether every known cell is true or false."""
    if cells.dtype == object:
        known = {str(cell).lower() for cell in set(known_cells(cells))}
        return bool(known) and known <= set(TRUTH)
    return cells.dtype == bool


def truth_as_numbers(table: Table) -> Table:
    """The table with 1 for true and 0 for false, NaN where missing; a note says so."""
    found = [name for name, cells in table.columns.items() if is_truth(cells)]
    if not found:
        return table
    numbers = {name: as_numbers(table, name) for name in found}
    note = Note("table", f"true and false are 1 and 0 in {shown(found)}")
    return replace(
        table, columns={**table.columns, **numbers}, notes=(*table.notes, note)
    )


def _categorical(table: Table, name: str, reason: str) -> Label:
    cells = table.columns[name]
    level = {cell: _level(cell) for cell in set(cells.tolist())}
    texts = [level.get(cell) for cell in cells.tolist()]  # one NaN is not another
    levels = sorted({text for text in texts if text is not None}, key=_in_order)
    if len(levels) > MOST_LEVELS:
        meant = what_is_meant(levels)
        advice = f"They are {meant}." if meant else "Leave it out, or merge classes."
        raise DataError(
            f"{table.what}: expected at most {MOST_LEVELS} different texts in column "
            f"{name!r}, got {len(levels)} in {len(texts)} rows. {advice}"
        )
    place = {level: float(index) for index, level in enumerate(levels)}
    values = np.array([np.nan if t is None else place[t] for t in texts])
    factor = Factor(
        name,
        tuple(float(index) for index in range(len(levels))),
        kind="categorical",
        levels=tuple(levels),
    )
    return Label(factor, values, reason)


def _level(cell: object) -> str | None:
    if cell is None or cell != cell:
        return None
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _in_order(text: str) -> tuple[float, str]:
    number = number_of(text)
    return (number if np.isfinite(number) else np.inf), text


def record_label(factor: Factor, cells: np.ndarray) -> Label:
    """One column of a data set of record, with the kind that the set defines."""
    values = cells.astype(np.float64)
    if factor.period is not None:
        values = np.mod(values, factor.period)
    return Label(factor, values, "as the data set defines it", of_record=True)


def kind_text(factor: Factor) -> str:
    """The kind of a factor as a setting: `ordered`, `circular:360.0`."""
    return factor.kind if factor.period is None else f"circular:{factor.period!r}"


def is_text(cells: np.ndarray) -> bool:
    """Whether the cells are texts, rather than numbers or truth values."""
    return cells.dtype == object


def known_cells(cells: np.ndarray) -> list:
    """The cells that are not missing."""
    if is_text(cells):
        return [cell for cell in cells if cell is not None]
    return (
        cells[~np.isnan(cells)].tolist() if cells.dtype.kind == "f" else cells.tolist()
    )


def all_numbers(known: list) -> bool:
    """Whether every cell can be read as a number, and not all are true or false."""
    different = {str(cell).lower() for cell in set(known)}
    numbers = all(number_of(cell) != -np.inf for cell in different)
    return bool(different) and numbers and not different <= set(TRUTH)


def mostly_numbers(known: list) -> bool:
    """Whether more than half of the cells can be read as numbers."""
    counts = Counter(known)
    numbers = sum(n for cell, n in counts.items() if number_of(cell) != -np.inf)
    return numbers > 0.5 * len(known)


def as_numbers(
    table: Table,
    name: str,
    advice: str | None = None,
    gaps: Bool[np.ndarray, " row"] | None = None,
) -> Float[np.ndarray, " sample"]:
    """A column as numbers, NaN where a cell is missing.

    `advice` says what to do with a cell that is no number; by default leave it empty,
    or declare the column categorical. Cells at `gaps` are NaN whatever they are.

    Raises: DataError naming the first row whose cell is not a finite number.
    """
    cells = table.columns[name]
    if cells.dtype != object:
        numbers = cells.astype(np.float64)
    else:
        number = {cell: number_of(cell) for cell in set(cells)}
        numbers = np.array([number[cell] for cell in cells], np.float64)
    if gaps is not None:
        numbers[gaps] = np.nan
    wrong = np.abs(numbers) > LARGEST_NUMBER  # number_of marks texts by -infinity
    if wrong.any():
        row = int(np.argmax(wrong))
        units = _on_units(table, cells) if row == 0 else None
        other = (
            f"Leave the cell empty if it is unknown, or declare the kind: "
            f"{name}=categorical."
        )
        raise DataError(
            f"{table.what}: expected a finite number in column {name!r} of "
            f"{table.place(row)}, got {str(cells[row])!r}. "
            f"{units or advice or other}"
        )
    return numbers


def _on_units(table: Table, cells: np.ndarray) -> str | None:
    """Advice where the first row holds units, such as `-,-,um`; None elsewhere.

    Then the column has no other texts, and few columns have a number there.
    """
    firsts = [number_of(column[0]) for column in table.columns.values()]
    texts_below = any(number_of(cell) == -np.inf for cell in set(cells[1:].tolist()))
    if texts_below or sum(np.isfinite(firsts)) > len(firsts) / 2 or len(cells) < 2:
        return None
    row = "the first row" if table.lines is None else f"line {table.lines[0]}"
    first = [str(column[0] or "") for column in table.columns.values()]
    return f"It looks as if {row} held units ({','.join(first[:8])}): remove it."


def number_of(cell: object) -> float:
    """The cell as a number: NaN if missing, -infinity if it is not a number.

    >>> number_of("2.5"), number_of("TRUE"), number_of("heart")
    (2.5, 1.0, -inf)
    """
    if cell is None:
        return np.nan
    text = str(cell)
    if (truth := text.lower()) in TRUTH:
        return TRUTH[truth]
    try:
        return float(text)
    except ValueError:
        return -np.inf
