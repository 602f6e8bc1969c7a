"""Lines of a program's own above the names of a table: found, and refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from tinyvae.errors import DataError
from tinyvae.tables.records import (
    SAMPLED,
    SEPARATORS,
    Record,
    cells_of,
    is_empty,
    is_number,
    records_of,
)

MOST = 0.9  # of the rows below the names that have as many cells


def check_no_preamble(lines: Sequence[str], what: str, start: int) -> None:
    """Refuse a table whose names stand below other lines, such as a date.

    Raises: DataError naming the line that looks like names.
    """
    tables = []
    for separator in SEPARATORS:
        try:
            records = _first_records(lines, separator, what, start)
            cells = [cells_of(record.text, separator) for record in records]
        except DataError:  # a quote that is open for another separator only
            continue
        tables.append((records, cells))
    # a table as it is by one separator may look otherwise by a mark within its texts
    if any(_is_table(cells) for _, cells in tables):
        return
    for records, cells in tables:
        place = _place_of_names(cells)
        if place:
            raise DataError(
                f"{what}: expected names of columns in line {records[0].line}, got "
                f"{records[0].text[:60]!r}, which does not look like names; line "
                f"{records[place].line} does ({', '.join(cells[place][:4])}). Remove "
                "the lines above it."
            )


def _first_records(
    lines: Sequence[str], separator: str, what: str, start: int
) -> list[Record]:
    found = records_of(lines, separator, what, start)
    table = (r for r in found if not is_empty(r.text, separator) and r.text[0] != "#")
    return list(islice(table, SAMPLED))


def _is_table(cells: list[list[str]]) -> bool:
    """Whether all rows have as many cells as the first one, and more than one."""
    widths = {len(row) for row in cells}
    return len(widths) == 1 and widths.pop() > 1


def _place_of_names(cells: list[list[str]]) -> int:
    """The first row that is as wide as most, if it has names above numbers; else 0."""
    widths = [len(row) for row in cells]
    width = Counter(widths).most_common(1)[0][0] if widths else 1
    if width < 2 or widths[0] >= width:
        return 0
    place = widths.index(width)
    below = widths[place + 1 :]
    if not below or below.count(width) < MOST * len(below):
        return 0
    names = all(cell and not is_number(cell) for cell in cells[place])
    numbers = any(is_number(cell) for row in cells[place + 1 :] for cell in row)
    return place if names and numbers else 0
