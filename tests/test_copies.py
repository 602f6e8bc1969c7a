"""Rows that are copies of others, and rows that only look like it."""

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.copies import rows_that_count, without_rounding
from tinyvae.from_arrays import every_row_of, representation_of
from tinyvae.representation import once_each
from tinyvae.scores import udr

NOISE = np.random.default_rng(0).normal(size=(60, 2))


def test_copies_of_continuous_rows_count_once_in_any_order():
    rows = np.random.default_rng(1).permutation(np.repeat(np.arange(60), 5))
    kept = rows_that_count(NOISE[rows], NOISE[rows])
    assert sorted(rows[kept]) == list(range(60))
    assert (np.diff(kept) > 0).all()


def test_rows_of_equal_codes_and_other_factors_are_no_copies():
    codes = np.repeat(NOISE, 5, axis=0)
    factors = np.tile(np.arange(5.0), 60)[:, None]
    assert len(rows_that_count(codes, factors)) == 300


@pytest.mark.parametrize("levels", [2, 8, 64])
def test_discrete_codes_keep_their_frequencies(levels):
    # on a lattice of whole numbers, or with few values among many different rows
    codes = np.random.default_rng(0).integers(0, levels, (2000, 1)).astype(float)
    for spread in (1.0, 0.1, 1 / 3):
        assert len(rows_that_count(spread * codes, codes)) == 2000
    book = np.random.default_rng(1).normal(size=levels)
    factors = np.random.default_rng(2).integers(0, 8, (2000, 2)).astype(float)
    entries = book[codes[:, 0].astype(int)][:, None]
    assert len(rows_that_count(entries, factors)) == 2000


def test_fewer_than_ten_rows_that_differ_are_all_kept():
    assert len(rows_that_count(np.tile(NOISE[:9], (4, 1)), np.zeros((36, 1)))) == 36


def test_zero_equals_minus_zero():
    codes = np.vstack([NOISE, NOISE])
    factors = np.zeros((120, 1))
    factors[60:] = -0.0
    assert len(rows_that_count(codes, factors)) == 60


def test_a_sample_of_a_whole_grid_with_copies_is_the_whole_grid():
    grid = np.array([[a, b] for a in range(6) for b in range(7)], float)
    codes = grid @ np.array([[1.0, 0.3], [-0.2, 1.1]]) + 0.01 * np.sin(grid)
    rows = np.concatenate([np.arange(42), np.random.default_rng(0).integers(0, 42, 99)])
    found = representation_of(codes[rows], grid[rows])
    assert found.table.complete
    assert found.rows_given == 141


def test_copies_stay_where_they_are_asked_for():
    pair = np.tile(NOISE, (3, 1)), np.tile(NOISE, (3, 1))
    whole = every_row_of(*pair)
    assert len(whole.codes) == 180
    assert len(once_each(whole).codes) == 60
    assert once_each(whole).copies_note == (
        "180 rows, of which 60 differ; each is used once"
    )
    probability = np.full(180, 1 / 180)
    given = representation_of(*pair, probability=probability)
    assert len(given.codes) == 180  # a population: its probabilities say how often


def test_rows_of_several_runs_stay_aligned():
    codes = np.tile(NOISE, (3, 1))
    other = np.random.default_rng(3).normal(size=(180, 2))
    assert udr([codes, other]).value < udr([codes, codes]).value


def test_rounding_of_few_levels_is_no_difference():
    angle = np.random.default_rng(0).integers(0, 8, 2000) * np.pi / 4
    for number in (np.float32, np.float64):
        codes = np.c_[np.cos(angle), np.sin(angle)].astype(number).astype(float)
        cleaned = without_rounding(codes)
        assert [len(np.unique(column)) for column in cleaned.T] == [5, 5]
        np.testing.assert_allclose(cleaned, codes, atol=1e-6)


@pytest.mark.parametrize("number", [np.float32, np.float64])
def test_continuous_codes_stay_as_they_are(number):
    rng = np.random.default_rng(0)
    codes = np.c_[rng.normal(size=50_000), rng.lognormal(0, 4, size=50_000)]
    codes = codes.astype(number).astype(float)
    np.testing.assert_array_equal(without_rounding(codes), codes)


def test_a_perfect_circle_of_few_angles_is_clear():
    rng = np.random.default_rng(0)
    season, s = rng.integers(0, 4, 1500), rng.normal(size=1500)
    angle = season * np.pi / 2
    answer = tv.answer(
        np.c_[np.cos(angle), np.sin(angle), s],
        {"season": season, "s": s},
        kinds={"season": "circular:4"},
    )
    assert answer.verdict == "yes, each (season as a circle)"
