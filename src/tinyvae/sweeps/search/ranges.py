"""What is searched: a range of numbers, or a list of values, for each setting."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

from tinyvae.errors import ConfigError


@dataclass(frozen=True)
class Range:
    """A setting that is a number between `low` and `high`, both included.

    Args:
        name: `objective.beta`.
        low: the smallest value.
        high: the largest value.
        log: whether ratios count, so that 1 to 2 is as wide as 8 to 16.
        step: the distance of the values from one another; None allows every value.
        whole: whether the values are whole numbers.

    Raises: ConfigError if there is no such range.
    """

    name: str
    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None
    whole: bool = False

    def __post_init__(self):
        if not self.low < self.high:
            raise ConfigError(
                f"{self.name}: expected low < high, got low = {self.low}, high = "
                f"{self.high}. To hold it fixed, write it outside of the ranges."
            )
        if self.log and self.low <= 0:
            raise ConfigError(
                f"{self.name}: expected low > 0 with log = true, got low = {self.low}."
            )
        if self.step is not None and (self.log or self.step <= 0):
            raise ConfigError(
                f"{self.name}: expected a step above 0 and no log with it, got step = "
                f"{self.step}, log = {json.dumps(self.log)}."
            )

    def examples(self) -> tuple[Any, ...]:
        """Its two ends, as the setting takes them."""
        return (self.low, self.high)

    def to_json(self) -> dict[str, Any]:
        """As it is written in a spec."""
        found: dict[str, Any] = {"low": self.low, "high": self.high}
        if self.log:
            found["log"] = True
        if self.step is not None:
            found["step"] = self.step
        return found


@dataclass(frozen=True)
class Choice:
    """A setting that is one of several values.

    Raises: ConfigError if there are fewer than two.
    """

    name: str
    values: tuple[Any, ...]

    def __post_init__(self):
        texts = [json.dumps(value) for value in self.values]
        if len(texts) < 2 or any(
            one in self.values[:k] for k, one in enumerate(self.values)
        ):
            raise ConfigError(
                f"{self.name}: expected two values or more, all different, got "
                f"[{', '.join(texts)}]."
            )

    def examples(self) -> tuple[Any, ...]:
        """All of its values."""
        return self.values

    def to_json(self) -> list[Any]:
        """As it is written in a spec."""
        return list(self.values)


Parameter: TypeAlias = Range | Choice
