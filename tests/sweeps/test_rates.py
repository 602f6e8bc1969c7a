"""The interval of a rate: against SciPy, by its definition, and its laws."""

from statistics import NormalDist

import pytest
from scipy.stats import binomtest

from tinyvae.answer import binomial_interval
from tinyvae.sweeps.rates import wilson_interval

COUNTS = [(k, n) for n in (1, 2, 5, 20, 100) for k in range(0, n + 1, max(1, n // 5))]


@pytest.mark.parametrize(("successes", "trials"), COUNTS)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_it_is_that_of_scipy(successes, trials, confidence):
    expected = binomtest(successes, trials).proportion_ci(confidence, "wilson")
    found = wilson_interval(successes, trials, confidence=confidence)
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)
    assert found.confidence == confidence


@pytest.mark.parametrize(("successes", "trials"), [(3, 10), (1, 4), (19, 20)])
def test_its_ends_are_the_rates_that_a_test_just_does_not_reject(successes, trials):
    z = NormalDist().inv_cdf(0.975)
    for rate in wilson_interval(successes, trials)[:2]:
        deviation = abs(successes / trials - rate)
        assert deviation == pytest.approx(z * (rate * (1 - rate) / trials) ** 0.5)


@pytest.mark.parametrize(("successes", "trials"), COUNTS)
def test_it_holds_the_rate_stays_within_0_to_1_and_mirrors(successes, trials):
    low, high, _ = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    mirrored = wilson_interval(trials - successes, trials)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high))


def test_more_seeds_narrow_it_and_the_exact_one_is_wider():
    widths = [
        found.high - found.low
        for found in (wilson_interval(n // 2, n) for n in (2, 10, 50, 1000))
    ]
    assert widths == sorted(widths, reverse=True)
    exact, found = binomial_interval(10, 20), wilson_interval(10, 20)
    assert exact.low < found.low < found.high < exact.high


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 3), (4, 3)])
def test_counts_that_cannot_be_are_refused(successes, trials):
    with pytest.raises(ValueError, match=f"got {successes} of {trials}"):
        wilson_interval(successes, trials)


def test_a_confidence_in_percent_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        wilson_interval(1, 2, confidence=95.0)
