"""Tables of text as programs and people write them, against the csv module."""

import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyvae.errors import DataError
from tinyvae.tables.csv_reading import read_csv
from tinyvae.tables.kinds import as_numbers, label_of
from tinyvae.tables.table import MISSING

NUMBERS = np.random.default_rng(0).normal(size=(30, 3))


@pytest.fixture
def table(tmp_path):
    def written(text, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_csv(path)

    return written


def remarks(found):
    return " ".join(note.line() for note in found.notes)


def columns(found):
    return {name: cells.tolist() for name, cells in found.columns.items()}


CELL = st.text(st.sampled_from("abz \t019.,;|'\"\n#%-é"), max_size=6)


def test_a_line_break_stays_within_its_cell_where_a_record_is_rewritten(tmp_path):
    """A space before a quote asks for rewriting."""
    path = tmp_path / "t.csv"
    path.write_text('a,b,c\n"k", ", ","0\n0"\n"l","m","n"\n')
    assert list(read_csv(path).columns["c"]) == ["0\n0", "n"]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda n: st.lists(
            st.lists(CELL, min_size=n, max_size=n), min_size=1, max_size=8
        )
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, rows, mark, end):
    names = [f"column_{place}" for place in range(len(rows[0]))]
    rows = [["k", *row[1:]] for row in rows]  # so that no row is empty or a comment
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=mark, lineterminator=end, quoting=csv.QUOTE_NONNUMERIC
    )
    writer.writerows([names, *rows])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.getvalue().encode())
    found = read_csv(path)
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        for cell, read in zip(cells, found.columns[name], strict=True):
            plain = cell.strip().replace("\r\n", "\n")
            if not any(mark in plain for mark in ",%. '"):  # those may be numbers
                assert read == (None if plain.lower() in MISSING else plain)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " ", "   "])
@pytest.mark.parametrize("how", ["plain", "R", "comment above", "names in a comment"])
def test_numbers_are_the_same_whatever_separates_them(table, mark, how):
    rows = [mark.join(map(repr, row)) for row in NUMBERS.tolist()]
    names = mark.join(["z0", "z1", "size"])
    if how == "R":  # write.table's default separates by spaces and quotes names
        names = mark.join(['"z0"', '"z1"', '"size"'])
        rows = [f'"{number}"{mark}{row}' for number, row in enumerate(rows, 1)]
    above = {"comment above": "# by me, in May\n", "names in a comment": "# "}
    found = table(above.get(how, "") + "\n".join([names, *rows]) + "\n")
    for name, numbers in zip(["z0", "z1", "size"], NUMBERS.T, strict=True):
        np.testing.assert_array_equal(as_numbers(found, name), numbers)
    assert found.place(0) == ("row 1, line 3" if "above" in how else "row 1, line 2")
    assert ("R's write.table" in remarks(found)) == (how == "R")
    assert ("by spaces" in remarks(found)) == (" " in mark)


# astropy#8674: numpy.savetxt writes its names as a comment
def test_names_that_numpy_writes_are_read(tmp_path):
    np.savetxt(tmp_path / "t.txt", NUMBERS, header="z0 z1 size")
    found = read_csv(tmp_path / "t.txt")
    np.testing.assert_allclose(as_numbers(found, "size"), NUMBERS[:, 2])


# PowerShell#7776, csvtk#13: Excel's first line declares the separator
@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_first_line_of_excel_is_no_row_of_names(table, first):
    found = table(f"{first}\r\nz0;x\r\n1,5;2\r\n2,25;3\r\n")
    assert columns(found) == {"z0": ["1.5", "2.25"], "x": ["2", "3"]}
    assert found.place(0) == "row 1, line 3"


# polars#18465, readr#799, polars#18797: thousands apart
@pytest.mark.parametrize(
    ("cells", "numbers", "mark"),
    [
        (["1,234.5", "12", "2,000,000"], [1234.5, 12, 2e6], "\t"),
        (["1.299,99", "5", "0,5"], [1299.99, 5, 0.5], ";"),
        (["1 234,5", "5,25", "7"], [1234.5, 5.25, 7], ";"),
        (["1\u202f234,5", "5,25", "7"], [1234.5, 5.25, 7], ";"),
        (["1'234.5", "5.25", "7"], [1234.5, 5.25, 7], ","),
        (["0,511", "1,234", "2"], [0.511, 1.234, 2], ","),
        (["1,5e-3", "-2", "+3,0"], [0.0015, -2, 3], "\t"),
    ],
)
def test_numbers_are_read_as_people_write_them(table, cells, numbers, mark):
    rows = [f'a{mark}"{cell}"' for cell in cells]
    found = table("\n".join([f"k{mark}x", *rows]))
    np.testing.assert_allclose(as_numbers(found, "x"), numbers)
    assert "decimal commas in x" in remarks(found) or "apart in x" in remarks(found)


def test_commas_that_may_mean_two_things_are_refused(table):
    found = table("k\tx\na\t1,234\nb\t567\nc\t2,500\n")
    with pytest.raises(DataError, match="mean one number, got '1,234' .* declare"):
        label_of(found, "x", None)
    with pytest.raises(DataError, match="'x' of row 1, line 2, got '1,234'"):
        as_numbers(found, "x")
    beside = table("k\tx\ty\na\t1,234\t0,5\nb\t567\t1,25\n")  # y settles it
    np.testing.assert_allclose(as_numbers(beside, "x"), [1.234, 567])


