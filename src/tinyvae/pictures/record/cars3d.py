"""Cars3D: cars from all sides, from the user's folder of .mat files, one per car."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import io

from tinyvae.errors import DataError
from tinyvae.notes import Note
from tinyvae.pictures.record.grid import grid_known, levels, steps, turn
from tinyvae.pictures.source import Blocks, identity_of
from tinyvae.tables.table import RowNumbers
from tinyvae.wording import counted

NAME = "im"  # array of each file: (height, width, colour, azimuth, elevation)


def cars3d_source(path: Path) -> Blocks | None:
    """Cars3D, if a folder holds .mat files with an array `im` of five dimensions.

    Cars are in the order of their file names; in each file, the elevation is fastest.

    Raises: DataError if a file is damaged or its shape differs from the first.
    Source: Reed et al. (2015), Deep visual analogy-making.
    """
    files = sorted(path.glob("*.mat")) if path.is_dir() else []
    shapes = {file: shape for file in files if (shape := _shape(file)) is not None}
    if not shapes:
        return None
    cars = list(shapes)
    first = shapes[cars[0]]
    for file, shape in shapes.items():
        if shape != first:
            raise DataError(
                f"{file}: expected {NAME} of shape {first}, as in {cars[0].name}, "
                f"got {shape}."
            )
    height, width, colours, azimuths, elevations = first
    known = grid_known(
        (
            levels("car", *(file.stem for file in cars)),
            turn("azimuth", azimuths),
            steps("elevation", elevations),
        )
    )
    count = len(cars) * azimuths * elevations
    skipped = tuple(file.name for file in files if file not in shapes)
    notes = [
        Note("left out", f"{counted(len(skipped), 'file')} without a car", skipped)
    ]
    return Blocks(
        what=str(path),
        shape=(count, height, width, colours),
        dtype=np.dtype(np.uint8),
        blocks=lambda: _blocks(cars),
        names=RowNumbers(count),
        identity=identity_of(*cars),
        known=known,
        notes=tuple(notes) if skipped else (),
    )


def _shape(file: Path) -> tuple[int, ...] | None:
    """The shape of a file's pictures; None if it has none."""
    try:
        with file.open("rb") as stream:
            if not stream.read(6) == b"MATLAB":
                return None
        listed = {name: (shape, kind) for name, shape, kind in io.whosmat(file)}
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError) as error:
        raise DataError(f"{file}: expected a MATLAB file, got {error}.") from None
    shape, kind = listed.get(NAME, ((), ""))
    return tuple(shape) if len(shape) == 5 and kind == "uint8" else None


def _blocks(cars: list[Path]) -> Iterator[np.ndarray]:
    for file in cars:
        try:
            pictures = io.loadmat(file, variable_names=[NAME])[NAME]
        except (OSError, ValueError, TypeError, KeyError, EOFError) as error:
            raise DataError(
                f"{file}: expected a whole MATLAB file, got a damaged one ({error})."
            ) from None
        ordered = pictures.transpose(3, 4, 0, 1, 2)
        yield np.ascontiguousarray(ordered.reshape(-1, *pictures.shape[:3]))
