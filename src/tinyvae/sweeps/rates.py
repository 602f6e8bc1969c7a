"""How often something happens over seeds: the interval of a rate."""

from __future__ import annotations

import math
from statistics import NormalDist

from tinyvae.answer.intervals import CONFIDENCE, check_rate
from tinyvae.scores.value import Interval


def wilson_interval(
    successes: int, trials: int, *, confidence: float = CONFIDENCE
) -> Interval:
    """Wilson's score interval of a rate of success, within 0 to 1.

    The rates p whose z-test does not reject what was seen:
    |successes / trials - p| <= z sqrt(p (1 - p) / trials).

    >>> low, high, _ = wilson_interval(20, 20)
    >>> round(low, 3), high
    (0.839, 1.0)

    Raises: ValueError if successes do not fit into the trials.
    Source: Wilson (1927); on average over rates it covers the truth as often as it
    says, while Clopper and Pearson's covers it more often and is wider: Agresti & Coull
    (1998).
    """
    check_rate(successes, trials, confidence)
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    rate = successes / trials
    middle = rate + z2 / (2 * trials)
    half = math.sqrt(z2 * (rate * (1 - rate) / trials + z2 / (4 * trials**2)))
    # at the ends the formula gives 0 and 1 but for rounding
    low = 0.0 if successes == 0 else (middle - half) / (1 + z2 / trials)
    high = 1.0 if successes == trials else (middle + half) / (1 + z2 / trials)
    return Interval(low, high, confidence)
