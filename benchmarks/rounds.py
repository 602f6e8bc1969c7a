"""Rates of implementations that take turns, so that a slow period affects all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from turns import Turn


def steps_for(turn: Turn, seconds: float) -> int:
    """The number of steps that take about `seconds`, after compilation."""
    turn.train(2)
    steps = 1
    while True:
        started = time.perf_counter()
        turn.train(steps)
        elapsed = time.perf_counter() - started
        if elapsed > seconds / 8:
            return max(1, round(steps * seconds / elapsed))
        steps *= 2


def rates_in_rounds(
    turns: Sequence[Turn], rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Work per second of each turn in each round; the turns of a round alternate."""
    steps = [steps_for(turn, seconds) for turn in turns]
    rates: dict[str, list[float]] = {turn.name: [] for turn in turns}
    for _ in range(rounds):
        for turn, count in zip(turns, steps, strict=True):
            started = time.perf_counter()
            turn.train(count)
            elapsed = time.perf_counter() - started
            rates[turn.name].append(count * turn.work / elapsed)
    return rates


def median_ratio(rates: Sequence[float], reference: Sequence[float]) -> float:
    """Median over the rounds of the ratio within a round."""
    return median(a / b for a, b in zip(rates, reference, strict=True))
