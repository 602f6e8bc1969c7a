"""Numbers that come as texts, with units or as dates: read, or met with what helps."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tinyvae as tv
from tinyvae.errors import DataError
from tinyvae.files.codes import read_codes
from tinyvae.frames.files import representation_of_file
from tinyvae.frames.labels import labels_of
from tinyvae.tables import labels as tables_labels
from tinyvae.tables.dates import days_of
from tinyvae.tables.meant_as_numbers import what_is_meant
from tinyvae.tables.reading import read_table
from tinyvae.tables.rules import LabelRule

ROWS = 300
RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(ROWS, 2))
SIZE = RNG.normal(size=ROWS)
MIXED = np.c_[SIZE, RNG.choice(["G", "M"], ROWS)]  # NumPy makes all texts
DATES = np.datetime64("2024-01-03") + RNG.permutation(ROWS) % 90


def kinds(factors):
    return [factor.kind for factor in factors]


def test_columns_of_texts_that_are_all_numbers_are_numbers(tmp_path):
    np.savez(tmp_path / "x.npz", codes=CODES, factors=MIXED)
    np.save(tmp_path / "labels.npy", MIXED)
    np.savez(tmp_path / "codes.npz", codes=CODES)
    scored = read_codes(tmp_path / "x.npz")
    answered = representation_of_file(tmp_path / "x.npz").representation
    beside = representation_of_file(
        tmp_path / "codes.npz", labels=tmp_path / "labels.npy"
    ).representation
    for found in (scored, answered, beside):
        assert kinds(found.factors) == ["ordered", "categorical"]
        np.testing.assert_array_equal(found.table.values[:, 0], SIZE)
    assert kinds(labels_of(MIXED).factors) == ["ordered", "categorical"]
    assert kinds(labels_of(MIXED.astype(object)).factors) == ["ordered", "categorical"]


def test_a_declared_kind_wins_over_texts_that_are_numbers():
    classes = np.c_[np.arange(ROWS) % 3, SIZE].astype(str)
    assert kinds(labels_of(classes, kinds={"f0": "categorical"}).factors) == [
        "categorical",
        "ordered",
    ]
    frame = pd.DataFrame({"class": pd.Categorical((np.arange(ROWS) % 3).astype(str))})
    assert kinds(labels_of(frame).factors) == ["categorical"]
    truth = np.array(["True", "False", "True"])[np.arange(ROWS) % 3]
    assert kinds(labels_of(truth).factors) == ["categorical"]


@pytest.mark.parametrize(
    ("cells", "part"),
    [
        (
            [f"{k}.5 um" for k in range(ROWS)],
            "numbers with the unit um, such as '0.5 um'",
        ),
        ([f"{k}um" for k in range(ROWS)], "remove the unit"),
        ([str(d) for d in pd.date_range("2020-01-01", periods=ROWS)], "dates, such as"),
        ([f"{1 + k % 28}.{1 + k // 28}.2021" for k in range(ROWS)], "convert them"),
    ],
)
def test_texts_that_are_meant_as_numbers_are_called_that(tmp_path, cells, part):
    path = tmp_path / "x.csv"
    pd.DataFrame({"z0": CODES[:, 0], "size": cells, "y": SIZE}).to_csv(
        path, index=False
    )
    with pytest.raises(DataError, match=part):
        read_codes(path, codes=["z0"], factors=["size"])
    _, notes = tables_labels.labels_of(read_table(path), LabelRule())
    assert any(note.topic == "left out" and part in note.text for note in notes)
    held = representation_of_file(path, codes="z0")
    assert any(
        part in note and note.startswith("size is left out") for note in held.notes
    )


@pytest.mark.parametrize("cells", [["4 legs", "2 wheels"], ["a", "b"], ["1-2"], []])
def test_other_texts_are_texts(cells):
    assert what_is_meant(cells) is None


HOLDERS = {
    "pandas": pd.DataFrame({"day": DATES}),
    "zone": pd.DataFrame({"day": pd.Series(DATES).dt.tz_localize("UTC")}),
    "polars": pl.DataFrame({"day": DATES}),
    "mapping": {"day": DATES},
    "arrow": pl.DataFrame({"day": DATES}).to_arrow(),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_dates_are_days_since_the_first(holder):
    table = read_table(HOLDERS[holder])
    [label], notes = tables_labels.labels_of(table, LabelRule())
    assert (label.factor.kind, label.factor.unit) == ("ordered", "days")
    np.testing.assert_array_equal(label.values, (DATES - DATES.min()).astype(float))
    assert table.notes[0].text == "day holds dates, read as days since 2024-01-03"


def test_a_file_of_dates_is_answered_and_the_note_says_so(tmp_path):
    frame = pd.DataFrame({"z0": CODES[:, 0], "day": DATES})
    answer = tv.answer(frame, codes="z*")
    assert any("read as days since 2024-01-03" in n for n in answer.measurement.notes)
    frame.to_parquet(tmp_path / "x.parquet")
    held = representation_of_file(tmp_path / "x.parquet", codes="z*")
    assert any("read as days since" in note.text for note in held.read)


def test_consecutive_days_do_not_count_the_rows_and_gaps_stay_gaps():
    days = pd.Series(np.datetime64("2024-01-03") + np.arange(50))
    assert labels_of({"day": days}).factors[0].unit == "days"
    days[3] = None
    found = days_of(days.to_numpy())
    assert found is not None
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [3]
    assert found.values[4] == 4
