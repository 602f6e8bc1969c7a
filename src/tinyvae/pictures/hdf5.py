"""Pictures in an HDF5 file, read block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.pictures.arrays import blocks_of
from tinyvae.pictures.source import Blocks, Known, identity_of
from tinyvae.tables.table import RowNumbers


def hdf5_source(
    path: Path,
    name: str | None = None,
    *,
    zero_or_one: bool = False,
    known: Known | None = None,
) -> Blocks:
    """Pictures of an HDF5 file: its `images`, or its only set of 3 or 4 dimensions.

    Data sets of one number or text per picture are labels.

    Raises: DataError if there is no such data set, or the file is damaged.
    """
    sets = data_sets(path)
    chosen = name or _chosen(path, sets)
    shape, dtype = sets[chosen]

    def blocks() -> Iterator[np.ndarray]:
        try:
            with opened(path) as file:
                yield from blocks_of(file[chosen])
        except (OSError, RuntimeError, KeyError) as error:
            raise DataError(
                f"{path}: expected a whole HDF5 file, got a damaged one ({error}). "
                "Copy it again."
            ) from None

    return Blocks(
        what=str(path),
        shape=shape,
        dtype=dtype,
        blocks=blocks,
        names=RowNumbers(shape[0]),
        identity=identity_of(path),
        known=known or Known(_columns(path, sets, chosen)),
        zero_or_one=zero_or_one,
    )


def opened(path: Path) -> Any:
    """The file, open for reading.

    Raises: DataError if h5py is not installed, or it is not an HDF5 file.
    """
    try:
        import h5py
    except ImportError:
        raise DataError(
            f"{path}: HDF5 needs the package h5py, which is not installed: "
            "pip install 'tinyvae[hdf5]', or save the pictures as .npz."
        ) from None
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise DataError(
            f"{path}: expected an HDF5 file, got one that cannot be read ({error})."
        ) from None


def data_sets(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and type of every data set, by its path in the file."""
    found: dict[str, tuple[tuple[int, ...], np.dtype]] = {}

    def note(name: str, entry: Any) -> None:
        if hasattr(entry, "shape") and entry.shape:
            found[name] = tuple(entry.shape), entry.dtype

    with opened(path) as file:
        file.visititems(note)
    return found


def read_set(path: Path, name: str) -> np.ndarray:
    """One data set, whole; texts as str."""
    with opened(path) as file:
        values = np.asarray(file[name])
    if values.dtype.kind == "O":
        decoded = np.empty(values.shape, object)
        for index, value in enumerate(values.ravel()):
            text = value.decode() if isinstance(value, bytes) else value
            decoded.reshape(-1)[index] = text
        return decoded
    return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values


def _chosen(path: Path, sets: dict[str, tuple[tuple[int, ...], np.dtype]]) -> str:
    if "images" in sets:
        return "images"
    many = [name for name, (shape, _) in sets.items() if len(shape) in (3, 4)]
    if len(many) == 1:
        return many[0]
    listed = ", ".join(f"{name} {shape}" for name, (shape, _) in sets.items())
    raise DataError(
        f"{path}: expected a data set called images, or a single one of 3 or 4 "
        f"dimensions, got {listed or 'none'}."
    )


def _columns(path: Path, sets: dict[str, Any], images: str) -> dict[str, np.ndarray]:
    count = sets[images][0][0]
    return {
        name: read_set(path, name)
        for name, (shape, _) in sets.items()
        if shape == (count,) and name != images
    }
