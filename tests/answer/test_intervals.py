import numpy as np
import pytest
from constructed_codes import GRID, UNIFORM, turned
from scipy.stats import binomtest

from tinyvae.answer.intervals import binomial_interval, sampled_intervals


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
