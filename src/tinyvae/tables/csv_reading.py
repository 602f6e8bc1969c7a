"""Tables of text: CSV and its relatives, as spreadsheets, R and pandas write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.notes import Note
from tinyvae.tables.layout import Layout, layout_of, mark_in_records
from tinyvae.tables.local_numbers import with_points
from tinyvae.tables.records import SEPARATORS
from tinyvae.tables.table import MISSING, Table, is_missing
from tinyvae.tables.text import text_of
from tinyvae.wording import counted

BLOCK = 2**24  # bytes that are parsed at a time
MOST_TEXTS = 256  # a column of more different decimal numbers is kept as numbers


def read_csv(path: Path) -> Table:
    """A table whose cells are separated by commas, semicolons, tabs, bars or spaces.

    Columns of many different decimal numbers are numbers; all others are texts without
    surrounding spaces, so that "007" and "1.10" stay what they are. A note says what
    was recognised: the separator, decimal commas, names of rows, rows skipped.

    Raises: DataError if it is no such table, naming the line.
    """
    layout = layout_of(text_of(path), str(path))
    columns = {
        name: cells
        for name, cells in _columns(layout, path).items()
        if not (name.startswith("column ") and is_missing(cells).all())
    }
    columns, ways = with_points(columns, layout.separator)
    lines = np.array([record.line for record in layout.records])
    return Table(str(path), columns, _notes(path, layout, ways), lines)


def _notes(path: Path, layout: Layout, ways: tuple[str, ...]) -> tuple[Note, ...]:
    rows = counted(len(layout.records), "row")
    separated = ""
    if len(layout.names) > 1:
        separated = f", separated by {SEPARATORS.get(layout.separator, 'spaces')}"
    with_ways = f", with {' and '.join(ways)}" if ways else ""
    first = Note("table", f"{rows} of {path}{separated}{with_ways}")
    return (first, *(Note("table", remark) for remark in layout.remarks))


def _columns(layout: Layout, path: Path) -> dict[str, np.ndarray]:
    """The cells of each column, by pyarrow, which parses and converts them."""
    import pyarrow as pa
    from pyarrow import csv

    names = layout.names
    text = "\n".join(record.text for record in layout.records) + "\n"
    try:
        table = csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=csv.ReadOptions(
                column_names=names, block_size=BLOCK, use_threads=False
            ),
            parse_options=csv.ParseOptions(
                delimiter=mark_in_records(layout.separator),
                newlines_in_values=True,
                ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowException as error:
        raise DataError(f"{path}: expected a table as text, got: {error}.") from None
    if len(table) != len(layout.records):
        raise DataError(
            f"{path}: expected {len(layout.records)} rows, got {len(table)}: a quote "
            "is out of place. Save the table again, with every text in quotes."
        )
    return {name: _cells(table.column(name)) for name in names}


def _cells(texts) -> np.ndarray:
    """Numbers where there are many different decimal ones, else texts; None if missing.

    `texts` is a column of pyarrow.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    texts = pc.call_function("utf8_trim_whitespace", [texts])
    lower = pc.call_function("utf8_lower", [texts])
    among = pc.SetLookupOptions(value_set=pa.array(sorted(MISSING)))
    missing = pc.call_function("is_in", [lower], among)
    none = pa.scalar(None, pa.string())
    texts = pc.call_function("if_else", [missing, none, texts])
    try:
        numbers = pc.cast(texts, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        numbers = None
    if numbers is not None and _many_decimals(numbers):
        return numbers
    return np.array(texts.to_pylist() + [None], object)[:-1]


def _many_decimals(numbers: np.ndarray) -> bool:
    known = numbers[np.isfinite(numbers)]
    decimal = bool((known != np.floor(known)).any())
    return decimal and len(np.unique(known)) > MOST_TEXTS
