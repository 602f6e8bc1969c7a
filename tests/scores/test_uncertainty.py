import numpy as np
import pytest
from known_codes import GRID_FACTORS, independent_factors, noisy

from tinyvae.errors import DataError
from tinyvae.scores.score import SCORES
from tinyvae.scores.uncertainty import with_intervals, with_p_values


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "num_rows"), [("share", 300), ("sap", 300), ("mig", 1000)]
)
def test_intervals_cover_the_truth_about_as_often_as_they_say(name, num_rows):
    codes, factors = noisy(200_000, degrees=20, seed=1)
    truth = SCORES[name].scores(codes, factors)[0].value
    covered = 0
    for seed in range(50):
        codes, factors = noisy(num_rows, degrees=20, seed=seed + 10)
        (score,) = with_intervals(name, codes, factors, num_halves=20)
        assert score.interval is not None
        covered += score.interval.low <= truth <= score.interval.high
    assert covered >= 42  # 47 or 48 expected; 41 or fewer once in 600


def test_p_values_are_small_for_codes_that_know_and_large_for_those_that_do_not():
    codes, factors = noisy(300, degrees=20)
    (score,) = with_p_values("sap", codes, factors, num_shuffles=49)
    assert score.p_value == pytest.approx(1 / 50)
    noise = np.random.default_rng(0).normal(size=(300, 3))
    (score,) = with_p_values("sap", noise, independent_factors(300), num_shuffles=49)
    assert score.p_value is not None
    assert score.p_value > 0.05


def test_a_score_shows_its_interval_and_p_value():
    codes, factors = noisy(300, degrees=20)
    (score,) = with_intervals("share", codes, factors, num_halves=20)
    assert score.interval is not None
    low, high, confidence = score.interval
    assert low < score.value < high
    assert confidence == 0.95
    assert "; 95%]" in str(score)


def test_a_whole_population_has_no_interval():
    with pytest.raises(DataError, match="got a whole population"):
        with_intervals("mig", GRID_FACTORS, GRID_FACTORS)
    with pytest.raises(DataError, match="got a whole population"):
        with_p_values("mig", GRID_FACTORS, GRID_FACTORS)


def test_an_interval_that_would_not_hold_the_truth_is_not_offered():
    codes, factors = noisy(300, degrees=20)
    (score,) = with_intervals("irs", codes, factors, num_halves=10)
    assert score.interval is None
    assert score.no_interval is not None
    assert score.no_interval.startswith("its bias is as large in half of the rows")
    assert score.value == pytest.approx(0.5, abs=0.1)
    for score in with_intervals("dci", codes, factors, num_halves=4):
        assert str(score.no_interval).startswith("needs 1000 rows, got 300: of fewer")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["infomec", "mig", "explicitness"])
def test_intervals_hold_the_truth_where_few_rows_bias_the_score(name):
    codes, factors = noisy(50_000, degrees=20, seed=1)
    truths = SCORES[name].scores(codes, factors)
    held = np.zeros(len(truths))
    for seed in range(20):
        codes, factors = noisy(300, degrees=20, seed=seed + 10)
        found = with_intervals(name, codes, factors, num_halves=12)
        for place, (score, truth) in enumerate(zip(found, truths, strict=True)):
            assert score.interval is not None
            low, high, _ = score.interval
            held[place] += low <= truth.value <= high
    assert held.min() >= 16  # 19 expected; 15 or fewer once in 400


def test_scores_without_factors_have_no_p_value():
    codes, factors = noisy(50, degrees=20)
    with pytest.raises(DataError, match="nothing to shuffle"):
        with_p_values("total_correlation", codes, factors)
    with pytest.raises(DataError, match="at least 20 rows to halve, got 19"):
        with_intervals("mig", codes[:19], factors[:19])
    with pytest.raises(DataError, match="confidence between 0 and 1, got 95"):
        with_intervals("mig", codes, factors, confidence=95.0)
