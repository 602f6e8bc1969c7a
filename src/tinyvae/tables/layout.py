"""The layout of a table as text: its names, and rows of as many cells."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tinyvae.errors import DataError
from tinyvae.tables.preamble import check_no_preamble
from tinyvae.tables.records import (
    DECLARED,
    SPACES,
    Record,
    cells_of,
    is_empty,
    is_number,
    needs_rewriting,
    number_of_cells,
    records_of,
    separator_of,
)
from tinyvae.wording import counted

ROW_NAME = "row name"
NAMELESS = "column {}"  # by its place, from 1
R_NAMES = (
    "each row has one cell more than there are names, as R's write.table has it: the "
    "first is the name of the row"
)


@dataclass(frozen=True)
class Layout:
    """Names of columns, and below them records of as many cells each.

    `remarks` say what was recognised and skipped, as sentences without full stop.
    """

    names: list[str]
    separator: str
    records: list[Record]
    remarks: tuple[str, ...] = ()


def layout_of(text: str, what: str) -> Layout:
    """The layout of the text of a table.

    Comment lines (#), empty rows, rows that repeat the names and Excel's first line
    `sep=;` are skipped.

    Raises: DataError if there are no names or no rows, a row has more cells than there
    are names, or a quote is not closed.
    """
    lines = text.removesuffix("\n").split("\n")
    start, declared = _first_line(lines)
    check_no_preamble(lines, what, start)
    separator = declared or separator_of(lines, what, start)
    skipped: Counter[str] = Counter()
    rows, comments = [], []
    for record in records_of(lines, separator, what, start):
        if is_empty(record.text, separator):
            skipped["empty row"] += 1
        elif not rows and record.text.startswith("#"):
            comments.append(record)
        else:
            rows.append(record)
    if not rows and not comments:
        raise DataError(
            f"{what}: expected names of columns in its first line, got none."
        )
    names, rows, skipped["comment line"] = _names(comments, rows, separator, what)
    rows = _without_asides(rows, names, separator, skipped)
    if not rows:
        raise DataError(f"{what}: expected rows below the names, got none.")
    return _regular(names, rows, separator, what, skipped)


def _first_line(lines: Sequence[str]) -> tuple[int, str | None]:
    """Where the table begins, and the separator that Excel's first line declares."""
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if match := DECLARED.match(lines[start]):
        return start + 1, match[1]
    return start, None


def _names(
    comments: list[Record], rows: list[Record], separator: str, what: str
) -> tuple[list[str], list[Record], int]:
    """Names, the rows below them, and the number of comments that are no names.

    The names are in the first row, or in the comment above it if that has as many
    cells and only the row has numbers, as `numpy.savetxt` writes them.
    """
    first = cells_of(rows[0].text, separator) if rows else []
    if comments:
        names = cells_of(comments[-1].text.lstrip("#").strip(" "), separator)
        numbers = any(is_number(cell) for cell in first)
        fits = len(names) == len(first) and numbers
        if not rows or (fits and not any(is_number(name) for name in names)):
            return _different(names, what), rows, len(comments) - 1
    if all(is_number(c) for c in first) and not all(c.isdigit() for c in first):
        raise DataError(
            f"{what}: expected names of columns above the numbers, got "
            f"{', '.join(first[:3])} in line {rows[0].line}. Put a line of names first."
        )
    if len(first) > 1 and not first[-1] and len(rows) > 1:
        widths = {number_of_cells(row.text, separator) for row in rows[1:]}
        if max(widths) < len(first):  # a separator too many, after the names only
            first.pop()
    return _different(first, what), rows[1:], len(comments)


def _different(names: list[str], what: str) -> list[str]:
    """The names, with those of nameless columns.

    Raises: DataError if one is there twice.
    """
    names = [name or NAMELESS.format(at) for at, name in enumerate(names, 1)]
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"{what}: expected different column names, got {twice[0]!r} twice. Rename "
            "one."
        )
    return names


def _without_asides(
    rows: list[Record], names: list[str], separator: str, skipped: Counter[str]
) -> list[Record]:
    """The rows that are neither comments nor the names once more."""
    kept = []
    for row in rows:
        if row.text[0] == "#" and _is_comment(row.text, names, separator):
            skipped["comment line"] += 1
        elif names[0] in row.text and cells_of(row.text, separator) == names:
            skipped["row that repeats the names"] += 1
        else:
            kept.append(row)
    return kept


def _is_comment(text: str, names: list[str], separator: str) -> bool:
    """Whether a row that begins with # has nothing in its other columns."""
    cells = cells_of(text, separator)
    return len(names) > 1 and (len(cells) == 1 or not any(cells[1:]))


def _regular(
    names: list[str],
    rows: list[Record],
    separator: str,
    what: str,
    skipped: Counter[str],
) -> Layout:
    """The rows with as many cells each as there are names."""
    widths = [number_of_cells(row.text, separator) for row in rows]
    remarks = [
        f"skipped {counted(times, noun)}" for noun, times in skipped.items() if times
    ]
    if set(widths) == {len(names) + 1} and _are_named(rows, separator):
        names = [_new_name(names), *names]
        remarks.append(R_NAMES)
    short = sum(width < len(names) for width in widths)
    if short:
        remarks.append(
            f"{counted(short, 'row')} with fewer cells than names: the last are missing"
        )
    irregular = []
    for index, (row, width) in enumerate(zip(rows, widths, strict=True)):
        if width != len(names) or needs_rewriting(row.text, separator):
            cells = cells_of(row.text, separator)
            if any(cells[len(names) :]):
                irregular.append((index, row, cells))
            cells = (cells + [""] * len(names))[: len(names)]
            rows[index] = Record(row.line, _written(cells, separator))
    if irregular:
        _refuse(names, irregular, separator, what)
    return Layout(names, separator, rows, tuple(remarks))


def _are_named(rows: list[Record], separator: str) -> bool:
    """Whether first cells are names of rows: all different, and not broken numbers.

    Most last cells must hold something; else they only follow a separator too many.
    """
    cells = [cells_of(row.text, separator) for row in rows]
    firsts = [row[0] for row in cells]
    full = sum(bool(row[-1]) for row in cells)
    broken = all(is_number(first) and not first.isdigit() for first in firsts)
    different = len({*firsts} - {""}) == len(firsts) > 1
    return different and full > len(rows) / 2 and not broken


def _new_name(names: list[str]) -> str:
    return ROW_NAME if ROW_NAME not in names else f"{ROW_NAME} of R"


def mark_in_records(separator: str) -> str:
    """The separator in the records of a layout: tabs where spaces were."""
    return "\t" if separator == SPACES else separator


def _written(cells: list[str], separator: str) -> str:
    text = io.StringIO()
    mark = mark_in_records(separator)
    # a cell gets quotes if it holds a letter of the line's end
    end = "\r\n"
    csv.writer(text, delimiter=mark, lineterminator=end).writerow(cells)
    return text.getvalue().removesuffix(end)


def _refuse(
    names: list[str],
    irregular: list[tuple[int, Record, list[str]]],
    separator: str,
    what: str,
) -> None:
    index, row, cells = irregular[0]
    more = f" ({len(irregular)} such rows in all)" if len(irregular) > 1 else ""
    raise DataError(
        f"{what}: expected at most {counted(len(names), 'cell')} in each row, as many "
        f"as there are names, got {len(cells)} in row {index + 1}, line {row.line}"
        f"{more}. Put cells that hold a {separator!r} into quotes, or name every "
        "column."
    )
