"""The columns of a table that are labels, and notes on what was guessed or left out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor
from tinyvae.notes import Note
from tinyvae.tables.kinds import (
    MOST_LEVELS,
    Label,
    is_text,
    known_cells,
    label_of,
    mostly_numbers,
    record_label,
)
from tinyvae.tables.meant_as_numbers import what_is_meant
from tinyvae.tables.row_names import counts_from
from tinyvae.tables.rules import LabelRule
from tinyvae.tables.table import Table, names_listed
from tinyvae.wording import counted


def labels_of(
    table: Table,
    rule: LabelRule,
    known: Sequence[Factor] = (),
    *,
    aside: Sequence[str] = (),
    noun: str = "picture",
) -> tuple[tuple[Label, ...], tuple[Note, ...]]:
    """The labels in a table, and notes on what was guessed or left out.

    `known` are factors of a data set of record. Columns `aside` (the key, the group)
    are not labels. `noun` says what a row stands for: picture or code.

    Raises: ConfigError if a named column or kind does not exist, DataError if a column
    does not fit its declared kind.
    """
    declared = dict(rule.kinds)
    for what, names in (("kinds", declared), ("factors", rule.factors)):
        for name in names:
            check_column(name, table, what)
    wanted = rule.factors or [n for n in table.value_names if n not in aside]
    records = {factor.name: factor for factor in known}
    labels, notes = [], []
    for name in wanted:
        cells = table.columns[name]
        asked = name in declared or name in rule.factors
        if name in records and name not in declared:
            labels.append(record_label(records[name], cells))
            continue
        reason = None if is_text(cells) and name in declared else _unusable(cells, noun)
        if reason is None and not asked and name not in table.units:
            reason = _identifier(cells)
        if reason is not None:
            notes.append(Note("left out", f"label {name!r}: {reason}"))
            continue
        labels.append(label_of(table, name, declared.get(name)))
    useful = [label for label in labels if not _constant(label.values)]
    notes += [
        Note("left out", f"label {label.factor.name!r}: {_one_value(label, noun)}")
        for label in labels
        if _constant(label.values)
    ]
    return tuple(useful), tuple([described(label, noun) for label in useful] + notes)


def check_column(name: str, table: Table, what: str) -> None:
    """Check that a column is there.

    Raises: ConfigError naming the nearest column if it is not.
    """
    if name not in table.columns:
        close = difflib.get_close_matches(name, table.names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ConfigError(
            f"{what}: expected a column of {table.what} ({names_listed(table.names)}), "
            f"got {name!r}.{hint}"
        )


def _unusable(cells: np.ndarray, noun: str) -> str | None:
    return None if known_cells(cells) else f"no {noun} has one"


def _identifier(cells: np.ndarray) -> str | None:
    """Why a column names rows instead of describing them; None if it does not."""
    known = known_cells(cells)
    different = len(set(known))
    if is_text(cells) and not mostly_numbers(known):
        if different > MOST_LEVELS or (different > 10 and different > len(known) / 2):
            if meant := what_is_meant(known):
                return meant
            return (
                f"{different} different texts in {len(known)} rows, which name rows "
                "instead of describing them"
            )
        return None
    first = counts_from(cells) if len(cells) >= 10 else None
    if first is not None:
        return f"it counts the rows from {first}; name it in factors to use it"
    return None


def _constant(values: np.ndarray) -> bool:
    known = values[~np.isnan(values)]
    return len(known) == 0 or bool((known == known[0]).all())


def _one_value(label: Label, noun: str) -> str:
    known = label.values[~np.isnan(label.values)]
    if len(known) == 0:
        return f"no {noun} has one"
    levels = label.factor.levels
    value = levels[int(known[0])] if levels else f"{known[0]:g}"
    return f"it is {value} in every {noun}, so nothing can be learnt about it"


def described(label: Label, noun: str = "picture") -> Note:
    """A note on the kind of a label, why, its levels or range, and its gaps."""
    factor = label.factor
    if factor.levels:
        listed = ", ".join(factor.levels[:4])
        more = f" and {len(factor.levels) - 4} more" if len(factor.levels) > 4 else ""
        what = f"{len(factor.levels)} levels: {listed}{more}"
    else:
        what = f"{factor.values[0]:g} to {factor.values[-1]:g} {factor.unit}".strip()
        if factor.kind == "circular":
            what += f", period {factor.turn:g}"
            what += "" if factor.period else " by its range, as none was given"
    missing = int(np.isnan(label.values).sum())
    gaps = f"; missing in {counted(missing, noun)}" if missing else ""
    return Note(
        "labels", f"{factor.name}: {factor.kind} ({label.reason}), {what}{gaps}"
    )
