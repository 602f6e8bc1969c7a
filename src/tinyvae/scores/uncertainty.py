"""Uncertainty of scores: intervals from half samples, and permutation tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int

from tinyvae.errors import DataError
from tinyvae.representation import FEWEST_ROWS, Kinds, Representation
from tinyvae.scores.score import (
    SCORES,
    Interval,
    Score,
    as_representation,
    resampled_by_probability,
)

NUM_HALVES = 100
NUM_SHUFFLES = 199
CONFIDENCE = 0.95
# the bias of N rows relative to its growth at N / 2, where it falls as 1 / sqrt(N)
SLOWEST = 1 / (2**0.5 - 1)
# scores whose intervals hold the truth in less than 90 % of samples of fewer rows
# (benchmarks/coverage.py): these have none
FEWEST_ROWS_OF: dict[str, float] = {"irs": np.inf, "dci": 1000.0}


def with_intervals(
    name: str,
    codes: Any,
    factors: Any = None,
    *,
    names: Sequence[str] | None = None,
    kinds: Kinds | None = None,
    num_halves: int = NUM_HALVES,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> tuple[Score, ...]:
    """A score (by its name in `SCORES`) with confidence intervals for its sample.

    The score is computed on random halves of the rows. A half of N rows, drawn without
    replacement, has variance s^2 (1 / (N / 2) - 1 / N) = s^2 / N about the score of all
    rows, which is also the variance of that score about the truth. The interval
    therefore reaches to either side as Student's t with the standard deviation of the
    halves. Where halves score lower (or higher) on average than all rows, the score
    itself is biased: by as much if bias falls as 1 / N, by 2.4 times as much if it
    falls as 1 / sqrt(N). The interval covers the score with no bias and with the larger
    one. A bootstrap is not used, since it repeats rows, and repeated rows look like
    information to bins, neighbours and trees. Models are tested on held-out folds of
    each half.

    Where measured coverage is less than 90 % (`FEWEST_ROWS_OF`), there is no interval,
    and `no_interval` of the score says why.

    Raises: DataError on a whole population, which has no sampling error, on fewer than
    20 rows, or on a confidence that is not between 0 and 1.
    Source: Politis & Romano (1994), "Large sample confidence regions based on
    subsamples"; halves: Shao & Wu (1989), "A general theory for jackknife variance".
    """
    from scipy.special import stdtrit

    found = resampled_by_probability(
        as_representation(codes, factors, names=names, kinds=kinds)
    )
    num_rows = len(found.codes)
    _check_request(name, num_halves)
    if not 0 < confidence < 1:
        raise DataError(f"expected a confidence between 0 and 1, got {confidence}.")
    _refuse_population(found, "an interval")
    if num_rows < 2 * FEWEST_ROWS:
        raise DataError(
            f"expected at least {2 * FEWEST_ROWS} rows to halve, got {num_rows}."
        )
    if num_rows < (fewest := FEWEST_ROWS_OF.get(name, 0.0)):
        why = _why_not(num_rows, fewest)
        plain = SCORES[name].scores(found)
        return tuple(replace(score, no_interval=why) for score in plain)
    scored, rng = SCORES[name], np.random.default_rng(seed)
    halves = [
        scored.scores(_rows(found, rng.permutation(num_rows)[: num_rows // 2]))
        for _ in range(num_halves)
    ]
    values = np.array([[score.value for score in scores] for scores in halves])
    whole = scored.scores(found)
    results = []
    for score, column, facts in zip(whole, values.T, scored.facts, strict=True):
        known = column[~np.isnan(column)]
        if score.undefined is None and len(known) > 1:
            quantile = stdtrit(len(known) - 1, (1 + confidence) / 2)
            reach = quantile * known.std(ddof=1)
            # around the score, and around the score without the bias that halves show
            unbiased = score.value + SLOWEST * (score.value - known.mean())
            ends = sorted((score.value, unbiased))
            most = 1.0 if facts.best == 1 else np.inf
            low, high = np.clip([ends[0] - reach, ends[1] + reach], 0, most)
            score = replace(
                score, interval=Interval(float(low), float(high), confidence)
            )
        results.append(score)
    return tuple(results)


def with_p_values(
    name: str,
    codes: Any,
    factors: Any = None,
    *,
    names: Sequence[str] | None = None,
    kinds: Kinds | None = None,
    num_shuffles: int = NUM_SHUFFLES,
    seed: int = 0,
) -> tuple[Score, ...]:
    """A score with the probability that codes independent of the factors reach it.

    Whole rows of codes are shuffled against factors. p = (1 + number of shuffles that
    score as high) / (1 + number of shuffles), so never below 1 / 200 by default. A
    shuffle with an undefined score counts as lower.

    Raises: DataError on a whole population, or for a score that needs no factors.
    Source: Phipson & Smyth (2010), "Permutation p-values should never be zero".
    """
    found = resampled_by_probability(
        as_representation(codes, factors, names=names, kinds=kinds)
    )
    _check_request(name, num_shuffles)
    _refuse_population(found, "a p-value")
    scored, rng = SCORES[name], np.random.default_rng(seed)
    if not scored.needs_factors:
        raise DataError(f"{name} does not see factors: there is nothing to shuffle.")
    shuffled = [
        scored.scores(replace(found, codes=rng.permutation(found.codes)))
        for _ in range(num_shuffles)
    ]
    return tuple(
        score
        if score.undefined is not None
        else replace(
            score,
            p_value=(1 + sum(one[place].value >= score.value for one in shuffled))
            / (1 + num_shuffles),
            num_shuffles=num_shuffles,
        )
        for place, score in enumerate(scored.scores(found))
    )


def _why_not(num_rows: int, fewest: float) -> str:
    """Why a score of so few rows has no interval."""
    holds = "intervals of 95 % hold the truth in less than 90 % of samples"
    if np.isinf(fewest):
        return f"its bias is as large in half of the rows as in all, so {holds}"
    return f"needs {fewest:.0f} rows, got {num_rows}: of fewer, {holds}"


def _check_request(name: str, count: int) -> None:
    if name not in SCORES:
        raise DataError(f"expected a score among {', '.join(SCORES)}, got {name!r}.")
    if count < 2:
        raise DataError(f"expected at least 2 repetitions, got {count}.")


def _rows(
    representation: Representation, rows: Int[np.ndarray, " row"]
) -> Representation:
    table = representation.table
    drawn = replace(
        table,
        values=table.values[rows],
        probability=np.full(len(rows), 1 / len(rows)),
        complete=False,
        group=table.group_of(rows),
    )
    return replace(representation, codes=representation.codes[rows], table=drawn)


def _refuse_population(representation: Representation, what: str) -> None:
    if representation.table.complete:
        raise DataError(
            f"expected a random sample for {what}, got a whole population (every "
            "combination of the factors, once): its scores are exact."
        )
