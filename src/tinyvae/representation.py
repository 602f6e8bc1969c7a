"""Codes with true factors: everything that a score may see."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.copies import rows_that_count
from tinyvae.errors import DataError
from tinyvae.factors import Factor, FactorTable

FEWEST_ROWS = 10  # fewer rows of a sample give no meaningful score
LARGEST_VALUE = 1e30  # so that squares and sums of squares stay finite
SMALLEST_SPREAD = 1e-30
ROUNDING = 1  # units in the last place: a latent that moves less is constant

# kind of each factor, in order or by name: "ordered" (default), "categorical",
# "circular" or, with its period, such as "circular:360"
Kinds = Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Representation:
    """Codes of pictures, with the factors that the pictures show.

    `codes[i]` is the code (posterior mean) of the picture that shows row i of
    `table`. `active[j]` says that latent j carries information; inactive latents are
    not matched with factors. `rows_given` is the number of rows that came, where copies
    among them were left out (`once_each`).
    """

    codes: Float[np.ndarray, "sample latent"]
    table: FactorTable
    active: Bool[np.ndarray, " latent"]
    rows_given: int | None = None

    def __post_init__(self):
        if self.codes.ndim != 2 or len(self.codes) != len(self.table):
            raise ValueError(
                "expected codes of shape (sample, latent) with one row for each of "
                f"the {len(self.table)} rows of factors, got {self.codes.shape}."
            )
        if not np.isfinite(self.codes).all():
            raise ValueError(
                "expected finite codes, got "
                f"{np.count_nonzero(~np.isfinite(self.codes))} that are NaN or "
                "infinite: the network has diverged, or the file is damaged."
            )
        if self.active.shape != (self.codes.shape[1],):
            raise ValueError(
                f"expected one `active` flag for each of the {self.codes.shape[1]} "
                f"latents, got shape {self.active.shape}."
            )

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors, in the order of the columns of `table.values`."""
        return self.table.factors

    @property
    def num_latents(self) -> int:
        """Number of latents."""
        return self.codes.shape[1]

    @property
    def latent_names(self) -> tuple[str, ...]:
        """z0, z1 and so on."""
        return tuple(f"z{latent}" for latent in range(self.num_latents))

    @property
    def copies_note(self) -> str | None:
        """A sentence on the copies that were left out, None if there were none."""
        if self.rows_given is None:
            return None
        return (
            f"{self.rows_given} rows, of which {len(self.codes)} differ; each is used "
            "once"
        )


def once_each(representation: Representation) -> Representation:
    """The representation without rows that are copies of others (`rows_that_count`).

    Nothing is left out of a whole population, or where codes are discrete.
    """
    table, codes = representation.table, representation.codes
    if table.complete or not table.uniform:
        return representation
    rows = rows_that_count(codes, table.values)
    if len(rows) == len(codes):
        return representation
    kept = replace(
        table,
        values=table.values[rows],
        probability=np.full(len(rows), 1 / len(rows)),
    )
    return Representation(codes[rows], kept, representation.active, len(codes))


def representation_of(
    codes: Any,
    factors: Any,
    *,
    names: Sequence[str] | None = None,
    kinds: Kinds | None = None,
    probability: Any = None,
    active: Any = None,
) -> Representation:
    """Plain arrays as a representation, to score the codes of any network.

    Rows are a random sample, unless they are every combination of at least two
    factors, each once: then they are the whole population. Rows that are copies of
    others are used once (`rows_that_count`); `every_row_of` keeps them.

    Args:
        codes: numbers, (sample, latent), from any framework.
        factors: numbers, (sample, factor); labels as whole numbers.
        names: of the factors; by default f0, f1 and so on.
        kinds: of the factors: "ordered", "circular", "circular:PERIOD", "categorical".
        probability: of each row, (sample,), if the rows are the whole population.
        active: which latents carry information, (latent,); by default all that move.

    >>> found = representation_of(np.eye(10), np.arange(10.0)[:, None], names=["x"])
    >>> found.num_latents, found.table.names, found.table.complete
    (10, ('x',), False)

    Raises: DataError if the arrays cannot be scored.
    """
    codes, factors = _codes_and_factors(codes, factors)
    num_given, rows = len(codes), slice(None)
    if probability is None:
        rows = rows_that_count(codes, factors)
    found = every_row_of(
        codes[rows],
        factors[rows],
        names=names,
        kinds=kinds,
        probability=probability,
        active=active,
    )
    if len(found.codes) == num_given:
        return found
    return replace(found, rows_given=num_given)


