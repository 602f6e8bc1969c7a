"""Rows of a table of labels, joined to the pictures or codes that they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import numpy as np
from jaxtyping import Int

from tinyvae.errors import DataError
from tinyvae.notes import Note, shown
from tinyvae.tables.labels import check_column
from tinyvae.tables.row_names import counts_from
from tinyvae.tables.table import RowNumbers, Table, names_listed
from tinyvae.wording import counted

NameOf = Callable[[str], str]
# ways in which a cell may name a picture: the parts of cell and name that must be equal
WAYS: dict[str, tuple[NameOf, NameOf]] = {
    "path": (lambda cell: cell, lambda name: name),
    "file name": (lambda cell: PurePosixPath(cell).name, lambda name: _file(name)),
    "name without ending": (
        lambda cell: PurePosixPath(cell).name,
        lambda name: PurePosixPath(name).stem,
    ),
}


def joined(
    names: Sequence[str],
    table: Table,
    key: str | None,
    noun: str = "picture",
    *,
    in_order: bool = False,
) -> tuple[Table, str | None, tuple[Note, ...]]:
    """The table with one row per picture, the key, and notes on what did not match.

    With a key, its cells name pictures: by path, by file name or without the extension.
    Without a key, such a column is searched for; if the pictures have no names, rows
    are matched in order. A picture without a row gets missing cells. `noun` says what
    the names stand for: picture or code. `in_order` says that a user gave the order of
    the names, so that rows may follow it if no column has the names.

    Raises: ConfigError if the key is not a column, DataError if nothing matches, a
    picture is named twice, or the numbers of rows and pictures differ in matching by
    order.
    """
    if key is not None:
        check_column(key, table, "key")
        return _by_key(names, table, key, noun, "")
    found = None if isinstance(names, RowNumbers) else _key_column(names, table)
    if found is not None:
        return _by_key(names, table, found, noun, ", found by its cells")
    if not isinstance(names, RowNumbers) and not in_order:
        raise DataError(
            f"{table.what}: expected a column that names the {noun}s (such as "
            f"{shown(names, 2)}), got columns {names_listed(table.names)}, none of "
            "which does as texts. Name it with --key (in Python: key=...)."
        )
    if len(table) != len(names):
        raise DataError(
            f"{table.what}: expected one row of labels for each of the {len(names)} "
            f"{noun}s, in order, got {counted(len(table), 'row')}. Or set key to a "
            "column of names."
        )
    return table, None, (Note("labels", f"one row per {noun}, in order"),)


def names_of_rows(table: Table, others: Sequence[str]) -> Sequence[str]:
    """The first column of texts beside the others, as names; else the rows' numbers.

    A column without a name that counts the rows is no more than their numbers.
    """
    for name, cells in table.columns.items():
        if name == table.row_names and counts_from(cells) is not None:
            continue
        if cells.dtype == object and name not in others:
            return [str(cell or "") for cell in cells]
    return RowNumbers(len(table))


def _by_key(
    names: Sequence[str], table: Table, key: str, noun: str, how: str
) -> tuple[Table, str, tuple[Note, ...]]:
    cells = _cells(table, key)
    way, places = _best_way(names, table, cells, noun)
    matched = places >= 0
    if not matched.any():
        example = next((cell for cell in cells if cell), "")
        raise DataError(
            f"{table.what}: expected column {key!r} to name {noun}s such as "
            f"{shown(names, 2)}, got cells such as {example!r}, none of which does."
        )
    _check_once(names, table, key, places, noun)
    row_of = np.full(len(names), -1)
    row_of[places[matched]] = np.flatnonzero(matched)
    lost = [cells[row] or table.place(row) for row in np.flatnonzero(~matched).tolist()]
    bare = [names[place] for place in np.flatnonzero(row_of < 0).tolist()]
    # names of codes may be paths of pictures, or no paths at all
    paths = noun == "picture" or way != "path" or any("/" in name for name in names)
    by = f" by {way}" if paths else ""
    notes = [
        Note(
            "labels",
            f"{matched.sum()} of {len(names)} {noun}s have a row of {table.what}, "
            f"whose column {key!r} names them{by}{how}",
        )
    ]
    if lost:
        notes.append(
            Note("left out", f"{counted(len(lost), 'row')} without a {noun}", (*lost,))
        )
    if bare:
        lone = counted(len(bare), noun)
        text = f"{lone} without a row, and so without labels"
        notes.append(Note("warning", text, tuple(bare)))
    return table.taken(row_of), key, tuple(notes)


def _cells(table: Table, key: str) -> list[str]:
    """Cells of a column as names with forward slashes; "" if missing.

    Raises: DataError if they are dates, which were read as days since the first.
    """
    if key in table.units:
        raise DataError(
            f"{table.what}: expected names in column {key!r}, got dates. Save them as "
            "texts."
        )
    cells = table.columns[key]
    if cells.dtype == object:
        texts = ["" if cell is None else str(cell) for cell in cells]
        return [t.replace("\\", "/").removeprefix("./") for t in texts]
    return ["" if cell != cell else f"{cell:.15g}" for cell in cells.tolist()]


def _best_way(
    names: Sequence[str], table: Table, cells: list[str], noun: str
) -> tuple[str, Int[np.ndarray, " row"]]:
    """The way that matches most cells, and each cell's picture (-1 for none)."""
    best_way, best = "path", np.full(len(cells), -1)
    for way, (of_cell, of_name) in WAYS.items():
        place: dict[str, int] = {}
        for number, name in enumerate(names):
            short = of_name(name)
            place[short] = -2 if short in place else number  # -2: several pictures
        found = np.array([place.get(of_cell(cell), -1) for cell in cells])
        if (found != -1).sum() > (best != -1).sum():
            best_way, best = way, found
    ambiguous = np.flatnonzero(best == -2).tolist()
    if ambiguous:
        raise DataError(
            f"{table.what}: expected cells that name one {noun} each, got "
            f"{cells[ambiguous[0]]!r} in {table.place(ambiguous[0])}, which is the "
            f"{best_way} of several {noun}s. "
            "Give the path with the subfolder."
        )
    return best_way, best


