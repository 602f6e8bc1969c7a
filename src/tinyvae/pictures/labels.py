"""A column of a table as a factor: its kind, declared or guessed, and its values."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tinyvae.errors import ConfigError, DataError
from tinyvae.factors import Factor
from tinyvae.pictures.report import Note
from tinyvae.pictures.rules import LabelRule, checked_kind
from tinyvae.pictures.tables import Table, names_listed

MOST_LEVELS = 256  # different texts of a label; more are taken for names of rows
CLASS_NAMES = ("class", "label", "labels", "category", "target", "species", "y")


@dataclass(frozen=True, eq=False)
class Label:
    """A factor and its value in each picture, NaN where it is not known."""

    factor: Factor
    values: Float[np.ndarray, " sample"]
    reason: str
    of_record: bool = False


def labels_of(
    table: Table,
    rule: LabelRule,
    known: Sequence[Factor] = (),
    *,
    aside: Sequence[str] = (),
) -> tuple[tuple[Label, ...], tuple[Note, ...]]:
    """The labels that a table holds, and what was guessed or left out.

    `known` are factors of a data set of record. Columns `aside` (the key, the group)
    are no labels.

    Raises: ConfigError if a column or kind that is named is not there, DataError if a
    column does not fit the kind that is declared.
    """
    declared = dict(rule.kinds)
    for what, names in (("kinds", declared), ("factors", rule.factors)):
        for name in names:
            check_column(name, table, what)
    wanted = rule.factors or [name for name in table.names if name not in aside]
    records = {factor.name: factor for factor in known}
    labels, notes = [], []
    for name in wanted:
        cells = table.columns[name]
        asked = name in declared or name in rule.factors
        if name in records and name not in declared:
            labels.append(_of_record(records[name], cells))
            continue
        reason = None if _is_text(cells) and name in declared else _unusable(cells)
        if reason is None and not asked:
            reason = _identifier(cells)
        if reason is not None:
            notes.append(Note("left out", f"label {name!r}: {reason}"))
            continue
        labels.append(_label(table, name, declared.get(name)))
    useful = [label for label in labels if not _constant(label.values)]
    notes += [
        Note("left out", f"label {label.factor.name!r}: {_one_value(label)}")
        for label in labels
        if _constant(label.values)
    ]
    return tuple(useful), tuple([_described(label) for label in useful] + notes)


def check_column(name: str, table: Table, what: str) -> None:
    """Check that a column is there.

    Raises: ConfigError naming the nearest if it is not.
    """
    if name not in table.columns:
        close = difflib.get_close_matches(name, table.names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ConfigError(
            f"{what}: expected a column of {table.what} ({names_listed(table.names)}), "
            f"got {name!r}.{hint}"
        )


def as_numbers(table: Table, name: str) -> Float[np.ndarray, " sample"]:
    """A column as numbers, NaN where a cell is missing.

    Raises: DataError naming the first row whose cell is no finite number.
    """
    cells = table.columns[name]
    if cells.dtype != object:
        numbers = cells.astype(np.float64)
    else:
        numbers = np.array([_number(cell) for cell in cells], np.float64)
    infinite = np.isinf(numbers)
    if infinite.any():  # no number at all is marked as -inf by _number
        row = int(np.argmax(infinite))
        raise DataError(
            f"{table.what}: expected a finite number in column {name!r} of row "
            f"{row + 1}, got {str(cells[row])!r}. Leave the cell empty if it is not "
            f"known, or declare the kind: {name}=categorical."
        )
    return numbers


def _number(cell: str | None) -> float:
    if cell is None:
        return np.nan
    try:
        return float(cell)
    except ValueError:
        return -np.inf


def _is_text(cells: np.ndarray) -> bool:
    return cells.dtype == object


def _known(cells: np.ndarray) -> list:
    if _is_text(cells):
        return [cell for cell in cells if cell is not None]
    return (
        cells[~np.isnan(cells)].tolist() if cells.dtype.kind == "f" else cells.tolist()
    )


def _unusable(cells: np.ndarray) -> str | None:
    return None if _known(cells) else "no picture has one"


def _identifier(cells: np.ndarray) -> str | None:
    """Why a column names rows rather than what they show; None if it does not."""
    known = _known(cells)
    different = len(set(known))
    if _is_text(cells) and not _mostly_numbers(known):
        if different > MOST_LEVELS or (different > 10 and different > len(known) / 2):
            return (
                f"{different} different texts in {len(known)} rows, which name rows "
                "rather than what they show"
            )
        return None
    numbers = np.array([_number(str(value)) for value in known])
    complete = len(numbers) == len(cells) >= 10
    from_0_or_1 = complete and numbers[0] in (0, 1)
    if from_0_or_1 and np.array_equal(numbers - numbers[0], np.arange(len(numbers))):
        return f"it counts the rows from {numbers[0]:g}; name it in factors to use it"
    return None


def _mostly_numbers(known: list) -> bool:
    numbers = sum(_number(str(cell)) != -np.inf for cell in known)
    return numbers > 0.5 * len(known)


def _label(table: Table, name: str, declared: str | None) -> Label:
    cells = table.columns[name]
    if declared is not None:
        kind, period = checked_kind(name, declared)
        reason = "declared"
    else:
        period = None
        kind, reason = _guess(name, cells)
    if kind == "categorical":
        return _categorical(table, name, reason)
    values = as_numbers(table, name)
    if period is not None:
        values = np.mod(values, period)
    if kind == "ordered" and cells.dtype == bool:
        values = cells.astype(np.float64)
    distinct = tuple(np.unique(values[~np.isnan(values)]).tolist())
    return Label(Factor(name, distinct, kind=kind, period=period), values, reason)


def _guess(name: str, cells: np.ndarray) -> tuple[str, str]:
    known = _known(cells)
    if cells.dtype == bool or {str(cell).lower() for cell in known} <= {
        "true",
        "false",
    }:
        return "categorical", "true or false"
    if _is_text(cells) and not _mostly_numbers(known):
        return "categorical", "texts"
    numbers = [_number(str(cell)) for cell in known]
    whole = all(number == np.floor(number) for number in numbers)
    if name.lower() in CLASS_NAMES and whole and len(set(numbers)) <= MOST_LEVELS:
        return "categorical", f"whole numbers in a column called {name!r}"
    return "ordered", "numbers"


def _categorical(table: Table, name: str, reason: str) -> Label:
    cells = table.columns[name]
    texts = [_level(cell) for cell in cells]
    levels = sorted({text for text in texts if text is not None}, key=_in_order)
    if len(levels) > MOST_LEVELS:
        raise DataError(
            f"{table.what}: expected at most {MOST_LEVELS} different texts in column "
            f"{name!r}, got {len(levels)} in {len(texts)} rows. Leave it out, or make "
            "fewer classes of it."
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
    number = _number(text)
    return (number if np.isfinite(number) else np.inf), text


def _of_record(factor: Factor, cells: np.ndarray) -> Label:
    values = cells.astype(np.float64)
    if factor.period is not None:
        values = np.mod(values, factor.period)
    return Label(factor, values, "as the data set defines it", of_record=True)


def _constant(values: np.ndarray) -> bool:
    known = values[~np.isnan(values)]
    return len(known) == 0 or bool((known == known[0]).all())


def _one_value(label: Label) -> str:
    known = label.values[~np.isnan(label.values)]
    if len(known) == 0:
        return "no picture has one"
    levels = label.factor.levels
    value = levels[int(known[0])] if levels else f"{known[0]:g}"
    return f"it is {value} in every picture, so that nothing can be learnt of it"


def _described(label: Label) -> Note:
    factor = label.factor
    if factor.levels:
        listed = ", ".join(factor.levels[:4])
        more = f" and {len(factor.levels) - 4} more" if len(factor.levels) > 4 else ""
        what = f"{len(factor.levels)} levels: {listed}{more}"
    else:
        what = f"{factor.values[0]:g} to {factor.values[-1]:g} {factor.unit}".strip()
        if factor.period is not None:
            what += f", period {factor.period:g}"
    missing = int(np.isnan(label.values).sum())
    gaps = f"; missing in {missing} pictures" if missing else ""
    return Note(
        "labels", f"{factor.name}: {factor.kind} ({label.reason}), {what}{gaps}"
    )
