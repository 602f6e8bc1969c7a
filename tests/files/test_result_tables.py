"""Tables of results, read back by parsers that nobody here wrote."""

import csv
import io
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvae.errors import ConfigError
from tinyvae.files.result_tables import (
    ENDINGS,
    LATEX,
    ResultTable,
    check_table_path,
    csv_text,
    json_text,
    latex_text,
    markdown_text,
    write_table,
)

HARD = r'a_b & c%d $e$ #f {g} ~h ^i \j <k> |l| "m" *n* `o` [p](q) <b> &amp; x² µ'
TABLE = ResultTable(
    ("name", "value", "low"),
    ((HARD, 0.98765432, None), ("two, three", -0.5, 1e-7), ("", float("nan"), 12)),
)


class Results:
    def data_table(self):
        return TABLE

    def paper_tables(self):
        return (TABLE, TABLE)


def test_csv_is_read_back_with_six_digits_and_gaps():
    rows = list(csv.reader(io.StringIO(csv_text(TABLE))))
    assert rows[0] == ["name", "value", "low"]
    assert rows[1] == [HARD, "0.987654", ""]
    assert rows[2] == ["two, three", "-0.5", "1e-07"]
    assert rows[3] == ["", "", "12"]


def test_json_is_a_list_of_rows_with_null_where_undefined():
    rows = json.loads(json_text(TABLE))
    assert rows[0] == {"name": HARD, "value": 0.98765432, "low": None}
    assert rows[2] == {"name": "", "value": None, "low": 12}


def markdown_cells(text: str) -> list[list[str]]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    rows: list[list[str]] = []
    for token, content in zip(tokens, tokens[1:], strict=False):
        if token.type == "tr_open":
            rows.append([])
        if token.type in ("td_open", "th_open"):
            children = content.children or []
            assert {child.type for child in children} <= {"text", "text_special"}
            rows[-1].append("".join(child.content for child in children))
    return rows


def test_markdown_shows_every_sign_as_it_is():
    rows = markdown_cells(markdown_text(TABLE))
    assert rows[0] == ["name", "value", "low"]
    assert rows[1] == [HARD, "0.988", "-"]
    assert rows[2] == ["two, three", "-0.500", "0.000"]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
def test_markdown_keeps_any_text(text):
    table = ResultTable(("name", "value"), ((f"x{text}x", 1.0),))
    assert markdown_cells(markdown_text(table))[1][0] == " ".join(f"x{text}x".split())


def latex_plain(text: str) -> str:
    """What LaTeX prints of a cell: every command replaced by its sign."""
    for sign, command in sorted(LATEX.items(), key=lambda one: -len(one[1])):
        text = text.replace(command, f"\0{ord(sign)};")
    assert not re.search(r"[\\{}&%$#_~^]", text), text
    return re.sub("\0(\\d+);", lambda one: chr(int(one[1])), text)


def latex_cells(text: str) -> list[list[str]]:
    body = text.partition("\\midrule\n")[2].partition("\\bottomrule")[0]
    lines = [line.removesuffix(r" \\") for line in body.splitlines()]
    return [re.split(r"(?<!\\) & |^& ", line) for line in lines]


def test_latex_escapes_every_sign_that_is_a_command():
    text = latex_text(TABLE)
    first, second, third = latex_cells(text)
    assert [latex_plain(cell) for cell in first] == [HARD, "0.988", "--"]
    assert second == ["two, three", "$-0.500$", "0.000"]
    assert third == ["", "--", "12"]
    assert text.count("\\begin{tabular}{lrr}") == text.count("\\end{tabular}") == 1


def test_latex_writes_bounds_and_spreads_as_mathematics():
    table = ResultTable(("p", "mean"), (("<= 0.005", "0.7 ± 0.1"),))
    assert latex_cells(latex_text(table)) == [["$\\le$ 0.005", "0.7 $\\pm$ 0.1"]]


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_ending_is_written_whole(ending, tmp_path):
    path = tmp_path / f"table{ending}"
    write_table(path, Results())
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert text.count("two, three") == (1 if ending in (".csv", ".json") else 2)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_another_ending_or_folder_is_refused_before_anything_is_computed(tmp_path):
    with pytest.raises(ConfigError, match=r"ends in .csv, .json, .md, .tex, got"):
        check_table_path(tmp_path / "table.xlsx")
    with pytest.raises(ConfigError, match="expected a folder that exists, got"):
        check_table_path(tmp_path / "absent" / "table.csv")


def test_rows_have_a_cell_for_each_column():
    with pytest.raises(ValueError, match="expected 2 cells in a row"):
        ResultTable(("a", "b"), ((1,),))


def test_a_table_of_no_rows_has_its_header():
    table = ResultTable(("a", "b"), ())
    assert csv_text(table) == "a,b\n"
    assert markdown_cells(markdown_text(table)) == [["a", "b"]]
    assert np.all([cell for cell in latex_cells(latex_text(table))] == [])