def _check_once(
    names: Sequence[str],
    table: Table,
    key: str,
    places: Int[np.ndarray, " row"],
    noun: str,
) -> None:
    """Check that no two rows name the same picture."""
    first: dict[int, int] = {}
    for row, place in enumerate(places.tolist()):
        if place < 0:
            continue
        if place in first:
            raise DataError(
                f"{table.what}: expected one row for each {noun}, got {names[place]} "
                f"in {table.place(first[place])} and in {table.place(row)} of column "
                f"{key!r}. Keep one."
            )
        first[place] = row


def _key_column(names: Sequence[str], table: Table) -> str | None:
    """The column of texts that names most pictures; None if none names half of them.

    Numbers never name pictures by themselves: a rank or an age may equal the numbers in
    the names of files by chance, unless the column has no name and only names the rows.
    A path or file name in full goes before a name without its ending.
    """
    columns = [name for name in table.names if name not in table.units]
    texts = [column for column in columns if not _all_numbers(table, column)]
    own = table.row_names
    if own is not None and own not in texts:
        shared = len({*_cells(table, own)} & {*names})
        if 2 * shared >= min(len(names), len(table)):
            return own
    for ways in (("path", "file name"), ("name without ending",)):
        known = {WAYS[way][1](name) for way in ways for name in names}
        counts = {}
        for column in texts:
            files = [PurePosixPath(cell).name for cell in _cells(table, column)]
            counts[column] = sum(file in known for file in files)
        best = max(counts, key=counts.__getitem__, default=None)
        if best and 2 * counts[best] >= min(len(names), len(table)):
            return best
    return None


def _all_numbers(table: Table, column: str) -> bool:
    """Whether every known cell of a column is a number."""
    return all(_is_number(cell) for cell in _cells(table, column) if cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _file(name: str) -> str:
    return PurePosixPath(name).name