def every_row_of(
    codes: Any,
    factors: Any,
    *,
    names: Sequence[str] | None = None,
    kinds: Kinds | None = None,
    probability: Any = None,
    active: Any = None,
) -> Representation:
    """Plain arrays as a representation, copies and all: see `representation_of`.

    Raises: DataError if the arrays cannot be scored.
    """
    codes, factors = _codes_and_factors(codes, factors)
    names = _factor_names(names, factors.shape[1])
    kinds = _kinds_in_order(kinds, names)
    table = _table(_wrap_angles(factors, kinds), names, kinds)
    if probability is not None:
        table = _population(table, probability)
    moves = np.ptp(codes, axis=0) > 0
    if active is not None:
        flags = np.asarray(active)
        if flags.shape != moves.shape or not np.isin(flags, [False, True]).all():
            raise DataError(
                f"expected {len(moves)} flags (true or false), one for each latent, "
                f"got {active!r}."
            )
        moves = moves & flags.astype(bool)
    return Representation(codes, table, moves)


def _codes_and_factors(
    codes: Any, factors: Any
) -> tuple[Float[np.ndarray, "sample latent"], Float[np.ndarray, "sample factor"]]:
    """Both as arrays of finite numbers, with enough rows."""
    codes, factors = _numbers(codes, "codes"), _numbers(factors, "factors")
    if len(codes) != len(factors):
        raise DataError(
            "expected codes and factors with one row for each sample, got "
            f"{len(codes)} rows of codes and {len(factors)} of factors."
        )
    if len(codes) < FEWEST_ROWS:
        raise DataError(
            f"expected at least {FEWEST_ROWS} samples, got {len(codes)}: "
            "fewer give no meaningful score."
        )
    return codes, factors


def _numbers(values: Any, what: str) -> Float[np.ndarray, "sample column"]:
    """An array of finite numbers with two axes.

    Raises: DataError if it is anything else.
    """
    column = "latent" if what == "codes" else "factor"
    if np.ma.is_masked(values):
        raise DataError(
            f"expected {what} without gaps, got a masked array with "
            f"{np.ma.count_masked(values)} entries masked. Leave those rows out."
        )
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(
            f"expected {what} as an array (sample, {column}), "
            f"got {type(values).__name__}: {str(error).rstrip('.')}. "
            "Give a NumPy array; detach a tensor first."
        ) from None
    if array.dtype.kind in "OUS":
        kind = "Python objects" if array.dtype.kind == "O" else "strings"
        raise DataError(
            f"expected {what} that are real numbers, got {kind}. Give labels as "
            "whole numbers: numpy.unique(labels, return_inverse=True)[1]."
        )
    if array.dtype.kind not in "bfiu":
        raise DataError(
            f"expected {what} that are real numbers, got {array.dtype}. Convert with "
            "astype(float), or select one part of complex numbers."
        )
    if array.ndim != 2 or 0 in array.shape:
        raise DataError(
            f"expected {what} of shape (sample, {column}), at least one of each, "
            f"got shape {array.shape}. A single column is {what}[:, None]."
        )
    precision = np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0.0
    if what == "codes":  # from 32-bit networks, whatever their type is now
        precision = max(precision, np.finfo(np.float32).eps)
    array = array.astype(float)
    bad = ~(np.abs(array) < LARGEST_VALUE)  # NaN too
    if bad.any():
        row, number = np.argwhere(bad)[0]
        raise DataError(
            f"expected finite {what}, got {array[row, number]} in row {row}, column "
            f"{number} ({np.count_nonzero(bad)} such values in all)."
        )
    spread = np.ptp(array, axis=0)
    if ((spread > 0) & (spread < SMALLEST_SPREAD)).any():
        raise DataError(
            f"expected {what} that differ by {SMALLEST_SPREAD:g} or more, got a column "
            f"that spans {spread[spread > 0].min():g}. Rescale it."
        )
    largest = np.abs(array).max(axis=0)
    constant = spread <= ROUNDING * precision * largest
    array[:, constant] = array[0, constant]
    # keeps the digits of a small range far from 0, such as time stamps
    far = (spread < 1e-3 * largest) & ~constant
    return array - np.where(far, array.min(axis=0), 0.0)


