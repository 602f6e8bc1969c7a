"""Codes of any network from npz files, and what is refused."""

import io
import struct
import zipfile

import numpy as np
import pytest
from small_codes import CODES, FACTORS, WORDS

from tinyvae.answer.asked import answer_of_held
from tinyvae.errors import DataError
from tinyvae.factors import Factor, FactorTable
from tinyvae.files.codes import read_codes
from tinyvae.files.codes_writing import EncodedTable, write_codes
from tinyvae.frames.files import representation_of_file


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "codes.npz"
    np.savez(
        path,
        codes=CODES.astype(np.float32),
        factors=FACTORS,
        factor_names=["size", "shape"],
        factor_kinds=["ordered", "categorical"],
    )
    return path


def test_an_npz_file_gives_codes_factors_names_and_kinds(npz):
    found = read_codes(npz)
    np.testing.assert_allclose(found.codes, CODES, rtol=1e-6)
    assert found.table.names == ("size", "shape")
    assert [factor.kind for factor in found.factors] == ["ordered", "categorical"]
    assert not found.table.complete


def test_probabilities_make_the_rows_a_population(tmp_path):
    path = tmp_path / "codes.npz"
    weight = np.arange(1.0, 201) / np.arange(1.0, 201).sum()
    np.savez(path, codes=CODES, factors=FACTORS, probability=weight)
    found = read_codes(path)
    assert found.table.complete
    np.testing.assert_allclose(found.table.probability, weight)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"codes": CODES}, "expected an array 'factors'"),
        ({"codes": CODES, "factors": FACTORS[:-1]}, "200 rows of codes and 199"),
        ({"codes": CODES[:3], "factors": FACTORS[:3]}, "at least 10 samples, got 3"),
        (
            {"codes": CODES * np.nan, "factors": FACTORS},
            r"a value in column 'codes\[:, 0\]' of row 0 of the array, got none "
            r"\(200 such rows",
        ),
        (
            {"codes": CODES + np.inf, "factors": FACTORS},
            "finite codes, got inf in row 0 of the array",
        ),
        ({"codes": CODES[:, 0], "factors": FACTORS}, r"got shape \(200,\)"),
        ({"codes": WORDS[:, None], "factors": FACTORS}, "real numbers, got strings"),
        ({"codes": CODES * 1j, "factors": FACTORS}, "real numbers, got complex128"),
        ({"codes": CODES[:, :0], "factors": FACTORS}, r"got shape \(200, 0\)"),
        (
            {"codes": CODES, "factors": FACTORS, "factor_names": ["size"]},
            r"2 different names.*got \['size'\]",
        ),
        (
            {"codes": CODES, "factors": FACTORS, "factor_kinds": ["round", "ordered"]},
            "expected a kind among .* got 'round'",
        ),
        (
            {"codes": CODES, "factors": FACTORS, "probability": np.ones(200)},
            "add up to 1, got shape .* a sum of 200",
        ),
        (
            {"codes": CODES, "factors": FACTORS, "active": np.array([2.0, 0.5])},
            r"2 flags .* got array\(\[2\. , 0\.5\]\)",
        ),
    ],
)
def test_arrays_that_cannot_be_scored_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "codes.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read_codes(tmp_path / "codes.npz")


def test_objects_are_refused_unread(tmp_path):
    objects = np.array([[print, len]] * 20, dtype=object)
    np.savez(tmp_path / "codes.npz", codes=objects, factors=FACTORS)
    with pytest.raises(DataError, match="Python objects, which could run code"):
        read_codes(tmp_path / "codes.npz")


def test_a_file_that_declares_a_huge_shape_is_refused_before_memory_is_taken(tmp_path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000, 10)}"
    header = header.ljust(117) + b"\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 80
    with zipfile.ZipFile(tmp_path / "codes.npz", "w") as archive:
        archive.writestr("codes.npy", npy)
        archive.writestr("factors.npy", npy)
    with pytest.raises(DataError, match="declares 800000000000 bytes .* It is damaged"):
        read_codes(tmp_path / "codes.npz")


