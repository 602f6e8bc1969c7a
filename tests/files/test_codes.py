"""Codes of any network from tables, and what is refused."""

import csv
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from small_codes import CODES, SIZE, WORDS

from tinyvae.errors import DataError
from tinyvae.files.codes import read_codes


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "codes.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["z0", "z1", "size", "shape"])
        writer.writerows(zip(*CODES.T, SIZE, WORDS, strict=True))
    return path


def test_csv_and_parquet_give_the_same_and_take_labels_as_words(table, tmp_path):
    words = pyarrow.table({"z0": CODES[:, 0], "z1": CODES[:, 1], "shape": WORDS})
    pyarrow.parquet.write_table(words, tmp_path / "codes.parquet")
    kinds = {"shape": "categorical"}
    one = read_codes(table, codes=["z*"], factors=["shape"], kinds=kinds)
    two = read_codes(
        tmp_path / "codes.parquet", codes=["z0", "z1"], factors=["shape"], kinds=kinds
    )
    np.testing.assert_allclose(one.codes, two.codes)
    np.testing.assert_array_equal(one.table.values, two.table.values)
    assert set(one.table.values[:, 0]) == {0.0, 1.0, 2.0}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, r"--codes 'z\*'\. It has z0, z1, size, shape"),
        ({"codes": ["z*"]}, "expected the names of the columns that hold factors"),
        ({"codes": ["y*"], "factors": ["size"]}, r"got 'y\*'"),
        ({"codes": ["z*"], "factors": ["z0"]}, "of codes or of factors, got 'z0'"),
        (
            {"codes": ["z0", "shape"], "factors": ["size"]},
            "a finite number in column 'shape' of row 1, line 2, got '.*'",
        ),
        (
            {"codes": ["z*"], "factors": ["size"], "kinds": {"sise": "circular"}},
            "expected kinds of the factors size, got one of 'sise'",
        ),
    ],
)
def test_columns_that_are_not_there_are_refused(table, columns, message):
    with pytest.raises(DataError, match=message):
        read_codes(table, **columns)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("codes.xlsx", b"PK", r"a file .npz, .csv, .tsv.* Save the sheet as 'CSV UTF"),
        ("codes.npz", b"no zip", "is damaged or not an npz file"),
        ("codes.parquet", b"no parquet", "expected a Parquet file"),
        ("codes.csv", b"", "names of columns in its first line, got none"),
        ("codes.csv", b"z0,z0\n1,2\n", "different column names, got 'z0' twice"),
        (
            "codes.csv",
            b"z0,f\n1,\n",
            "column 'f' of row 1, line 2, got none",
        ),
        ("codes.csv", b"z0,f\n1\n", "column 'f' of row 1, line 2, got none"),
        ("codes.csv", b"z0,f\n\xff,2\n", "a table in UTF-8, got byte 0xff in line 2"),
    ],
)
def test_files_that_are_none_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    columns: dict[str, Any] = {"codes": ["z0"], "factors": ["f"]}
    columns = {} if name == "codes.npz" else columns
    with pytest.raises(DataError, match=message):
        read_codes(path, **columns)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="which does not exist"):
        read_codes(tmp_path / "absent.npz")


def test_texts_are_categorical_without_a_word_and_a_note_says_so(table):
    found = read_codes(table, codes=["z*"], factors=["size", "shape"])
    assert [factor.kind for factor in found.factors] == ["ordered", "categorical"]
    assert found.factors[1].levels == ("heart", "oval", "square")
    levels = np.array(found.factors[1].levels)
    np.testing.assert_array_equal(levels[found.table.values[:, 1].astype(int)], WORDS)
    lines = [note.line() for note in found.notes]
    assert "labels: shape: categorical (texts), 3 levels: heart, oval, square." in lines


@pytest.mark.parametrize("missing", ["", "nan", "None", " "])
def test_a_missing_label_is_no_label(tmp_path, missing):
    rows = [f"{i / 7:.3f},{'ab'[i % 2]}" for i in range(30)]
    rows[4] = f"0.5,{missing}"
    (tmp_path / "t.csv").write_text("z0, shape\n" + "\n".join(rows))
    with pytest.raises(DataError, match=r"column 'shape' of row 5, line 6, got none"):
        read_codes(
            tmp_path / "t.csv",
            codes=["z0"],
            factors=["shape"],
            kinds={"shape": "categorical"},
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("z0;x\n1;2\n", "at least 10 samples, got 1"),
        ("z0,x\n", "expected rows below the names"),
        ("z0,x\n" + "1,nan\n" * 20, r"column 'x' of row 1, line 2, got none \(20 such"),
        ("z0,x\n" + "1,inf\n" * 20, "a finite number in column 'x' of row 1, line 2"),
    ],
)
def test_tables_that_cannot_be_scored_are_refused(tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_codes(tmp_path / "t.csv", codes=["z0"], factors=["x"])
