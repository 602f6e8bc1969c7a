"""Codes or labels with the names of their rows, and how both are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from tinyvae.errors import DataError
from tinyvae.wording import counted

SHOWN = 3  # names that a message lists


class RowNames(NamedTuple):
    """The name of each row. `counted`: they only count the rows from 0."""

    names: np.ndarray
    counted: bool


class Joined(NamedTuple):
    """Rows of codes and rows of labels that belong together, and how that was found."""

    codes: Int[np.ndarray, " row"]
    labels: Int[np.ndarray, " row"]
    note: str


def row_names(held: Any) -> RowNames | None:
    """The index of a pandas frame, or `obs_names`; None where rows have no names."""
    index = getattr(held, "obs_names", None)
    index = getattr(held, "index", None) if index is None else index
    if index is None or callable(index) or not hasattr(index, "is_unique"):
        return None
    names = np.asarray(index)
    whole = names.dtype.kind in "iu" and np.array_equal(names, np.arange(len(names)))
    return RowNames(names, whole)


def joined_rows(
    num_codes: int, codes: RowNames | None, num_labels: int, labels: RowNames | None
) -> Joined:
    """Rows joined by name where both have names, otherwise in order.

    Raises: DataError if the numbers of rows differ and no names join them.
    """
    order = Joined(np.arange(num_codes), np.arange(num_codes), "in order")
    if codes is None or labels is None:
        if num_codes != num_labels:
            raise DataError(
                f"expected one row of labels for each of the {num_codes} rows of "
                f"codes, in order, got {num_labels}. Give both as pandas frames whose "
                "index names the rows, or name a column of both with --key."
            )
        return order
    if np.array_equal(codes.names, labels.names):
        return order if codes.counted else order._replace(note="by their names")
    same_names = set(codes.names.tolist()) == set(labels.names.tolist())
    if num_codes == num_labels and not same_names and (codes.counted or labels.counted):
        return order
    return joined_by_name(codes.names.tolist(), labels.names.tolist())


def joined_by_name(codes: Sequence[Any], labels: Sequence[Any]) -> Joined:
    """Rows of equal names.

    Raises: DataError if a name stands twice on one side, or none is on both.
    """
    place = _places(labels, "labels")
    _places(codes, "codes")
    pairs = [(row, place[name]) for row, name in enumerate(codes) if name in place]
    if not pairs:
        raise DataError(
            f"expected rows of labels with the names of codes, such as "
            f"{_shown(codes)}, got {_shown(labels)}: no row has the same name."
        )
    mine, theirs = (np.array(side, int) for side in zip(*pairs, strict=True))
    note = "by their names"
    for count, what in (
        (len(codes) - len(pairs), "of codes without labels"),
        (len(labels) - len(pairs), "of labels without codes"),
    ):
        if count:
            note += f"; {counted(count, 'row')} {what} left out"
    return Joined(mine, theirs, note)


def _places(names: Sequence[Any], what: str) -> dict[Any, int]:
    place: dict[Any, int] = {}
    for row, name in enumerate(names):
        if name in place:
            raise DataError(
                f"expected each row of {what} to have its own name, got {name!r} in "
                f"rows {place[name]} and {row}. Keep one of them."
            )
        place[name] = row
    return place


def _shown(names: Sequence[Any]) -> str:
    return ", ".join(repr(name) for name in [*names[:SHOWN]])
