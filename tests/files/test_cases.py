"""Files as people have them, after public reports: right, or refused in clear words.

Each file holds 400 rows of two factors, size and weight: z0 is twice the weight and z1
minus twice the size, with noise. All tables that are read give the same numbers.
Reports: data.table#763 (R's names of rows), pandas#26446 (decimal commas), ianvs PR#503
(shapes of arrays).
"""

import re
from pathlib import Path

import numpy as np
import pytest

from tinyvae.errors import DataError
from tinyvae.files.codes import read_codes
from tinyvae.files.labelled_codes import read_labelled_codes
from tinyvae.scores import mig, sap, share
from tinyvae.tables.reading import read_table
from tinyvae.tables.rules import LabelRule

CASES = Path(__file__).parent / "cases"
Z, SIZES = ("z*",), ("size", "weight")


def notes(found):
    return " ".join(note.line() for note in found.notes)


@pytest.fixture(scope="module")
def right():
    return np.loadtxt(CASES / "tab.csv", skiprows=1)


@pytest.mark.parametrize(
    ("name", "codes", "factors", "said"),
    [
        ("r_writecsv.csv", Z, SIZES, "400 rows of .*separated by commas"),
        (
            "r_writetable.csv",
            Z,
            SIZES,
            "one cell more .* R's write.table",
        ),
        ("extra_fields.csv", Z, SIZES, "400 rows"),
        ("odd_names.csv", ("z[0]", "z[1]"), ("size, px", "w"), r"z0 is z\[0\]"),
        ("commaname.csv", Z, ("size, px", "weight"), "400 rows"),
        (
            "deccomma_quoted.csv",
            Z,
            SIZES,
            "commas, with decimal commas",
        ),
        ("semicolon.csv", Z, SIZES, "semicolons, with decimal commas"),
        ("tab.csv", Z, SIZES, "separated by tabs"),
        ("utf16.csv", Z, SIZES, "400 rows"),
        ("blank_tail.csv", Z, SIZES, "400 rows .*skipped 3 empty rows"),
        ("comment.csv", Z, SIZES, "skipped 1 comment line"),
    ],
)
def test_every_way_of_writing_a_table_gives_the_same_numbers(
    right, name, codes, factors, said
):
    found = read_codes(CASES / name, codes=codes, factors=factors)
    np.testing.assert_allclose(found.codes, right[:, :2])
    np.testing.assert_allclose(found.table.values, right[:, 2:])
    assert re.search(said, notes(found))


def test_names_of_rows_do_not_shift_the_columns():
    found = read_codes(CASES / "r_writetable.csv", codes=Z, factors=SIZES)
    values = [float(score(found)) for score in (share, mig, sap)]
    np.testing.assert_allclose(values, [0.997, 0.974, 1.0], atol=0.001)


def test_names_with_commas_and_brackets_may_have_kinds():
    kinds = {"size, px": "circular:1"}
    found = read_codes(
        CASES / "odd_names.csv", codes=["z*"], factors=["size, px"], kinds=kinds
    )
    assert found.factors[0].kind == "circular"
    with pytest.raises(DataError, match="got 'size'. Put a name with a comma into"):
        read_codes(CASES / "odd_names.csv", codes=["z*"], factors=["size", " px"])


def test_latin_1_is_refused_with_what_to_do():
    message = "in UTF-8, got byte 0xf6 in line 1, .* Latin-1 .* Save it as UTF-8"
    with pytest.raises(DataError, match=message):
        read_codes(CASES / "latin1.csv", codes=Z, factors=["weight"])


def test_a_missing_cell_is_named_and_dropped_on_request(right):
    path = CASES / "nan_cells.csv"
    message = r"column 'weight' of row 8, line 9, got none .* --missing drop"
    with pytest.raises(DataError, match=message):
        read_codes(path, codes=Z, factors=SIZES)
    found = read_codes(path, codes=Z, factors=SIZES, missing="drop")
    np.testing.assert_allclose(found.table.values, np.delete(right[:, 2:], 7, axis=0))
    assert "left out: 1 of 400 rows, which lack a value of weight" in notes(found)
    whole = read_codes(path, codes=Z, factors=["size"])
    assert len(whole.codes) == 400


def test_true_and_false_are_1_and_0_as_in_npz():
    found = read_codes(CASES / "bool.csv", codes=Z, factors=["round"])
    texts = read_table(CASES / "bool.csv").columns["round"]
    np.testing.assert_array_equal(found.table.values[:, 0], texts == "True")
    assert found.factors[0].kind == "ordered"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("batches3.npz", r"shape \(4, 100, 2\). .*codes.reshape\(-1, 2\)"),
        ("transposed.npz", "got 2: .* give codes.T and factors.T"),
        ("structured.npz", "fields size, weight. .*structured_to_unstructured"),
        ("object.npz", r"Python objects, .*array.astype\(float\), .*astype\(str\)"),
        ("single.npy", "factors beside the codes of an npy file.*--labels"),
        ("codes.mat", r"got .*codes.mat. In Python: m = scipy.io.loadmat"),
    ],
)
def test_other_shapes_and_types_are_refused_with_the_way_out(name, message):
    with pytest.raises(DataError, match=message):
        read_codes(CASES / name)


def test_texts_in_an_npz_file_are_labels():
    found = read_codes(CASES / "strlabels.npz")
    texts = np.load(CASES / "strlabels.npz")["factors"]
    for factor, values, words in zip(
        found.factors, found.table.values.T, texts.T, strict=True
    ):
        assert factor.kind == "categorical"
        assert factor.levels == ("ellipse", "heart", "square")
        np.testing.assert_array_equal(
            np.array(factor.levels)[values.astype(int)], words
        )
    assert "f0: texts, so categorical" in notes(found)


def test_one_kind_in_an_npz_file_is_that_of_all_factors():
    found = read_codes(CASES / "kindsbytes.npz")
    assert found.table.names == ("size", "weight")
    assert {factor.kind for factor in found.factors} == {"ordered"}


def test_one_hot_columns_are_noticed():
    text = "f0, f1, f2 look like the one-hot columns of one label"
    assert text in notes(read_codes(CASES / "onehot.npz"))
    assert "one-hot" not in notes(read_codes(CASES / "kindsbytes.npz"))


@pytest.mark.parametrize("ending", ["csv", "npy"])
def test_an_npy_file_takes_factors_from_beside_it(right, tmp_path, ending):
    labels = CASES / "r_writecsv.csv"
    names = SIZES
    if ending == "npy":
        labels, names = tmp_path / "factors.npy", ()
        np.save(labels, right[:, 2:])
    found = read_labelled_codes(CASES / "single.npy", labels, LabelRule(factors=names))
    np.testing.assert_allclose(found.codes, right[:, :2], atol=1e-5)
    np.testing.assert_allclose(found.table.values, right[:, 2:])
