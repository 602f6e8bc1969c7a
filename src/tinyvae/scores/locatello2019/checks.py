"""Checks of the scores' input; each raises DataError."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinyvae.errors import DataError


def check_sample(codes: np.ndarray, factors: np.ndarray) -> None:
    """Codes and integer factors of the same rows, at least one."""
    check_codes(codes)
    _check_is_array(factors, "factors")
    if factors.ndim != 2 or factors.shape[1] == 0:
        raise DataError(
            f"expected factors of shape (sample, factor), got {factors.shape}."
        )
    if len(codes) != len(factors):
        raise DataError(
            "expected codes and factors with one row for each sample, "
            f"got {len(codes)} and {len(factors)} rows."
        )
    if not np.issubdtype(factors.dtype, np.integer):
        raise DataError(
            f"expected factors that are integer indices, got {factors.dtype}. Number "
            "the levels with numpy.unique(factor, return_inverse=True)."
        )


def check_codes(codes: np.ndarray) -> None:
    """Finite codes of shape (sample, latent), at least one of each."""
    _check_is_array(codes, "codes")
    if codes.ndim != 2 or codes.size == 0:
        raise DataError(f"expected codes of shape (sample, latent), got {codes.shape}.")
    finite = np.isfinite(codes).all(axis=1)
    if not finite.all():
        raise DataError(
            "expected finite codes, got NaN or infinity in row "
            f"{np.flatnonzero(~finite)[0]}."
        )


def _check_is_array(values: object, what: str) -> None:
    """An array, not a list, so that the type of its numbers is known."""
    if not (hasattr(values, "dtype") and hasattr(values, "ndim")):
        raise DataError(
            f"expected {what} as an array, got {type(values).__name__}. "
            "Convert with numpy.asarray."
        )


def check_test_sample(
    codes: np.ndarray,
    factors: np.ndarray,
    test_codes: np.ndarray,
    test_factors: np.ndarray,
) -> None:
    """A sample, and a test sample of the same latents and factors."""
    check_sample(codes, factors)
    check_sample(test_codes, test_factors)
    columns = codes.shape[1], factors.shape[1]
    test_columns = test_codes.shape[1], test_factors.shape[1]
    if columns != test_columns:
        raise DataError(
            f"expected a test sample of {columns[0]} latents and {columns[1]} "
            f"factors, got {test_columns[0]} and {test_columns[1]}."
        )


def check_at_least_two(number: int, what: str) -> None:
    """At least two of `what`, since the score compares them."""
    if number < 2:
        raise DataError(
            f"expected at least 2 {what}, got {number}: the score compares them."
        )


def check_factors_vary(factors: np.ndarray) -> None:
    """At least two levels of every factor."""
    constant = np.flatnonzero(np.ptp(factors, axis=0) == 0)
    if constant.size:
        raise DataError(
            "expected at least 2 levels of every factor, got a single one in column "
            f"{constant[0]}. Leave that factor out."
        )


def check_same_levels(factors: np.ndarray, test_factors: np.ndarray) -> None:
    """The same levels of each factor in both samples."""
    for column, (factor, test_factor) in enumerate(
        zip(factors.T, test_factors.T, strict=True)
    ):
        differing = np.setxor1d(factor, test_factor)
        if differing.size:
            raise DataError(
                f"expected the same levels of factor {column} in both samples, got "
                f"level {differing[0]} in one of them. Draw larger samples."
            )


def check_grid(codes: np.ndarray, factor_sizes: Sequence[int]) -> None:
    """A code for each combination of two factors or more."""
    check_codes(codes)
    check_at_least_two(len(factor_sizes), "factors")
    if min(factor_sizes) < 1 or math.prod(factor_sizes) != len(codes):
        raise DataError(
            "expected a code for every combination of the factors, got "
            f"{len(codes)} codes for factors of sizes {tuple(factor_sizes)}."
        )
