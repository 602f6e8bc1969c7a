"""Codes in any holder: arrays, tensors, frames, xarray, sparse matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

from tinyvae.errors import DataError
from tinyvae.frames.rows import RowNames, row_names
from tinyvae.tables.arrays import check_one_array
from tinyvae.tables.choosing import chosen

# names of columns, or patterns such as "z*"
Columns = str | Sequence[str]


class Codes(NamedTuple):
    """Codes (sample, latent), the names of the latents, the names of the rows."""

    values: Shaped[np.ndarray, "sample latent"]
    names: tuple[str, ...]  # () where they have none
    rows: RowNames | None


def codes_of(held: Any, columns: Columns | None = None) -> Codes:
    """The codes that an object holds; of a frame, the columns that are named.

    Without `columns`, all columns of a frame are codes. Names of latents are those of
    the columns, or of a coordinate of an xarray.

    Raises: DataError if the object holds no matrix, or a column does not exist.
    """
    if hasattr(held, "columns") and not isinstance(held, np.ndarray):
        return _frame(held, columns)
    if columns is not None:
        raise DataError(
            f"expected columns of codes in a frame or in AnnData, got {columns!r} for "
            f"{type(held).__name__}. Leave `codes` out."
        )
    if hasattr(held, "dims") and hasattr(held, "coords"):
        return _xarray(held)
    return Codes(as_matrix(held), (), None)


def as_array(held: Any) -> Shaped[np.ndarray, "*shape"]:
    """An array of NumPy, JAX, PyTorch or scipy.sparse as NumPy."""
    for step in ("detach", "cpu", "toarray"):  # a tensor with gradients, on a device
        if hasattr(held, step):
            held = getattr(held, step)()
    return np.asarray(held)


def as_matrix(held: Any) -> Shaped[np.ndarray, "sample column"]:
    """The same with two axes; a single column may have one.

    Raises: DataError if it has any other number of axes.
    """
    check_one_array(held, "codes")
    array = as_array(held)
    if array.ndim == 1 and array.dtype.kind != "O":
        array = array[:, None]
    if array.ndim != 2:
        raise DataError(
            f"expected codes of shape (sample, latent), got {type(held).__name__} of "
            f"shape {array.shape}. Give one row for each sample."
        )
    return array


def chosen_columns(
    names: Sequence[str], columns: Columns, role: str, what: str
) -> list[str]:
    """The columns of these names or patterns; one text is one of them.

    Raises: DataError naming the columns if there is no such column.
    """
    wanted = [columns] if isinstance(columns, str) else columns
    return chosen(what, names, [str(one) for one in wanted], role)


def _frame(frame: Any, columns: Columns | None) -> Codes:
    by_name = {str(name): name for name in frame.columns}
    names = list(by_name)
    if columns is not None:
        names = chosen_columns(names, columns, "codes", "the frame")
    cells = [np.asarray(frame[by_name[name]]) for name in names]
    texts = [n for n, c in zip(names, cells, strict=True) if c.dtype.kind not in "biuf"]
    if texts:
        raise DataError(
            f"expected columns of codes that hold numbers, got {texts[0]!r} of "
            f"{frame[by_name[texts[0]]].dtype}. Name the columns of codes, such as "
            "codes='z*'."
        )
    return Codes(np.column_stack(cells).astype(float), tuple(names), row_names(frame))


def _xarray(array: Any) -> Codes:
    values = as_matrix(array.values)
    names: tuple[str, ...] = ()
    sample, *latent = [str(dim) for dim in array.dims]
    if latent and latent[0] in array.coords:
        names = tuple(str(name) for name in np.asarray(array.coords[latent[0]]))
    rows = None
    if sample in array.coords:
        labels = np.asarray(array.coords[sample])
        counts = labels.dtype.kind in "iu" and np.array_equal(
            labels, np.arange(len(labels))
        )
        rows = RowNames(labels, counts)
    return Codes(values, names, rows)
