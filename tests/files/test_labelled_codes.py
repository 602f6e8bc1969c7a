"""Codes in one file, labels in another: joined, counted, and named where they fail."""

import numpy as np
import pytest

from tinyvae.errors import ConfigError, DataError
from tinyvae.files.labelled_codes import read_labelled_codes
from tinyvae.tables.rules import LabelRule

RNG = np.random.default_rng(0)
SIZE, PHASE = RNG.normal(size=40), RNG.integers(0, 3, 40)
KEYED = LabelRule(key="cell")


@pytest.fixture
def codes(tmp_path):
    path = tmp_path / "codes.tsv"
    rows = [f"c{row:02}\t{float(SIZE[row])!r}\t{PHASE[row]}" for row in range(40)]
    path.write_text("name\tz0\tz1\n" + "\n".join(rows))
    return path


def labels(folder, change=None, rows=range(39, -1, -1)):
    """A table of labels in another order than the codes."""
    cells = {r: [f"c{r:02}", repr(float(SIZE[r])), "GSM"[PHASE[r]]] for r in rows}
    (change or (lambda _: None))(cells)
    path = folder / "labels.csv"
    text = "\n".join(",".join(row) for row in cells.values())
    path.write_text("# exported\ncell,size,phase\n" + text)
    return path


@pytest.mark.parametrize("rule", [KEYED, LabelRule()])
def test_rows_are_joined_by_name(codes, tmp_path, rule):
    found = read_labelled_codes(codes, labels(tmp_path), rule)
    np.testing.assert_array_equal(found.table.values[:, 0], SIZE)
    np.testing.assert_array_equal(found.codes[:, 1], PHASE)
    assert found.factors[1].levels == ("G", "M", "S")
    words = [found.factors[1].levels[int(v)] for v in found.table.values[:, 1]]
    assert words == ["GSM"[phase] for phase in PHASE]


def test_rows_without_a_partner_are_left_out_and_counted(codes, tmp_path):
    path = labels(tmp_path, rows=range(5, 40))
    path.write_text(path.read_text() + "\nc99,1.5,G")
    found = read_labelled_codes(codes, path, KEYED)
    np.testing.assert_array_equal(found.codes[:, 0], SIZE[5:])
    said = " ".join(note.line() for note in found.notes)
    assert "35 of 40 codes have a row" in said
    assert "1 row without a code: c99" in said
    assert "5 codes without a row, and so without labels" in said


def test_a_missing_label_is_named_by_its_row_and_line_and_dropped_on_request(
    codes, tmp_path
):
    def spoil(cells):
        cells[7][2] = "NA"
        for row in cells:
            if PHASE[row] == 2 and row != 7:
                cells[row][1] = ""

    path = labels(tmp_path, spoil)
    with pytest.raises(DataError, match=r"labels.csv: .*'size' of row \d+, line \d+"):
        read_labelled_codes(codes, path, KEYED)
    found = read_labelled_codes(codes, path, KEYED, missing="drop")
    kept = (PHASE != 2) & (np.arange(40) != 7)
    np.testing.assert_array_equal(found.codes[:, 0], SIZE[kept])
    assert found.factors[1].levels == ("G", "S")  # no row has M any more
    assert "which lack a value of size, phase" in found.notes[-1].line()
    one = read_labelled_codes(
        codes, path, LabelRule("cell", factors=("phase",)), missing="drop"
    )
    assert len(one.codes) == 39
    with pytest.raises(ConfigError, match="fail or drop, got 'skip'"):
        read_labelled_codes(codes, path, KEYED, missing="skip")


def test_a_cell_that_fits_no_kind_is_named_by_its_own_row(codes, tmp_path):
    def spoil(cells):
        cells[38][1] = "big"  # in the second row of the table

    message = r"a finite number in column 'size' of row 2, line 4, got 'big'"
    with pytest.raises(DataError, match=message):
        read_labelled_codes(codes, labels(tmp_path, spoil), KEYED)


def test_codes_of_arrays_follow_their_names_or_the_order(tmp_path):
    values = np.column_stack([SIZE, PHASE])
    names = [f"c{row:02}" for row in range(40)]
    np.savez(tmp_path / "named.npz", codes=values, names=names)
    np.save(tmp_path / "plain.npy", values)
    path = labels(tmp_path)
    named = read_labelled_codes(tmp_path / "named.npz", path, KEYED)
    np.testing.assert_array_equal(named.table.values[:, 0], SIZE)
    plain = read_labelled_codes(
        tmp_path / "plain.npy", path, LabelRule(factors=("size",))
    )
    np.testing.assert_array_equal(plain.table.values[:, 0], SIZE[::-1])
    with pytest.raises(DataError, match="each of the 40 codes, in order, got 3 rows"):
        read_labelled_codes(
            tmp_path / "plain.npy",
            labels(tmp_path, rows=range(3)),
            LabelRule(factors=("size",)),
        )


def test_names_that_are_no_paths_are_not_called_paths(codes, tmp_path):
    found = read_labelled_codes(codes, labels(tmp_path), KEYED)
    [line] = [note.text for note in found.notes if "have a row of" in note.text]
    assert line.endswith("whose column 'cell' names them")
