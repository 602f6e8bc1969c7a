"""The records of a text: its lines, joined where a quoted cell spans several."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tinyvae.errors import DataError

# by how seldom they are anything else: commas are in numbers and names, too
SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
SPACES = " "  # stands for runs of spaces
SAMPLED = 50  # records by which the separator is found
ONE_MORE = 0.9  # how well a row fits that has one cell more than there are names
DECLARED = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)  # a first line, for Excel


class Record(NamedTuple):
    """The text of a row, and the line on which it begins, from 1."""

    line: int
    text: str


def cells_of(text: str, separator: str) -> list[str]:
    """The cells of a record, unquoted, without surrounding spaces.

    Raises: DataError if quotes are out of place.
    """
    if separator == SPACES and '"' not in text:
        return text.split()
    text = text.strip() if separator == SPACES else text
    reader = csv.reader([text], delimiter=separator, skipinitialspace=True)
    try:
        return [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise DataError(
            f"expected cells with every quote closed, got {text[:60]!r}: {error}. Save "
            "the table again, with every text in quotes."
        ) from None


def number_of_cells(text: str, separator: str) -> int:
    """How many cells a record has."""
    if '"' in text or separator == SPACES:
        return len(cells_of(text, separator))
    return text.count(separator) + 1


def records_of(
    lines: Sequence[str], separator: str, what: str, start: int = 0
) -> Iterator[Record]:
    """The records from line number `start` (from 0) on.

    Raises: DataError naming the line of a quote that is never closed: it would take in
    every row after it.
    """
    place = start
    while place < len(lines):
        first, text = place, lines[place]
        place += 1
        while text.count('"') % 2 and _is_open(text, separator):
            if place == len(lines):
                raise DataError(
                    f"{what}: expected every quote to be closed, got one in line "
                    f"{first + 1} that is not. Close it, or remove it."
                )
            text = f"{text}\n{lines[place]}"
            place += 1
        yield Record(first + 1, text)


def _is_open(text: str, separator: str) -> bool:
    """Whether a quote that begins a cell is not closed; others are characters."""
    mark = re.escape(separator)
    rest = re.sub(rf'(?:^|(?<={mark})) *"(?:[^"]|"")*"(?!")', "", text)
    return re.search(rf'(?:^|{mark}) *"', rest) is not None


def separator_of(lines: Sequence[str], what: str, start: int) -> str:
    """The separator that best cuts the first records into as many cells as names.

    Without any, the table has one column, or spaces separate numbers.
    """
    best, best_fit = ",", 0.0
    for separator in SEPARATORS:
        widths = _widths(lines, separator, what, start)
        if widths and widths[0] > 1:
            fits = [{0: 1.0, 1: ONE_MORE}.get(w - widths[0], 0.0) for w in widths]
            if (fit := sum(fits) / len(fits)) > best_fit:
                best, best_fit = separator, fit
    if best_fit == 0 and _spaced(lines, what, start):
        return SPACES
    return best


def _widths(lines: Sequence[str], separator: str, what: str, start: int) -> list[int]:
    widths = []
    try:
        for record in records_of(lines, separator, what, start):
            if not is_empty(record.text, separator) and record.text[0] != "#":
                widths.append(number_of_cells(record.text, separator))
            if len(widths) == SAMPLED:
                break
    except DataError:  # a quote that is open for another separator only
        return []
    return widths


def _spaced(lines: Sequence[str], what: str, start: int) -> bool:
    """Whether spaces separate names from names, and numbers from numbers."""
    widths = _widths(lines, SPACES, what, start)
    if len(widths) < 2 or widths[0] < 2 or len(set(widths[1:])) > 1:
        return False
    records = records_of(lines, SPACES, what, start)
    rows = (r.text for r in records if not is_empty(r.text, SPACES))
    _, row, *_ = [text for text in rows if text[0] != "#"][:2]
    numbers = any(is_number(cell) for cell in cells_of(row, SPACES))
    return numbers and 0 <= widths[1] - widths[0] <= 1


def is_number(cell: str) -> bool:
    """Whether a cell is a number with a decimal point."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def is_empty(text: str, separator: str) -> bool:
    """Whether a record has no cell with anything in it."""
    return not text.strip(f'{separator} \t"')


def needs_rewriting(text: str, separator: str) -> bool:
    """Whether a record is written otherwise than the reader of columns takes it.

    Runs of spaces separate cells, or a space stands before a quoted cell.
    """
    if separator == SPACES:
        return True
    spaced = rf'(?:^|{re.escape(separator)}) +"'
    return '"' in text and re.search(spaced, text) is not None