def _factor_names(names: Sequence[str] | None, num_factors: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"f{factor}" for factor in range(num_factors))
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise DataError(f"expected a list of names of the factors, got {names!r}.")
    found = tuple(str(name) for name in names)
    if len(found) != num_factors or len(set(found)) != num_factors:
        raise DataError(
            f"expected {num_factors} different names, one for each factor, "
            f"got {list(found)}."
        )
    return found


def _wrap_angles(
    factors: Float[np.ndarray, "sample factor"], kinds: Sequence[str]
) -> Float[np.ndarray, "sample factor"]:
    """The factors, with those of a given period within one turn: 370 becomes 10."""
    factors = factors.copy()
    for column, kind in zip(factors.T, kinds, strict=True):
        name, _, period = kind.partition(":")
        if name == "circular" and _is_number(period) and float(period) > 0:
            turn = float(period)
            column[:] = np.round(column / turn, 12) % 1 * turn
    return factors


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _table(factors, names: tuple[str, ...], kinds: Sequence[str]) -> FactorTable:
    found = tuple(
        _factor(name, column, kind)
        for name, column, kind in zip(names, factors.T, kinds, strict=True)
    )
    num_rows = len(factors)
    levels = [len(factor.values) for factor in found if len(factor.values) > 1]
    complete = (
        len(levels) > 1
        and float(np.prod(levels, dtype=float)) == num_rows
        and len(np.unique(factors, axis=0)) == num_rows
    )
    probability = np.full(num_rows, 1 / num_rows)
    # whether the factors of a sample are independent is unknown, and not needed
    return FactorTable(found, factors, probability, complete, complete)


def _population(table: FactorTable, probability: Any) -> FactorTable:
    """The table as a whole population with the given probabilities."""
    weight = np.asarray(probability, float)
    if (
        weight.shape != (len(table),)
        or not (weight >= 0).all()
        or not np.isclose(weight.sum(), 1)
    ):
        raise DataError(
            f"expected {len(table)} probabilities that add up to 1, got shape "
            f"{weight.shape} and a sum of {weight.sum():g}."
        )
    found = replace(table, probability=weight, complete=True)
    return replace(found, independent=table.complete and found.uniform)


def _factor(name: str, column, kind: str) -> Factor:
    kind, _, period = kind.partition(":")
    try:
        turn = float(period) if period else None
    except ValueError:
        raise DataError(
            f"factor {name!r}: expected a period that is a number, such as "
            f"circular:360, got {period!r}."
        ) from None
    try:
        return Factor(name, tuple(np.unique(column).tolist()), "", kind, turn)
    except ValueError as error:
        raise DataError(
            f"{str(error).rstrip('.')}. Kinds are ordered, circular, circular:PERIOD "
            "and categorical."
        ) from None


def _kinds_in_order(kinds: Kinds | None, names: tuple[str, ...]) -> Sequence[str]:
    if kinds is None:
        return ["ordered"] * len(names)
    if isinstance(kinds, Mapping):
        if unknown := set(kinds) - set(names):
            raise DataError(
                f"expected kinds of the factors {', '.join(names)}, "
                f"got one of {sorted(unknown)[0]!r}."
            )
        return [kinds.get(name, "ordered") for name in names]
    if isinstance(kinds, str) or not hasattr(kinds, "__len__"):
        raise DataError(f"expected a list of kinds of the factors, got {kinds!r}.")
    if len(kinds) != len(names):
        raise DataError(
            f"expected {len(names)} kinds, one for each factor, got {kinds!r}."
        )
    return [str(kind) for kind in kinds]
