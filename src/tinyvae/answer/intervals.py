"""Intervals: over seeds (binomial) and over sampled rows (bootstrap, out of bag)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.factors import FactorTable
from tinyvae.measures.folds import (
    FEWEST_COMBINATIONS,
    combination_of_rows,
    held_out_r2,
)
from tinyvae.measures.label_readout import label_accuracy
from tinyvae.measures.readout import reading_scale, spline_predictions
from tinyvae.measures.tables import factor_levels
from tinyvae.scores.score import Interval

NUM_BAGS = 100
LABEL_BAGS = 40  # of these, in which trees are fitted: they take longest
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
    check_rate(successes, trials, confidence)
    from scipy.special import betaincinv  # 0.2 s to import; most runs do not need it

    tail, failures = (1 - confidence) / 2, trials - successes
    low = betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return Interval(float(low), float(high), confidence)


def check_rate(successes: int, trials: int, confidence: float) -> None:
    """Refuse counts that are no rate of success, and a confidence that is none.

    Raises: ValueError if successes do not fit into the trials.
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


class SampledIntervals(NamedTuple):
    """Intervals of each factor's share and readout with its latent, by bootstrap."""

    share: Float[np.ndarray, "factor 2"]  # low, high; NaN without a latent
    readout: Float[np.ndarray, "factor 2"]


def sampled_intervals(
    codes: Float[np.ndarray, "sample latent"],
    table: FactorTable,
    matching: tuple[int | None, ...],
    *,
    num_bags: int = NUM_BAGS,
    confidence: float = CONFIDENCE,
) -> SampledIntervals:
    """Bootstrap intervals for a random sample of equally probable rows.

    Each bag draws whole groups of rows with replacement, where the table has groups.
    Else it draws whole combinations of factors (rows, where there are fewer than 20
    combinations). What predicts is
    learnt in the bag and scored on the combinations outside: the latent's mean at each
    level (share), and the spline, or for labels the tree (readout). Learnt from fewer
    rows than there are, both lie a little low (by about levels / rows), never high.

    Source: Efron & Tibshirani (1993), chapter 17.
    """
    if table.group is not None:
        combination = np.unique(table.group, return_inverse=True)[1]
    else:
        combination = combination_of_rows(table.values)
        if combination.max(initial=0) + 1 < FEWEST_COMBINATIONS:  # then rows are drawn
            combination = np.arange(len(codes))
    rng = np.random.default_rng(SEED)
    pairs = [
        None if latent is None else _pair(codes[:, latent], table, levels, factor)
        for factor, (latent, levels) in enumerate(
            zip(matching, factor_levels(table).T, strict=True)
        )
    ]
    scores = np.full((num_bags, 2, len(pairs)), np.nan)
    for bag in range(num_bags):
        count = _drawn(combination, rng)
        if (count > 0).all():
            continue
        for factor, pair in enumerate(pairs):
            if pair is not None:
                scores[bag, 0, factor] = _share_out_of_bag(pair, count)
                if pair.columns is not None or bag < LABEL_BAGS:
                    scores[bag, 1, factor] = _readout_out_of_bag(pair, count)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    share, readout = (_quantiles(scores[:, which], ends) for which in (0, 1))
    return SampledIntervals(share, readout)


class _Pair(NamedTuple):
    """A factor and its latent."""

    latent: Float[np.ndarray, " sample"]
    scale: Float[np.ndarray, " sample"]  # the latent as splines read it
    group: Int[np.ndarray, " sample"]  # level of the factor
    columns: Float[np.ndarray, "sample column"] | None  # None: labels
    label: Float[np.ndarray, " sample"]


def _pair(
    latent: Float[np.ndarray, " sample"],
    table: FactorTable,
    levels: Float[np.ndarray, " sample"],
    place: int,
) -> _Pair | None:
    factor, values = table.factors[place], table.values[:, place]
    if np.ptp(values) == 0 or np.ptp(latent) == 0:
        return None
    scale = reading_scale(latent, np.full(len(latent), 1 / len(latent)))
    group = np.unique(levels, return_inverse=True)[1]
    columns = None if factor.kind == "categorical" else factor.columns(values)
    return _Pair(latent, scale, group, columns, values)


def _drawn(
    combination: Int[np.ndarray, " sample"], rng: np.random.Generator
) -> Float[np.ndarray, " sample"]:
    """How often each row's combination was drawn into the bag; 0: out of bag."""
    num_combinations = combination.max() + 1
    drawn = rng.integers(num_combinations, size=num_combinations)
    return np.bincount(drawn, minlength=num_combinations)[combination].astype(float)


def _share_out_of_bag(pair: _Pair, count: Float[np.ndarray, " sample"]) -> float:
    """R2 of the latent from its bag's mean at each level, out of the bag."""
    latent, group, outside = pair.latent, pair.group, count == 0
    weight = np.bincount(group, count)
    mean = count @ latent / count.sum()
    sums = np.bincount(group, count * (latent - mean))
    means = mean + sums / np.where(weight > 0, weight, 1.0)
    return _r2(means[group[outside], None], latent[outside, None])


def _readout_out_of_bag(pair: _Pair, count: Float[np.ndarray, " sample"]) -> float:
    inside, outside = count > 0, count == 0
    if pair.columns is None:
        return label_accuracy(
            pair.latent[:, None], pair.label, train=inside, test=outside
        )
    predicted = spline_predictions(
        pair.scale[inside], pair.columns[inside], count[inside], pair.scale[outside]
    )
    return _r2(predicted, pair.columns[outside])


def _r2(
    predicted: Float[np.ndarray, "test column"],
    target: Float[np.ndarray, "test column"],
) -> float:
    """R2 of all columns together, each as far as it varies."""
    probability = np.full(len(target), 1 / len(target))
    weight = target.var(axis=0)
    if not weight.any():
        return float("nan")
    r2 = np.nan_to_num(held_out_r2(predicted, target, probability))
    return float(r2 @ weight / weight.sum())


def _quantiles(
    scores: Float[np.ndarray, "bag factor"], ends: list[float]
) -> Float[np.ndarray, "factor 2"]:
    """(factor, 2): low and high over bags; NaN where a factor has no score."""
    intervals = np.full((scores.shape[1], 2), np.nan)
    for factor, column in enumerate(scores.T):
        if not np.isnan(column).all():
            intervals[factor] = np.nanquantile(column, ends)
    return intervals
