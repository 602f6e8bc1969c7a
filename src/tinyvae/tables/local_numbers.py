"""Numbers as people write them: decimal commas, grouped thousands, percent signs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tinyvae.notes import shown
from tinyvae.tables.records import is_number

EXPONENT = r"([eE][+-]?\d+)?"
# 1234,5 or 1.234,5 or 1 234,5 or 1'234,5
COMMA = re.compile(rf"[+-]?(\d+|[1-9]\d{{0,2}}([. ']\d{{3}})+)(,\d+)?{EXPONENT}")
# 1234.5 or 1,234.5 or 1 234.5 or 1'234.5
POINT = re.compile(rf"[+-]?(\d+|[1-9]\d{{0,2}}([, ']\d{{3}})+)(\.\d+)?{EXPONENT}")
GROUPED_BY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
# spaces that do not break, narrow or wide, stand between thousands; so do primes
SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'"})
AMBIGUOUS = "may be read with a decimal comma or with a comma between thousands"


def with_points(
    columns: dict[str, np.ndarray], separator: str
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The columns with each number as Python writes it, and remarks on what changed.

    A column is changed only if each of its cells fits one way of writing. Commas that
    may be either (1,234) are decimal if another column has decimal commas or commas do
    not separate the columns (then they are the point of a European table); otherwise
    the column stays as it is.
    """
    texts = {n: c.copy() for n, c in columns.items() if c.dtype == object}
    percent = [name for name, cells in texts.items() if _without_percent(cells)]
    ways = {name: _ways(cells) for name, cells in texts.items()}
    european = separator == ";" or {"comma"} in ways.values()
    commas, groups = [], []
    for name, found in ways.items():
        cells = texts[name]
        if found == {"comma"} or (found == {"comma", "point"} and european):
            if _respell(cells, ". '", ","):
                commas.append(name)
        elif found == {"point"} and _respell(cells, ", '", "."):
            groups.append(name)
        elif european and _grouped_by_points(cells):
            _respell(cells, ".", ",")
            groups.append(name)
    remarks = [
        f"{what} in {shown(names)}"
        for what, names in (
            ("decimal commas", commas),
            ("thousands apart", groups),
            ("percent signs", percent),
        )
        if names
    ]
    return {**columns, **texts}, tuple(remarks)


def is_ambiguous(known: Sequence[object]) -> bool:
    """Whether cells are numbers whose commas may be decimal or between thousands."""
    cells = [str(cell) for cell in known]
    if not any("," in cell for cell in cells):
        return False
    return all(COMMA.fullmatch(cell) and POINT.fullmatch(cell) for cell in cells)


def _ways(cells: np.ndarray) -> set[str]:
    """The ways in which every cell may be written, of a column that is not plain."""
    known = [cell.translate(SPACES) for cell in cells if cell is not None]
    if not known or all(is_number(cell) for cell in known):
        return set()
    ways = (("comma", COMMA), ("point", POINT))
    return {way for way, form in ways if all(form.fullmatch(cell) for cell in known)}


def _grouped_by_points(cells: np.ndarray) -> bool:
    """Whether all cells are whole numbers with points between thousands: 1.234."""
    known = [cell for cell in cells if cell is not None]
    grouped = [GROUPED_BY_POINTS.fullmatch(cell) is not None for cell in known]
    return any(grouped) and all(
        g or (cell.isdigit() and len(cell) <= 3)
        for g, cell in zip(grouped, known, strict=True)
    )


def _respell(cells: np.ndarray, between: str, decimal: str) -> bool:
    """Write a point for the decimal mark, and nothing between thousands.

    Returns whether any cell had a decimal mark that is not a point, or thousands apart.
    """
    apart = str.maketrans("", "", between)
    before = cells.copy()
    for row, cell in enumerate(cells):
        if cell is not None:
            plain = cell.translate(SPACES).translate(apart)
            cells[row] = plain.replace(decimal, ".")
    return bool((before != cells).any())


def _without_percent(cells: np.ndarray) -> bool:
    """Take the percent signs away, if every cell has one."""
    known = [cell for cell in cells if cell is not None]
    if not known or not all(cell.endswith("%") for cell in known):
        return False
    cells[:] = [cell and cell[:-1].rstrip() for cell in cells]
    return True
