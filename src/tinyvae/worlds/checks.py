"""Checks of settings that several worlds share."""

from __future__ import annotations

from numbers import Real
from operator import index
from typing import Any

from tinyvae.errors import ConfigError


def check_whole(name: str, value: Any, least: int, most: int | None = None):
    """Refuse a value unless it is a whole number from `least` to `most`.

    Raises: ConfigError, naming the setting.
    """
    try:
        number = index(value)
    except TypeError:
        number = least - 1
    if least <= number and (most is None or number <= most):
        return
    limits = f"{least} or more" if most is None else f"{least} to {most}"
    raise ConfigError(f"expected {name} to be a whole number, {limits}, got {value!r}.")


def is_number(value: Any, low: float | int, high: float | int) -> bool:
    """Whether a value is a number from `low` to `high`, both included."""
    return isinstance(value, (int, float)) and low <= value <= high


def as_range(name: str, value: Any) -> tuple[float, float]:
    """A setting that is one number or a range (low, high), as a range.

    Raises: ConfigError if it is neither, or if low exceeds high.
    """
    ends = value if isinstance(value, tuple) else (value, value)
    numbers = len(ends) == 2 and all(isinstance(end, Real) for end in ends)
    if numbers and ends[0] <= ends[1]:
        return float(ends[0]), float(ends[1])
    raise ConfigError(
        f"expected {name} to be a number or a range (low, high) with low <= high, "
        f"got {value!r}."
    )
