"""Texts and infinities in columns of codes, and rows of units under the names."""

import re

import pytest

from tinyvae.errors import DataError
from tinyvae.files.codes import read_codes
from tinyvae.tables.kinds import label_of
from tinyvae.tables.reading import read_table

ROWS = [f"{k}.5,{k % 7}.25,{k * k}" for k in range(20)]


def table(folder, rows, names="z_0,z_1,size"):
    path = folder / "x.csv"
    path.write_text("\n".join([names, *rows]) + "\n")
    return path


@pytest.mark.parametrize("cell", ["-", "um", "inf", "-inf", "?"])
def test_a_text_among_codes_is_met_with_what_helps_for_codes(tmp_path, cell):
    path = table(tmp_path, [*ROWS[:4], f"{cell},1,2", *ROWS[4:]])
    with pytest.raises(
        DataError, match=f"row 5, line 6, got {re.escape(repr(cell))}"
    ) as e:
        read_codes(path, codes=["z_*"], factors=["size"])
    assert "leave it empty" in str(e.value)
    assert "--missing drop" in str(e.value)
    assert "categorical" not in str(e.value)


def test_a_row_of_units_is_named_as_such(tmp_path):
    path = table(tmp_path, ["-,-,um", *ROWS])
    expected = r"looks as if line 2 held units \(-,-,um\): remove it"
    with pytest.raises(DataError, match=expected):
        read_codes(path, codes=["z_*"], factors=["size"])
    with pytest.raises(DataError, match=expected):
        label_of(read_table(path), "size", None)


@pytest.mark.parametrize("rows", [["-,1,2", *ROWS], ["-,-,um", *ROWS, "-,-,um"]])
def test_other_texts_in_the_first_row_are_no_units(tmp_path, rows):
    path = table(tmp_path, rows)
    with pytest.raises(DataError, match="[Ll]eave (it|the cell) empty"):
        read_codes(path, codes=["z_*"], factors=["size"])
