"""Rank correlations over members: against SciPy on complete pairs, and their laws."""

import numpy as np
import pytest

from made_sweeps import spearman_by_scipy
from tinyvae.sweeps.rank_correlations import rank_correlations, within_settings


@pytest.fixture
def columns() -> np.ndarray:
    """40 members: two that go together, one with ties, one with gaps, one constant."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=40)
    gaps = first + rng.normal(size=40)
    gaps[rng.permutation(40)[:25]] = np.nan
    return np.column_stack(
        [first, first + rng.normal(size=40), np.round(first), gaps, np.ones(40)]
    )


def test_each_is_that_of_scipy_over_the_members_that_have_both(columns):
    found = rank_correlations(columns)
    for i in range(4):
        for j in range(4):
            both = np.isfinite(columns[:, i]) & np.isfinite(columns[:, j])
            expected = spearman_by_scipy(columns[both, i], columns[both, j])
            assert found.values[i, j] == pytest.approx(expected)
            assert found.members[i, j] == both.sum()


def test_it_is_symmetric_and_1_with_itself_and_nothing_with_a_constant(columns):
    found = rank_correlations(columns)
    np.testing.assert_array_equal(found.values, found.values.T)
    np.testing.assert_allclose(np.diag(found.values)[:4], 1)
    assert np.isnan(found.values[4]).all()


def test_increasing_maps_change_nothing_and_falling_ones_the_sign(columns):
    found = rank_correlations(columns).values
    mapped = columns.copy()
    mapped[:, 0] = np.exp(columns[:, 0])
    mapped[:, 1] = -columns[:, 1]
    other = rank_correlations(mapped).values
    sign = np.array([1, -1, 1, 1, 1])
    np.testing.assert_allclose(other, found * np.outer(sign, sign))


def test_the_order_of_members_does_not_matter(columns):
    order = np.random.default_rng(1).permutation(40)
    np.testing.assert_allclose(
        rank_correlations(columns[order]).values, rank_correlations(columns).values
    )


@pytest.mark.parametrize(("members", "given"), [(4, False), (5, True)])
def test_nothing_is_said_of_fewer_than_five_members(members, given, columns):
    found = rank_correlations(columns[:members, :2])
    assert np.isfinite(found.values[0, 1]) == given
    assert found.members[0, 1] == members


def test_within_settings_is_the_mean_over_settings():
    rng = np.random.default_rng(2)
    settings = np.repeat(np.arange(4), [6, 7, 8, 3])
    first, second = rng.normal(size=(2, 24))
    expected = [
        spearman_by_scipy(first[settings == k], second[settings == k])
        for k in range(3)  # the last has too few
    ]
    found = within_settings(first, second, settings.tolist())
    assert (found.value, found.settings) == (pytest.approx(np.mean(expected)), 3)


def test_what_separates_settings_alone_says_nothing_within_them():
    """Simpson: the order of settings is one way, that within each the other."""
    setting = np.repeat([0, 1, 2], 6)
    within = np.tile(np.arange(6.0), 3)
    first, second = 10 * setting + within, 10 * setting - within
    both = np.column_stack([first, second])
    assert rank_correlations(both).values[0, 1] > 0.5
    assert within_settings(first, second, setting.tolist()).value == pytest.approx(-1)


def test_without_a_setting_that_counts_there_is_no_value():
    found = within_settings(np.arange(4.0), np.arange(4.0), [0, 0, 1, 1])
    assert np.isnan(found.value)
    assert found.settings == 0
