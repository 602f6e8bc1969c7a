"""CSV tables, separated by commas, semicolons, tabs or bars; decimal commas."""

from __future__ import annotations

import csv
import gzip
import re
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from tinyvae.errors import DataError
from tinyvae.pictures.report import Note
from tinyvae.pictures.table import Table, column
from tinyvae.wording import counted

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?([eE][+-]?\d+)?")


def read_csv(path: Path) -> Table:
    """All cells as texts, without surrounding spaces; kinds are determined later."""
    names, mark = _csv_header(path)
    _check_quotes(path)
    try:
        table = arrow_csv.read_csv(
            str(path),
            read_options=arrow_csv.ReadOptions(
                skip_rows=1, column_names=names, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, newlines_in_values=True
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
            ),
        )
    except (OSError, pa.ArrowException) as error:
        if "Empty CSV" in str(error):
            raise DataError(
                f"{path}: expected rows below the names, got none."
            ) from None
        raise DataError(
            f"{path}: expected {DELIMITERS[mark]} between columns and as many cells in "
            f"each row as there are names ({len(names)}), got: {error}."
        ) from None
    text = f"{counted(len(table), 'row')} of {path}, separated by {DELIMITERS[mark]}"
    notes = [Note("labels", text)]
    columns: dict[str, np.ndarray] = {}
    for name in names:
        cells = column(np.asarray(table.column(name).to_pylist(), object))
        if mark != "," and _has_decimal_commas(cells):
            cells[:] = [c and c.replace(",", ".") for c in cells]
            notes.append(Note("labels", f"{name!r} has decimal commas"))
        columns[name] = cells
    return Table(str(path), columns, tuple(notes))


def _check_quotes(path: Path) -> None:
    """Refuse a quote that is never closed: it would swallow every row after it."""
    opened = 0  # the line with the quote that is open, 0 if none is
    with _text(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.count('"') % 2:
                opened = 0 if opened else number
    if opened:
        raise DataError(
            f"{path}: expected every quote to be closed, got one in line {opened} that "
            "is not. Close it, or remove it."
        )


def _has_decimal_commas(cells: np.ndarray) -> bool:
    known = [cell for cell in cells if cell is not None]
    return any("," in cell for cell in known) and all(
        DECIMAL_COMMA.fullmatch(cell) for cell in known
    )


def _csv_header(path: Path) -> tuple[list[str], str]:
    """Names of the columns, and the separator."""
    try:
        with _text(path) as stream:
            first = stream.readline()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: expected a table in UTF-8, got bytes that are not ({error}). "
            "Save it as 'CSV UTF-8'."
        ) from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}.") from None
    marks = re.sub(r'"[^"]*"', "", first)
    mark = (
        max(DELIMITERS, key=marks.count) if any(m in marks for m in DELIMITERS) else ","
    )
    names = [name.strip() for name in next(csv.reader([first], delimiter=mark), [])]
    if not names:
        raise DataError(
            f"{path}: expected names of columns in its first line, got none."
        )
    names = [name or f"column {place}" for place, name in enumerate(names, 1)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            f"{path}: expected different column names, got {twice[0]!r} twice."
        )
    return names, mark


def _text(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return TextIOWrapper(gzip.open(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
