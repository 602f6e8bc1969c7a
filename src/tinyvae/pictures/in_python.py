"""Pictures and labels that are objects in Python, not files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.pictures.arrays import blocks_of
from tinyvae.tables.reading import read_table
from tinyvae.tables.table import Table


@dataclass(frozen=True, eq=False)
class InPython:
    """What settings cannot hold: arrays, frames, and the folder of their run."""

    images: Any = None
    labels: Table | None = None
    folder: Path | None = None


def name_of_pictures(images: Any) -> str:
    """A name for pictures in Python that depends on their contents."""
    if hasattr(images, "columns") or hasattr(images, "column_names"):
        return name_of_table(read_table(images))
    digest = hashlib.sha256()
    try:
        array = np.asarray(images)
        digest.update(repr((array.shape, array.dtype.str)).encode())
    except ValueError:  # pictures of different shapes, which reading refuses later
        array = np.array(None, object)
    if array.dtype.kind in "biuf" and array.ndim:
        for block in blocks_of(array):
            digest.update(np.ascontiguousarray(block).data)
    else:
        digest.update(repr(images).encode())  # paths
    return f"array:{digest.hexdigest()[:16]}"


def name_of_table(table: Table | None) -> str:
    """A name for a table in Python that depends on its contents."""
    digest = hashlib.sha256()
    for name, cells in (table.columns if table is not None else {}).items():
        digest.update(repr((name, cells.tolist())).encode())
    return f"array:{digest.hexdigest()[:16]}"
