"""Intervals: over seeds (binomial) and over sampled rows (bootstrap, out of bag)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.folds import combination_of_rows, held_out_r2
from tinyvae.measures.readout import reading_scale, spline_predictions
from tinyvae.scores.score import Interval

NUM_BAGS = 100
CONFIDENCE = 0.95
SEED = 0


def binomial_interval(
    successes: int, trials: int, *, confidence: float = CONFIDENCE
) -> Interval:
    """Clopper-Pearson interval of a rate of success, within 0 to 1.

    It covers the truth at least as often as it says, also for few seeds.

    >>> low, high, _ = binomial_interval(20, 20)
    >>> round(low, 3), high
    (0.832, 1.0)

    Raises: ValueError if successes do not fit into the trials.
    Source: Clopper & Pearson (1934).
    """
    if not (trials > 0 and 0 <= successes <= trials):
        raise ValueError(
            "expected 0 <= successes <= trials and at least one trial, "
            f"got {successes} of {trials}. Count each seed once."
        )
    if not 0 < confidence < 1:
        raise ValueError(
            f"expected a confidence between 0 and 1, got {confidence}. "
            "Give 0.95 for a 95 % interval."
        )
    from scipy.special import betaincinv  # 0.2 s to import; most runs do not need it

    tail, failures = (1 - confidence) / 2, trials - successes
    low = betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return Interval(float(low), float(high), confidence)


class SampledIntervals(NamedTuple):
    """Intervals of each factor's share and readout with its latent, by bootstrap."""

    share: Float[np.ndarray, "factor 2"]  # low, high; NaN without a latent
    readout: Float[np.ndarray, "factor 2"]


def sampled_intervals(
    codes: Float[np.ndarray, "sample latent"],
    levels: Float[np.ndarray, "sample factor"],
    factors: Float[np.ndarray, "sample factor"],
    matching: tuple[int | None, ...],
    *,
    num_bags: int = NUM_BAGS,
    confidence: float = CONFIDENCE,
) -> SampledIntervals:
    """Bootstrap intervals for a random sample of equally probable rows.

    Each bag draws whole combinations of factors with replacement; the latent's mean at
    each level (share) and the spline (readout) are learnt in the bag and scored on the
    combinations outside. `levels` are the factors as the share groups them, `factors`
    as the readout reads them. Learnt from fewer rows than there are, both lie a little
    low (by about levels / rows), never high.

    Source: Efron & Tibshirani (1993), chapter 17.
    """
    combination = combination_of_rows(factors)
    rng = np.random.default_rng(SEED)
    scores = np.full((num_bags, 2, factors.shape[1]), np.nan)
    for bag in range(num_bags):
        count = _drawn(combination, rng)
        for factor, latent in enumerate(matching):
            if latent is not None and np.ptp(factors[:, factor]) > 0:
                z, f = codes[:, latent], factors[:, factor]
                scores[bag, 0, factor] = _share_out_of_bag(z, levels[:, factor], count)
                scores[bag, 1, factor] = _readout_out_of_bag(z, f, count)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    share, readout = (_quantiles(scores[:, which], ends) for which in (0, 1))
    return SampledIntervals(share, readout)


def _drawn(
    combination: Int[np.ndarray, " sample"], rng: np.random.Generator
) -> Float[np.ndarray, " sample"]:
    """How often each row's combination was drawn into the bag; 0: out of bag."""
    num_combinations = combination.max() + 1
    drawn = rng.integers(num_combinations, size=num_combinations)
    return np.bincount(drawn, minlength=num_combinations)[combination].astype(float)


def _share_out_of_bag(latent, level, count):
    """R2 of the latent from its bag's mean at each level, out of the bag."""
    _, group = np.unique(level, return_inverse=True)
    inside, outside = count > 0, count == 0
    weight = np.bincount(group, count)
    mean = count @ latent / count.sum()
    sums = np.bincount(group, count * (latent - mean))
    means = mean + sums / np.where(weight > 0, weight, 1.0)
    if inside.all() or not inside.any():
        return np.nan
    return _r2(means[group[outside]], latent[outside])


def _readout_out_of_bag(latent, factor, count):
    inside, outside = count > 0, count == 0
    if inside.all() or not inside.any():
        return np.nan
    scale = reading_scale(latent, np.full(len(latent), 1 / len(latent)))
    predicted = spline_predictions(
        scale[inside], factor[inside, None], count[inside], scale[outside]
    )
    return _r2(predicted[:, 0], factor[outside])


def _r2(predicted, target):
    probability = np.full(len(target), 1 / len(target))
    return held_out_r2(predicted[:, None], target[:, None], probability)[0]


def _quantiles(scores, ends):
    """(factor, 2): low and high over bags; NaN where a factor has no score."""
    intervals = np.full((scores.shape[1], 2), np.nan)
    for factor, column in enumerate(scores.T):
        if not np.isnan(column).all():
            intervals[factor] = np.nanquantile(column, ends)
    return intervals