def test_a_file_that_unpacks_to_far_more_than_its_size_is_refused(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tinyvae.files.npz.LARGEST_ARRAY", 10_000_000)
    content = io.BytesIO()
    np.save(content, np.zeros((2_000_000, 1)))
    with zipfile.ZipFile(tmp_path / "codes.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("codes.npy", content.getvalue())
        archive.writestr("factors.npy", content.getvalue())
    assert (tmp_path / "codes.npz").stat().st_size < 100_000
    with pytest.raises(DataError, match="at most 10000000 bytes in 'codes', got 16000"):
        read_codes(tmp_path / "codes.npz")


def spoilt(tmp_path, change):
    """An npz file whose bytes have been changed."""
    path = tmp_path / "codes.npz"
    np.savez_compressed(path, codes=CODES, factors=FACTORS)
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("offset", [60, 200, 500])
def test_damaged_bytes_of_an_npz_file_are_refused(tmp_path, offset):
    def damage(content):
        content[offset : offset + 40] = b"\xff" * 40

    with pytest.raises(DataError, match="is damaged or not an npz file"):
        read_codes(spoilt(tmp_path, damage))


def test_an_npz_file_of_other_entries_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("codes", b"no array")
    with pytest.raises(DataError, match="expected an array 'codes', got codes"):
        read_codes(tmp_path / "odd.npz")


def test_kinds_that_are_asked_for_leave_the_others_as_the_file_says(tmp_path):
    rng = np.random.default_rng(0)
    factors = np.column_stack([rng.integers(0, 3, 200), rng.uniform(0, 360, 200)])
    path = tmp_path / "codes.npz"
    np.savez(
        path,
        codes=factors,
        factors=factors,
        factor_names=np.array([b"shape", b"angle"]),
        factor_kinds=["ordered", "circular:360"],
    )
    found = read_codes(path, kinds={"shape": "categorical"})
    kinds = [(factor.name, factor.kind) for factor in found.factors]
    assert kinds == [("shape", "categorical"), ("angle", "circular")]


def test_gaps_of_an_npz_file_are_dropped_on_request(tmp_path):
    codes, words = CODES.copy(), WORDS.astype(object)
    codes[3, 1], words[8] = np.nan, ""
    np.savez(tmp_path / "c.npz", codes=codes, factors=words.astype(str)[:, None])
    with pytest.raises(DataError, match=r"'codes\[:, 1\]' of row 3 of the array"):
        read_codes(tmp_path / "c.npz")
    found = read_codes(tmp_path / "c.npz", missing="drop")
    np.testing.assert_array_equal(found.codes, np.delete(CODES, [3, 8], axis=0))
    assert (
        found.notes[-1].text == "2 of 200 rows, which lack a value of codes[:, 1], f0"
    )


def test_labels_that_are_missing_in_part_are_kept(tmp_path):
    """A class without a value is no class, in whatever array it comes."""
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(200, 2))
    values = np.column_stack([codes[:, 0] * 2, codes[:, 1] > 0]).astype(float)
    values[rng.random(values.shape) < 0.1] = np.nan
    kinds = ("ordered", "categorical")
    factors = tuple(
        Factor(name, tuple(np.unique(column[~np.isnan(column)])), kind=kind)
        for name, column, kind in zip("ab", values.T, kinds, strict=True)
    )
    chances = np.full(200, 1 / 200)
    table = FactorTable(factors, values, chances, independent=False, complete=False)
    path = tmp_path / "codes.npz"
    write_codes(path, EncodedTable(codes, table=table))
    held = representation_of_file(path)
    read = held.representation.table.values
    np.testing.assert_array_equal(np.isnan(read), np.isnan(values))
    assert answer_of_held(held).factors == ("a", "b")
    with pytest.raises(DataError, match="--missing drop"):
        read_codes(path)
    full = ~np.isnan(values).any(axis=1)
    assert len(read_codes(path, missing="drop").codes) == full.sum()
