"""Arrays of codes and factors: checked, with texts as labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from tinyvae.errors import ConfigError, DataError
from tinyvae.tables.kinds import LARGEST_NUMBER, Label, label_of
from tinyvae.tables.table import Table, column, is_missing
from tinyvae.wording import counted

SMALLEST_SPREAD = 1e-30
ROUNDING = 1  # units in the last place: a latent that moves less is constant
AXES = {"codes": "(sample, latent)", "factors": "(sample, factor)"}
ON_GAPS = {
    "codes": "Leave such rows out: full = np.isfinite(codes).all(axis=1), then "
    "codes[full] and the labels of the same rows",
    "factors": "Leave out such rows of factors and codes",
}
IN_COMMANDS = "; in a command: --missing drop."


def array_of(values: Any, what: str) -> Shaped[np.ndarray, "sample column"]:
    """An array with two axes, of numbers or texts; `what` is codes or factors.

    Objects that are all numbers become numbers.

    Raises: DataError if it is anything else.
    """
    check_one_array(values, what)
    if np.ma.is_masked(values):
        raise DataError(
            f"expected {what} without gaps, got a masked array with "
            f"{np.ma.count_masked(values)} entries masked. Leave those rows out."
        )
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(
            f"expected {what} as an array {AXES[what]}, "
            f"got {type(values).__name__}: {str(error).rstrip('.')}. "
            "Give a NumPy array; detach a tensor first."
        ) from None
    if array.dtype.names:
        raise DataError(
            f"expected {what} as a plain array {AXES[what]}, got a structured one with "
            f"the fields {', '.join(array.dtype.names)}. Convert it: "
            "numpy.lib.recfunctions.structured_to_unstructured(array)."
        )
    if array.dtype.kind not in "bfiuOUS":
        raise DataError(
            f"expected {what} that are real numbers, got {array.dtype}. Convert with "
            "astype(float), or select one part of complex numbers."
        )
    if array.ndim != 2 or 0 in array.shape:
        raise DataError(
            f"expected {what} of shape {AXES[what]}, at least one of each, got shape "
            f"{array.shape}.{_on_shape(array.shape, what)}"
        )
    if array.dtype.kind == "O":
        cells = [column(one) for one in array.T]
        if all(one.dtype != object for one in cells):
            return np.column_stack(cells)
    return array


def check_one_array(values: Any, what: str) -> None:
    """Refuse a tuple of matrices, such as the means and variances of an encoder.

    Raises: DataError saying to take the first.
    """
    if isinstance(values, tuple) and len(values) > 1:
        shapes = [tuple(getattr(one, "shape", ())) for one in values]
        if all(len(shape) > 1 for shape in shapes):
            raise DataError(
                f"expected {what} as one array {AXES[what]}, got a tuple of "
                f"{len(values)} arrays of shapes {', '.join(map(str, shapes))}. If "
                "these are means and log variances (mu, logvar), give the means only; "
                "an encoder: encode=lambda x: encoder(x)[0]."
            )


def _on_shape(shape: tuple[int, ...], what: str) -> str:
    if len(shape) == 1:
        return f" A single column is {what}[:, None]."
    if len(shape) > 2 and 0 not in shape:
        return (
            f" If the first axes count samples, {what}.reshape(-1, {shape[-1]}); if "
            f"only the first does, {what}.reshape({shape[0]}, -1)."
        )
    return ""


def numbers_of(
    array: Shaped[np.ndarray, "sample column"], what: str
) -> Float[np.ndarray, "sample column"]:
    """The array as finite numbers, constant where it differs by rounding only.

    Raises: DataError if it holds texts, gaps or numbers that are too large.
    """
    if array.dtype.kind in "OUS":
        kind = "Python objects" if array.dtype.kind == "O" else "strings"
        raise DataError(
            f"expected {what} that are real numbers, got {kind}. Convert them: "
            f"{what}.astype(float)."
        )
    precision = np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0.0
    if what == "codes":  # from 32-bit networks, whatever their type is now
        precision = max(precision, np.finfo(np.float32).eps)
    array = array.astype(float)
    bad = ~(np.abs(array) < LARGEST_NUMBER)  # NaN too
    if bad.any():
        row, number = np.argwhere(bad)[0]
        raise DataError(
            f"expected finite {what}, got {array[row, number]} in row {row} of the "
            f"array, column {number} ({np.count_nonzero(bad)} such values in all)."
            f" {ON_GAPS[what]}{IN_COMMANDS}"
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


class Coded(NamedTuple):
    """Factors as numbers, with the kind of each, and the names of its levels if any."""

    values: Shaped[np.ndarray, "sample factor"]
    kinds: list[str]
    levels: list[tuple[str, ...]]


def coded(
    factors: Shaped[np.ndarray, "sample factor"],
    names: Sequence[str],
    kinds: Sequence[str | None],
) -> Coded:
    """The factors as numbers: texts are labels, unless they are numbers as texts.

    A factor without a declared kind is categorical if it holds texts, else ordered.

    Raises: DataError naming the row of a text that does not fit, or is missing.
    """
    none = [()] * len(names)
    if factors.dtype.kind not in "OUS":
        return Coded(factors, [kind or "ordered" for kind in kinds], none)
    columns = {name: column(one) for name, one in zip(names, factors.T, strict=True)}
    table = Table("", columns, of_array=True)
    labels = [
        _label(table, name, kind) for name, kind in zip(names, kinds, strict=True)
    ]
    return Coded(
        np.column_stack([label.values for label in labels]),
        [kind or label.factor.kind for kind, label in zip(kinds, labels, strict=True)],
        [label.factor.levels for label in labels],
    )


def _label(table: Table, name: str, kind: str | None) -> Label:
    gaps = is_missing(table.columns[name])
    if gaps.any():
        raise DataError(
            f"expected a value of factor {name!r} in each row, got none in "
            f"{table.place(int(np.argmax(gaps)))} "
            f"({counted(int(gaps.sum()), 'such row')} in all). {ON_GAPS['factors']}"
            f"{IN_COMMANDS}"
        )
    try:
        return label_of(table, name, kind)
    except (DataError, ConfigError) as error:
        raise DataError(str(error).removeprefix(": ")) from None
