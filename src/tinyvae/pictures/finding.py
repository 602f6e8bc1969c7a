"""Finds the form of pictures that a path or an object in Python holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.pictures.array_files import npy_source, npz_source
from tinyvae.pictures.arrays import array_source
from tinyvae.pictures.columns import parquet_source, table_source
from tinyvae.pictures.folder import ENDINGS, folder_source, list_source
from tinyvae.pictures.hdf5 import hdf5_source
from tinyvae.pictures.record import record_source
from tinyvae.pictures.source import Source
from tinyvae.tables.reading import CSV_ENDINGS, read_table

HDF5_ENDINGS = (".h5", ".hdf5", ".hdf")
WHAT = (
    "a folder of pictures, a file .npz, .npy, .h5, .parquet or .csv, an array, a data "
    "frame of numbers or a list of paths"
)


def find_source(
    images: Any, aside: Sequence[str] = (), labels: Path | None = None
) -> Source:
    """The pictures that a path, array, data frame or list of paths stands for.

    The names of files and arrays identify a data set of record (dSprites, Shapes3D,
    MPI3D, Cars3D, SmallNORB). Columns `aside` of a table are labels, not numbers;
    `labels` is the table of labels for the pictures.

    Raises: DataError if it is in no known form.
    """
    if isinstance(images, str | Path):
        return _at_path(Path(images).expanduser(), aside, labels)
    if isinstance(images, np.ndarray) or hasattr(images, "__array_interface__"):
        return array_source(_array(images))
    if hasattr(images, "columns") or hasattr(images, "column_names"):
        return table_source(read_table(images), aside)
    if isinstance(images, Sequence):
        if len(images) == 0:
            raise DataError("expected pictures, got an empty list.")
        if all(isinstance(entry, str | Path) for entry in images):
            return list_source(images)
        return array_source(_array(images))
    if hasattr(images, "__array__"):
        return array_source(_array(images))
    raise DataError(f"expected {WHAT}, got {type(images).__name__}.")


def _at_path(path: Path, aside: Sequence[str], labels: Path | None) -> Source:
    if not path.exists():
        raise DataError(f"expected {WHAT}, got {path}, which does not exist.")
    if (record := record_source(path)) is not None:
        return record
    if path.is_dir():
        return folder_source(path, labels)
    ending = path.suffix.lower()
    if ending == ".npz":
        return npz_source(path)
    if ending == ".npy":
        return npy_source(path)
    if ending in HDF5_ENDINGS:
        return hdf5_source(path)
    if ending in (".parquet", ".pq"):
        return parquet_source(path, aside)
    if ending in CSV_ENDINGS or path.name.lower().endswith(".csv.gz"):
        return table_source(read_table(path), aside)
    if ending in ENDINGS:
        raise DataError(
            f"expected a folder of pictures, got the single picture {path}. Pass its "
            f"folder: {path.parent}."
        )
    raise DataError(f"expected {WHAT}, got {path}.")


def _array(images: Any) -> np.ndarray:
    try:
        array = np.asarray(images)
    except ValueError as error:
        raise DataError(
            f"expected one array, got pictures of different shapes ({error}). Bring "
            "them to one size, or save them as files in a folder and pass size."
        ) from None
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"expected an array of numbers, got type {array.dtype} of shape "
            f"{array.shape}. Pictures of different shapes do not fit into one array."
        )
    if array.ndim == 0:
        raise DataError("expected an array of pictures, got a single number.")
    return array
