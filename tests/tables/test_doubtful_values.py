"""Numbers that stand for missing values, and periods of other units, are noted."""

import numpy as np
import pandas as pd
import pytest

import tinyvae as tv
from tinyvae.files.codes import read_codes
from tinyvae.frames.files import representation_of_file
from tinyvae.from_arrays import representation_of
from tinyvae.tables.doubtful_values import doubts
from tinyvae.tables.labels import labels_of
from tinyvae.tables.reading import read_table
from tinyvae.tables.rules import LabelRule

ROWS = 1000
RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(ROWS, 2))
SIZE = RNG.uniform(5, 40, ROWS)
ON_SIZE = (
    "size: 60 rows are -999, far from all other values; if that means missing, leave "
    "the cells empty"
)
ON_HUE = "hue covers 6.28 of its period of 360: are these radians? Then circular:6.2832"


def with_sentinel(value=-999.0, rows=60, size=SIZE):
    size = size.copy()
    size[:rows] = value
    return size


def said(values, kind="ordered"):
    found = representation_of(CODES, values[:, None], names=["size"], kinds=kind)
    return doubts(found.table)


def test_a_number_for_missing_values_is_noted_in_answer_and_score(tmp_path):
    frame = pd.DataFrame(
        {
            "z0": CODES[:, 0],
            "size": with_sentinel(),
            "hue": RNG.permutation(np.linspace(0, 6.283, ROWS)),
        }
    )
    frame.to_csv(tmp_path / "x.csv", index=False)
    kinds = {"hue": "circular:360"}
    held = representation_of_file(tmp_path / "x.csv", codes="z0", kinds=kinds)
    assert {ON_SIZE, ON_HUE} <= {*held.notes}
    found = read_codes(
        tmp_path / "x.csv", codes=["z0"], factors=["size", "hue"], kinds=kinds
    )
    assert {ON_SIZE, ON_HUE} <= {note.text for note in found.notes}
    answer = tv.answer(frame, codes="z0", kinds=kinds)
    assert {ON_SIZE, ON_HUE} <= {*answer.measurement.notes}


@pytest.mark.parametrize("value", [-999.0, -1e5, 9999.0])
def test_either_end_counts(value):
    assert len(said(with_sentinel(value))) == 1


@pytest.mark.parametrize(
    "values",
    [
        SIZE,
        with_sentinel(rows=2),
        with_sentinel(-20),
        np.where(SIZE > 20, 1.0, 0.0),
        np.array([0.0, 1, 10, 100])[np.arange(ROWS) % 4],
        RNG.lognormal(sigma=2, size=ROWS),
    ],
)
def test_values_that_are_not_far_or_not_repeated_are_not_noted(values):
    assert said(values) == ()


def test_few_levels_with_a_usual_number_for_missing_are_noted():
    assert len(said(np.array([1.0, 2, 3, -9])[np.arange(ROWS) % 4])) == 1


def test_radians_on_both_sides_of_zero_cover_one_turn():
    values = RNG.permutation(np.linspace(-3.14159, 3.14159, ROWS))
    assert (
        "covers 6.28 of its period of 360: are these radians"
        in said(values, "circular:360")[0]
    )


def test_a_period_that_was_not_given_is_said():
    hours = np.arange(ROWS) % 24.0
    expected = "size: no period was given, so one turn is taken to be 24, one step more"
    (text,) = said(hours, "circular")
    assert text.startswith(expected)
    rule = LabelRule(kinds=(("hour", "circular"),))
    _, notes = labels_of(read_table({"hour": hours}), rule)
    assert notes[0].text.endswith("0 to 23, period 24 by its range, as none was given")


@pytest.mark.parametrize(
    ("top", "period", "count"),
    [(300, 360, 0), (6.2, 6.2832, 0), (30, 360, 1), (1, 24, 1)],
)
def test_a_period_is_noted_if_less_than_a_tenth_is_covered(top, period, count):
    assert len(said(RNG.uniform(0, top, ROWS), f"circular:{period}")) == count
