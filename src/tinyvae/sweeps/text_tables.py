"""Tables as text: aligned, and split where a terminal is too narrow."""

from __future__ import annotations

from collections.abc import Sequence

from tinyvae.files.result_tables import ResultTable, rounded

GAP = "  "  # between columns


def aligned(table: ResultTable) -> str:
    """The table as text: columns of equal width, two spaces apart.

    >>> print(aligned(ResultTable(("beta", "share"), (("16", 0.5), ("2", None)))))
    beta  share
    16    0.500
    2     -
    """
    columns = _texts(table)
    widths = [max(map(len, column)) for column in columns]
    return "\n".join(
        GAP.join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in zip(*columns, strict=True)
    )


def without_empty(table: ResultTable) -> ResultTable:
    """The table without the columns that no row has anything in."""
    kept = [
        place
        for place, (_, *cells) in enumerate(_texts(table))
        if not cells or set(cells) != {"-"}
    ]
    return _columns(table, kept)


def split_by_width(table: ResultTable, first: int, width: int) -> list[ResultTable]:
    """The table in parts of at most so many signs a line, one below another.

    Each part begins with the `first` columns, which say what a row is, and has at least
    one more, also where that is too wide.
    """
    widths = [max(map(len, column)) for column in _texts(table)]
    parts: list[list[int]] = [[]]
    for place in range(first, len(widths)):
        line = [*range(first), *parts[-1], place]
        length = sum(widths[k] for k in line) + len(GAP) * (len(line) - 1)
        if length > width and parts[-1]:
            parts.append([])
        parts[-1].append(place)
    return [_columns(table, [*range(first), *part]) for part in parts]


def _texts(table: ResultTable) -> list[list[str]]:
    """Each column as texts, its head first."""
    return [
        [name, *(rounded(row[place], table.decimals) for row in table.rows)]
        for place, name in enumerate(table.columns)
    ]


def _columns(table: ResultTable, places: Sequence[int]) -> ResultTable:
    return ResultTable(
        tuple(table.columns[k] for k in places),
        tuple(tuple(row[k] for k in places) for row in table.rows),
        table.caption,
        table.decimals,
    )
