"""Pictures of an array in memory, and blocks of consecutive rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinyvae.pictures.source import Blocks
from tinyvae.tables.table import RowNumbers

BLOCK_BYTES = 2**24  # per block


def array_source(array: np.ndarray, what: str = "array") -> Blocks:
    """Pictures of an array in memory, which need no cache."""
    return Blocks(
        what=what,
        shape=array.shape,
        dtype=array.dtype,
        blocks=lambda: blocks_of(array),
        names=RowNumbers(len(array)),
        identity=(),
        resident=array,
    )


def blocks_of(array: Any) -> Iterator[np.ndarray]:
    """Consecutive rows of an array, or of anything that is sliced like one."""
    size = block_rows(array.shape, np.dtype(array.dtype).itemsize)
    for start in range(0, len(array), size):
        yield np.asarray(array[start : start + size])


def block_rows(shape: tuple[int, ...], itemsize: int) -> int:
    """Number of rows in a block."""
    each = itemsize * int(np.prod(shape[1:], dtype=object))
    return max(1, BLOCK_BYTES // max(1, each))
