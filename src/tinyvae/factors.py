"""Factors of variation: what varies in a world, and every combination of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float, Int

FactorKind = Literal["ordered", "circular", "categorical"]


@dataclass(frozen=True)
class Factor:
    """A factor of variation and the values that it takes, in ascending order.

    `unit` says what the numbers mean ("px": pixels). `kind` is `ordered` (along a
    line), `circular`, or `categorical` (the values are labels without order). `period`
    is one turn of a circular factor; by default it is one step more than from the first
    value to the last. `levels` are the names of a categorical factor's values, which
    then are 0, 1, 2 and so on. `grows` and `falls` describe what a person sees when the
    value increases and decreases ("larger circle", "smaller circle").

    Raises: ValueError if the values, the period or the levels do not fit the kind.
    """

    name: str
    values: tuple[float, ...]
    unit: str = ""
    kind: str = "ordered"
    period: float | None = None
    levels: tuple[str, ...] = ()
    grows: str = ""
    falls: str = ""

    def __post_init__(self):
        self._check_values()
        self._check_levels()

    def _check_values(self):
        if self.period is not None and not (
            self.kind == "circular" and 0 < self.period < float("inf")
        ):
            raise ValueError(
                f"factor {self.name!r}: expected a period above 0, of a circular "
                f"factor, got {self.period} for kind {self.kind!r}."
            )
        if self.kind not in get_args(FactorKind):
            raise ValueError(
                f"factor {self.name!r}: expected a kind among {get_args(FactorKind)}, "
                f"got {self.kind!r}."
            )
        if len(self.values) == 0:
            raise ValueError(
                f"factor {self.name!r}: expected at least one value, got none."
            )
        if any(b <= a for a, b in zip(self.values, self.values[1:], strict=False)):
            raise ValueError(
                f"factor {self.name!r}: expected distinct values in ascending order, "
                f"got {self.values}."
            )

    def _check_levels(self):
        if not self.levels:
            return
        if self.kind != "categorical":
            raise ValueError(
                f"factor {self.name!r}: expected levels of a categorical factor only, "
                f"got {self.levels} for kind {self.kind!r}."
            )
        if len(set(self.levels)) < len(self.levels):
            raise ValueError(
                f"factor {self.name!r}: expected distinct levels, got {self.levels}."
            )
        if self.values != tuple(range(len(self.levels))):
            raise ValueError(
                f"factor {self.name!r}: expected the values 0 to "
                f"{len(self.levels) - 1}, one per level, got {self.values}."
            )

    def angle(
        self, values: Float[np.ndarray, "*sample"]
    ) -> Float[np.ndarray, "*sample"]:
        """Values of a circular factor as angles from its first value, in radians."""
        return 2 * np.pi * (values - self.values[0]) / self.turn

    @property
    def turn(self) -> float:
        """The period of a circular factor: as given, or as its values suggest."""
        first, last = self.values[0], self.values[-1]
        step = (last - first) / max(1, len(self.values) - 1)
        return self.period or (last - first + step) or 1.0

    def columns(
        self, values: Float[np.ndarray, " sample"]
    ) -> Float[np.ndarray, "sample column"]:
        """Values as numbers to predict: as they are, or cosine and sine of an angle."""
        if self.kind != "circular":
            return values[:, None]
        angle = self.angle(values)
        return np.column_stack([np.cos(angle), np.sin(angle)])


@dataclass(frozen=True, eq=False)
class FactorTable:
    """Combinations of factors with their probabilities: the population of a world.

    `complete` says that every possible combination is listed; otherwise the rows are
    a random sample of the population, all equally probable. `independent` says that
    the factors are statistically independent of one another. `group` numbers the rows
    that were drawn together, such as the pictures of one patient; None: each by itself.
    """

    factors: tuple[Factor, ...]
    values: Float[np.ndarray, "sample factor"]
    probability: Float[np.ndarray, " sample"]
    independent: bool
    complete: bool = True
    group: Int[np.ndarray, " sample"] | None = None

    def __post_init__(self):
        if self.values.shape != (len(self.probability), len(self.factors)):
            raise ValueError(
                "expected values of shape (sample, factor) = "
                f"({len(self.probability)}, {len(self.factors)}), "
                f"got {self.values.shape}."
            )
        if self.group is not None and self.group.shape != self.probability.shape:
            raise ValueError(
                f"expected a group for each of {len(self.probability)} rows, got "
                f"{self.group.shape}."
            )
        if not np.isclose(self.probability.sum(), 1.0):
            raise ValueError(
                "expected probabilities that add up to 1, "
                f"got a sum of {self.probability.sum()}."
            )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the factors, in the order of the columns."""
        return tuple(factor.name for factor in self.factors)

    @property
    def uniform(self) -> bool:
        """Whether every row is equally probable."""
        return bool(np.allclose(self.probability, 1 / len(self), rtol=1e-9, atol=0))

    def rows(self, index: slice) -> FactorTable:
        """Some rows of a random sample, as a smaller random sample."""
        values = self.values[index]
        probability = np.full(len(values), 1 / len(values))
        return replace(
            self,
            values=values,
            probability=probability,
            complete=False,
            group=self.group_of(index),
        )

    def group_of(
        self, rows: slice | Int[np.ndarray, " row"] | Bool[np.ndarray, " sample"]
    ) -> Int[np.ndarray, " row"] | None:
        """The groups of some rows; None where each row stands by itself."""
        return None if self.group is None else self.group[rows]

    def sample_rows(self, num_samples: int, *, seed: int) -> FactorTable:
        """A random sample of rows, drawn with replacement by their probability."""
        rng = np.random.default_rng(seed)
        rows = rng.choice(len(self), size=num_samples, p=self.probability)
        return FactorTable(
            self.factors,
            self.values[rows],
            np.full(num_samples, 1 / num_samples),
            self.independent,
            complete=False,
        )


def full_grid(factors: tuple[Factor, ...]) -> FactorTable:
    """Every combination of independent factors, in C order (first factor slowest).

    >>> size, shape = Factor("size", (1.0, 2.0)), Factor("shape", (0.0, 1.0, 2.0))
    >>> full_grid((size, shape)).values.shape
    (6, 2)
    """
    axes = np.meshgrid(*(f.values for f in factors), indexing="ij")
    values = np.stack([axis.ravel() for axis in axes], axis=1)
    probability = np.full(len(values), 1 / len(values))
    return FactorTable(factors, values, probability, independent=True)
