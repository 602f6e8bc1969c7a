"""Whether a member reaches the values of a target: at least, or at most, of each."""

from __future__ import annotations

from collections.abc import Mapping

from tinyvae.files.result_tables import Cell
from tinyvae.scores.score import SCORES

Row = Mapping[str, Cell]
Target = Mapping[str, float]  # values of columns that are to be reached

LOWER_IS_BETTER = frozenset(
    {"loss", "seconds", "training_seconds", "measuring_seconds"}
) | {
    name
    for one in SCORES.values()
    for name, facts in zip(one.ids, one.facts, strict=True)
    if facts.best <= 0
}


def reaches(row: Row, name: str, value: float) -> bool:
    """Whether a column has at least a value, or at most where lower is better."""
    cell = seconds_of(row) if name == "seconds" else row.get(name)
    if cell is None:
        return False
    number = float(cell)
    return number <= value if name in LOWER_IS_BETTER else number >= value


def reaches_all(row: Row, target: Target) -> bool:
    """Whether a member reaches every value of a target."""
    return all(reaches(row, name, value) for name, value in target.items())


def bound_sign(name: str) -> str:
    """`>=`, or `<=` where lower is better."""
    return "<=" if name in LOWER_IS_BETTER else ">="


def seconds_of(row: Row) -> Cell:
    """Seconds of a member: its part of the time of its group, and measuring.

    None of one that is not done.
    """
    if row["state"] != "done":
        return None
    return float(row["training_seconds"] or 0) + float(row["measuring_seconds"] or 0)
