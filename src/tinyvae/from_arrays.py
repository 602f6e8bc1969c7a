"""Plain arrays as a representation: codes and factors from any network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from tinyvae.copies import without_rounding
from tinyvae.errors import DataError
from tinyvae.factors import Factor, FactorTable
from tinyvae.representation import (
    FEWEST_ROWS,
    Kinds,
    Representation,
    every_combination,
    once_each,
)
from tinyvae.tables.arrays import array_of, coded, numbers_of


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
        factors: numbers or texts, (sample, factor). Texts are labels: categorical, with
            the different texts as levels.
        names: of the factors; by default f0, f1 and so on.
        kinds: of the factors: "ordered", "circular", "circular:PERIOD", "categorical".
        probability: of each row, (sample,), if the rows are the whole population.
        active: which latents carry information, (latent,); by default all that move.

    >>> found = representation_of(np.eye(10), np.arange(10.0)[:, None], names=["x"])
    >>> found.num_latents, found.table.names, found.table.complete
    (10, ('x',), False)

    Raises: DataError if the arrays cannot be scored.
    """
    found = every_row_of(
        codes,
        factors,
        names=names,
        kinds=kinds,
        probability=probability,
        active=active,
    )
    return once_each(found) if probability is None else found


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
    codes, factors = array_of(codes, "codes"), array_of(factors, "factors")
    names = _factor_names(names, factors.shape[1])
    factors, kinds, levels = coded(factors, names, _kinds_in_order(kinds, names))
    codes, factors = numbers_of(codes, "codes"), numbers_of(factors, "factors")
    _check_rows(codes, factors)
    table = _table(_wrap_angles(factors, kinds), names, kinds, levels)
    if probability is not None:
        table = _population(table, probability)
    codes = without_rounding(codes)
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


def _check_rows(codes: np.ndarray, factors: np.ndarray) -> None:
    """Check that codes and factors have one row for each of enough samples."""
    if len(codes) != len(factors):
        wide = [len(array) < array.shape[1] for array in (codes, factors)]
        turned = ""
        if wide[0] and codes.shape[1] == len(factors):
            turned = " Samples are rows: give codes.T."
        elif wide[1] and factors.shape[1] == len(codes):
            turned = " Samples are rows: give factors.T."
        raise DataError(
            "expected codes and factors with one row for each sample, got "
            f"{len(codes)} rows of codes and {len(factors)} of factors.{turned}"
        )
    if len(codes) < FEWEST_ROWS:
        turned = codes.shape[1] == factors.shape[1] >= FEWEST_ROWS
        raise DataError(
            f"expected at least {FEWEST_ROWS} samples, got {len(codes)}: "
            "fewer give no meaningful score."
            f"{' Samples are rows: give codes.T and factors.T.' if turned else ''}"
        )


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


def _table(
    factors: Float[np.ndarray, "sample factor"],
    names: tuple[str, ...],
    kinds: Sequence[str],
    level_names: Sequence[tuple[str, ...]],
) -> FactorTable:
    found = tuple(
        _factor(name, column, kind, texts)
        for name, column, kind, texts in zip(
            names, factors.T, kinds, level_names, strict=True
        )
    )
    complete = every_combination(factors)
    probability = np.full(len(factors), 1 / len(factors))
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


def _factor(name: str, column, kind: str, levels: tuple[str, ...]) -> Factor:
    kind, _, period = kind.partition(":")
    try:
        turn = float(period) if period else None
    except ValueError:
        raise DataError(
            f"factor {name!r}: expected a period that is a number, such as "
            f"circular:360, got {period!r}."
        ) from None
    try:
        values = tuple(np.unique(column).tolist())
        return Factor(name, values, "", kind, turn, levels)
    except ValueError as error:
        raise DataError(
            f"{str(error).rstrip('.')}. Kinds are ordered, circular, circular:PERIOD "
            "and categorical."
        ) from None


def _kinds_in_order(
    kinds: Kinds | None, names: tuple[str, ...]
) -> Sequence[str | None]:
    """The declared kind of each factor, None where none is declared."""
    if kinds is None:
        return [None] * len(names)
    if isinstance(kinds, str):
        return [kinds] * len(names)
    if isinstance(kinds, Mapping):
        if unknown := set(kinds) - set(names):
            raise DataError(
                f"expected kinds of the factors {', '.join(names)}, "
                f"got one of {sorted(unknown)[0]!r}."
            )
        return [kinds.get(name) for name in names]
    if not hasattr(kinds, "__len__"):
        raise DataError(f"expected a list of kinds of the factors, got {kinds!r}.")
    if len(kinds) != len(names):
        raise DataError(
            f"expected {len(names)} kinds, one for each factor, got {kinds!r}."
        )
    return [str(kind) for kind in kinds]
