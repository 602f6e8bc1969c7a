"""Tables of results, written for a program (CSV, JSON) or a paper (Markdown, LaTeX)."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tinyvae.errors import ConfigError, DataError
from tinyvae.files.whole import write_whole

Cell = str | float | int | None  # None: not measured, or undefined
ENDINGS = (".csv", ".json", ".md", ".tex")
CSV_DIGITS = 6  # significant; a score is known to two or three

# what LaTeX would read as a command, or print as another sign in its oldest encoding
LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "±": r"$\pm$",
}
MARKDOWN = re.compile(r"([\\`*_\[\]<>|~$&])")


@dataclass(frozen=True)
class ResultTable:
    """Named columns, and rows of texts and numbers.

    `decimals` are those of numbers in Markdown and LaTeX. None stands for what is not
    measured or undefined. A `caption` stands above the table.

    Raises: ValueError if a row has not one cell for each column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    decimals: int = 3

    def __post_init__(self):
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"expected {len(self.columns)} cells in a row, one for each of "
                    f"{', '.join(self.columns)}, got {len(row)}: {row}."
                )

    def to_frame(self) -> Any:
        """The table as a pandas DataFrame.

        Raises: DataError if pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise DataError(
                "expected pandas to make a frame, got no such package. Install it "
                "(pip install pandas), or use the table of columns and rows."
            ) from None
        columns = (
            zip(*self.rows, strict=True) if self.rows else ([] for _ in self.columns)
        )
        named = zip(self.columns, columns, strict=True)
        return pandas.DataFrame({name: list(values) for name, values in named})


@runtime_checkable
class Tabular(Protocol):
    """Results that can be written as tables."""

    def data_table(self) -> ResultTable:
        """One row for each observation: for a program."""
        ...

    def paper_tables(self) -> tuple[ResultTable, ...]:
        """As it is to be read: for a paper."""
        ...


def check_table_path(path: Path) -> None:
    """Refuse a file that no table can be written to, before anything is computed.

    Raises: ConfigError on another ending, or where the folder does not exist.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError(
            f"--to: expected a file that ends in {', '.join(ENDINGS)}, got {path}."
        )
    if not path.parent.is_dir():
        raise ConfigError(
            f"--to: expected a folder that exists, got {path.parent}. Make it first."
        )


def write_table(path: Path, results: Tabular) -> None:
    """Write results to .csv or .json (all numbers), .md or .tex (as in a paper).

    The file is whole or absent.

    Raises: ConfigError on another ending, RunFolderError if it cannot be written.
    """
    check_table_path(path)
    ending = path.suffix.lower()
    if ending == ".csv":
        text = csv_text(results.data_table())
    elif ending == ".json":
        text = json_text(results.data_table())
    elif ending == ".md":
        text = "\n".join(markdown_text(table) for table in results.paper_tables())
    else:
        text = "\n".join(latex_text(table) for table in results.paper_tables())
    write_whole(path, text.encode())


def csv_text(table: ResultTable) -> str:
    """The table as CSV: six significant digits, and empty where undefined."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return stream.getvalue()


def json_text(table: ResultTable) -> str:
    """The table as a list of objects, one for each row; undefined is null."""
    rows = [
        {
            name: None if _is_missing(cell) else cell
            for name, cell in zip(table.columns, row, strict=True)
        }
        for row in table.rows
    ]
    return json.dumps(rows, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def markdown_text(table: ResultTable) -> str:
    """The table as Markdown; columns of numbers are aligned to the right."""
    ruler = ["---:" if right else "---" for right in _numeric(table)]
    lines = [[markdown_line(name) for name in table.columns], ruler]
    lines += [
        [markdown_line(_shown(table, cell)) for cell in row] for row in table.rows
    ]
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return (
        (f"{markdown_line(table.caption)}\n\n" if table.caption else "") + body + "\n"
    )


def latex_text(table: ResultTable) -> str:
    r"""The table as LaTeX: a `tabular` with the rules of booktabs."""
    kinds = "".join("r" if right else "l" for right in _numeric(table))
    lines = [f"% {_one_line(table.caption)}"] if table.caption else []
    lines += [
        r"% needs \usepackage{booktabs}",
        rf"\begin{{tabular}}{{{kinds}}}",
        r"\toprule",
        _latex_row(table.columns),
        r"\midrule",
        *(_latex_row([_shown(table, cell) for cell in row]) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def rounded(value: Cell, decimals: int = 3) -> str:
    """A cell as it is read: numbers with fixed decimals, `-` where undefined.

    >>> rounded(0.98765), rounded(12), rounded(None)
    ('0.988', '12', '-')
    """
    if _is_missing(value):
        return "-"
    if not isinstance(value, float):
        return str(value)
    return f"{value:z.{decimals}f}"


def _is_missing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, float) and not math.isfinite(cell))


def _csv_cell(cell: Cell) -> str:
    if cell is None or _is_missing(cell):
        return ""
    return f"{cell:.{CSV_DIGITS}g}" if isinstance(cell, float) else str(cell)


def _shown(table: ResultTable, cell: Cell) -> str:
    return rounded(cell, table.decimals)


def _numeric(table: ResultTable) -> list[bool]:
    """Which columns hold numbers, intervals or nothing, and are aligned right."""
    return [
        not any(isinstance(cell, str) and not _is_number(cell) for cell in column)
        for column in zip(*table.rows, strict=True)
    ] or [False] * len(table.columns)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+\d.,;e<=>±\[\]% ]+(\(\d+ of \d+\))?", text) is not None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def markdown_line(text: str) -> str:
    """The text with every sign escaped that Markdown reads as markup."""
    line = _one_line(text)
    return line if _is_number(line) or line == "-" else MARKDOWN.sub(r"\\\1", line)


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(_latex(cell) for cell in cells) + r" \\"


def _latex(text: str) -> str:
    """The text with every sign escaped that LaTeX reads as a command."""
    line = _one_line(text)
    if line.startswith("<= "):
        return rf"$\le$ {_latex(line.removeprefix('<= '))}"
    if re.fullmatch(r"-\d[\d.]*(e-?\d+)?", line):
        return f"${line}$"  # a minus sign, not a hyphen
    if line.startswith("["):  # would be an optional argument of the \\ before it
        return "{}" + "".join(LATEX.get(sign, sign) for sign in line)
    return "--" if line == "-" else "".join(LATEX.get(sign, sign) for sign in line)
