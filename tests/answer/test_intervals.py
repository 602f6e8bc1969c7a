from dataclasses import replace

import numpy as np
import pytest
from constructed_codes import GRID, UNIFORM, turned
from scipy.stats import binomtest

import tinyvae as tv
from tinyvae.answer.intervals import binomial_interval, sampled_intervals
from tinyvae.from_arrays import representation_of


@pytest.mark.parametrize(("successes", "trials"), [(0, 5), (3, 8), (20, 20), (1, 1)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_binomial_interval_is_that_of_scipy(successes, trials, confidence):
    exact = binomtest(successes, trials).proportion_ci(confidence, method="exact")
    low, high, _ = binomial_interval(successes, trials, confidence=confidence)
    assert (low, high) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 3), (4, 3)])
def test_impossible_counts_are_refused(successes, trials):
    with pytest.raises(ValueError, match=f"got {successes} of {trials}"):
        binomial_interval(successes, trials)


def test_confidence_in_percent_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        binomial_interval(1, 2, confidence=95.0)


def test_a_factor_without_a_latent_has_no_interval():
    intervals = sampled_intervals(turned(UNIFORM, 20), GRID, (0, None, 2), num_bags=10)
    assert np.isnan(intervals.share[1]).all()
    assert np.isnan(intervals.readout[1]).all()
    np.testing.assert_allclose(intervals.share[0], 1, atol=1e-9)


def test_more_rows_narrow_the_interval():
    def width(num_rows):
        table = GRID.sample_rows(num_rows, seed=0)
        codes = table.values @ np.array([[1.0, 0, 0], [0, 1, 0.5], [0, -0.5, 1]])
        found = sampled_intervals(codes, table, (0, 1, 2))
        return np.ptp(found.share[1])

    assert width(1200) < width(150)


def test_intervals_of_grouped_rows_count_groups_and_not_rows():
    """200 copies of each of 25 patients tell no more than 25 rows do."""
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(25), 200)
    size = rng.normal(size=25)[patient]
    code = (size + 0.5 * rng.normal(size=25)[patient])[:, None]
    code = code + 1e-3 * rng.normal(size=code.shape)
    size = size + 1e-3 * rng.normal(size=size.shape)
    table = representation_of(code, size[:, None]).table
    assert table.group is None
    alone = sampled_intervals(code, table, (0,))
    together = sampled_intervals(code, replace(table, group=patient), (0,))
    width_alone, width = (float(np.diff(i.readout[0])[0]) for i in (alone, together))
    assert width > 3 * width_alone


def test_a_group_for_each_row_is_no_group():
    rng = np.random.default_rng(1)
    size = rng.normal(size=400)
    code = (size + 0.5 * rng.normal(size=400))[:, None]
    table = representation_of(code, size[:, None]).table
    grouped = replace(table, group=np.arange(400))
    alone, each = (sampled_intervals(code, t, (0,)) for t in (table, grouped))
    np.testing.assert_allclose(each.readout, alone.readout, atol=0.03)


def test_held_out_groups_reach_the_answer(tmp_path):
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(12), 5)
    images = rng.random((60, 8, 8))
    labels = {"size": rng.random(60), "patient": [f"p{number}" for number in patient]}
    population = tv.Pictures(images, labels, group="patient").population()
    table, rows = population.table(1000)
    assert table.group is not None
    assert len(np.unique(table.group)) == len(np.unique(patient[rows]))