# readr#449: in some languages a space stands before the sign
def test_percent_signs_are_taken_away_and_said(table):
    found = table("k,x,y\na,20 %,5%\nb,12.5 %,high\n")
    assert as_numbers(found, "x").tolist() == [20, 12.5]
    assert found.columns["y"].tolist() == ["5%", "high"]
    assert "percent signs in x" in remarks(found)


# s3-concat#3: files that were put together repeat their names
def test_names_that_come_again_are_skipped_and_counted(table):
    found = table("\ufeffz0,x\n1,2\n\ufeffz0,x\n3,4\n")
    assert columns(found) == {"z0": ["1", "3"], "x": ["2", "4"]}
    assert "skipped 1 row that repeats the names" in remarks(found)
    assert found.place(1) == "row 2, line 4"


# csvquote#10, golang/go#19019: quoted line ends, and the line that an error names
def test_lines_are_counted_where_cells_span_several(table):
    found = table('k,note,x\na,"one\ntwo",1\nb,"say ""so""",2\n5" nail,c,?\n')
    assert found.columns["note"].tolist() == ["one\ntwo", 'say "so"', "c"]
    with pytest.raises(DataError, match=r"'x' of row 3, line 5, got '\?'"):
        as_numbers(found, "x")
    with pytest.raises(DataError, match="quote to be closed, got one in line 3"):
        table('k,x\na,1\n"b,2\nc,3\n')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_line_ends_and_gzip_are_recognised(table, encoding, end, packed):
    content = end.join(["größe,form", "1,Ö", "2,é", ""]).encode(encoding)
    found = table(gzip.compress(content) if packed else content)
    assert columns(found) == {"größe": ["1", "2"], "form": ["Ö", "é"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n".encode("utf-16-le"), "bytes that are 0: it is UTF-16 without"),
        (b"a,b\n1,\xe9\n", "got byte 0xe9 in line 2"),
        (b"PK\x03\x04rest", "a zip file or an Excel workbook"),
        (
            gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9],
            "compressed by gzip, got one that is",
        ),
        (
            "1.5,2.5\n3,4\n",
            "names of columns above .*, got 1.5, 2.5 in line 1",
        ),
        ("a,b\n1,2,3\n", "at most 2 cells in each row.*got 3 in row 1, line 2"),
        ("a,b\n1,2\n1,2,3\n4,5,6\n", r"got 3 in row 2, line 3 \(2 such rows in all\)"),
        ("a,b,a\n1,2,3\n", "different column names, got 'a' twice"),
        ("a,b\n", "expected rows below the names, got none"),
        ("# nothing\n", "expected rows below the names, got none"),
        ("\n\n", "names of columns in its first line, got none"),
        # commas that are decimal and not quoted: no names of rows
        ("x\n1,5\n1,5\n", "at most 1 cell in each row.*got 2 in row 1, line 2"),
    ],
)
def test_tables_that_would_be_guesses_are_refused(table, content, message):
    with pytest.raises(DataError, match=message):
        table(content)


def test_a_separator_too_many_adds_no_column(table):
    for text in ("a,b\n1,2,\n3,4,\n", "a,b,\n1,2,\n3,4,\n", "a,b,\n1,2\n3,4\n"):
        assert columns(table(text)) == {"a": ["1", "3"], "b": ["2", "4"]}


def test_rows_that_stop_early_lack_their_last_cells(table):
    found = table("a,b,c\n1,2,3\n4,5\n")
    assert found.columns["c"].tolist() == ["3", None]
    assert "1 row with fewer cells than names" in remarks(found)


def test_texts_stay_what_they_are(table):
    rows = "".join(f"{row:03},1.{row}0,{'ab'[row % 2]} \n" for row in range(20))
    found = table("id,version, kind\n" + rows + "# the end,,\n")
    assert found.columns["id"][7] == "007"
    assert found.columns["version"][1] == "1.10"
    assert set(found.columns["kind"]) == {"a", "b"}
    assert "skipped 1 comment line" in remarks(found)


@pytest.mark.parametrize("word", ["", "NA", "nan", "NULL", "#N/A", "None", " "])
def test_missing_cells_have_many_names(table, word):
    rows = "".join(f"{row / 7},{word if row == 2 else 'a'}\n" for row in range(300))
    found = table("x,kind\n" + f"{word},a\n" + rows)
    assert found.columns["kind"][3] is None
    assert np.isnan(as_numbers(found, "x")[0])


def test_names_may_hold_what_separates_numbers(table):
    found = table('"size, um"; "a;b" ;dates\n1,5;2;2024-01-05\n2,5;3;2024-02-05\n')
    assert found.names == ["size, um", "a;b", "dates"]
    assert label_of(found, "dates", None).factor.kind == "categorical"


def test_a_single_column_needs_no_separator(table):
    found = table("cell size\nvery big\nsmall one\n")
    assert columns(found) == {"cell size": ["very big", "small one"]}
