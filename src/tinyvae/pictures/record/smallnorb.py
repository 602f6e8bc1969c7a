"""SmallNORB: toys under a lamp, from the user's own binary matrix files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.notes import Note
from tinyvae.pictures.arrays import block_rows
from tinyvae.pictures.record.grid import levels, steps, turn
from tinyvae.pictures.source import Blocks, Known, identity_of
from tinyvae.tables.table import RowNumbers

TYPES = {0x1E3D4C55: "<u1", 0x1E3D4C54: "<i4"}  # by the first number of a file
CATEGORIES = ("animal", "human", "airplane", "truck", "car")
ENDING = "-dat.mat"


def smallnorb_source(path: Path) -> Blocks | None:
    """SmallNORB, if a path is a `...-dat.mat` file or a folder of such files.

    Each comes with `...-cat.mat` and `...-info.mat`. Several parts (training, testing)
    are joined in the order of their names. The first of the two cameras is used.

    Raises: DataError if one of the three is missing or damaged.
    Source: LeCun, Huang & Bottou (2004), Learning methods for generic object
    recognition with invariance to pose and lighting.
    """
    if path.is_dir():
        parts = sorted(path.glob(f"*{ENDING}"))
    else:
        parts = [path] if path.name.endswith(ENDING) else []
    parts = [part for part in parts if _is_matrix(part)]
    if not parts:
        return None
    shapes = [matrix_header(part)[1] for part in parts]
    for part, shape in zip(parts, shapes, strict=True):
        if len(shape) != 4 or shape[1] != 2 or shape[2:] != shapes[0][2:]:
            raise DataError(
                f"{part}: expected pictures of shape (sample, 2, height, width) as "
                f"SmallNORB has them, got {shape}."
            )
    count = sum(shape[0] for shape in shapes)
    known = _known(parts)
    return Blocks(
        what=str(path),
        shape=(count, *shapes[0][2:]),
        dtype=np.dtype(np.uint8),
        blocks=lambda: _blocks(parts),
        names=RowNumbers(count),
        identity=identity_of(*parts, *(_beside(p, "info") for p in parts)),
        known=known,
        notes=(Note("pictures", "the first of the two cameras"),),
    )


def matrix_header(path: Path) -> tuple[np.dtype, tuple[int, ...], int]:
    """Type and shape of a binary matrix, and where its numbers begin, in bytes.

    The file begins with a number for the type, the number of dimensions, and at least
    three lengths, all 32 bits, little endian.

    Raises: DataError if it is not such a file, or is shorter than it declares.
    """
    try:
        with path.open("rb") as stream:
            start = np.frombuffer(stream.read(8), "<i4")
            kind = TYPES.get(int(start[0])) if len(start) == 2 else None
            if kind is None or not 1 <= start[1] <= 8:
                raise DataError(f"{path}: expected a binary matrix of SmallNORB.")
            lengths = np.frombuffer(stream.read(4 * max(3, int(start[1]))), "<i4")
            place = stream.tell()
    except OSError as error:
        raise DataError(
            f"expected {path}, a part of SmallNORB: {error.strerror}."
        ) from None
    shape = tuple(int(length) for length in lengths[: start[1]])
    dtype = np.dtype(kind)
    needed = place + dtype.itemsize * int(np.prod(shape, dtype=object))
    if min(shape, default=0) < 1 or path.stat().st_size < needed:
        raise DataError(
            f"{path}: expected {needed} bytes for the shape {shape} that it declares, "
            f"got {path.stat().st_size}. Copy it again."
        )
    return dtype, shape, place


def read_matrix(path: Path) -> np.ndarray:
    """A binary matrix, whole."""
    dtype, shape, place = matrix_header(path)
    count = int(np.prod(shape))
    return np.fromfile(path, dtype, count, offset=place).reshape(shape)


def _is_matrix(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) in [
                np.int32(n).astype("<i4").tobytes() for n in TYPES
            ]
    except OSError:
        return False


def _beside(part: Path, what: str) -> Path:
    return part.with_name(part.name.removesuffix(ENDING) + f"-{what}.mat")


def _blocks(parts: list[Path]) -> Iterator[np.ndarray]:
    for part in parts:
        dtype, shape, place = matrix_header(part)
        rows = block_rows(shape, 1)
        each = int(np.prod(shape[1:]))
        for start in range(0, shape[0], rows):
            count = min(rows, shape[0] - start)
            flat = np.fromfile(part, dtype, count * each, offset=place + start * each)
            yield flat.reshape(count, *shape[1:])[:, 0]


def _known(parts: list[Path]) -> Known:
    category = np.concatenate([read_matrix(_beside(p, "cat")).ravel() for p in parts])
    info = np.concatenate([read_matrix(_beside(p, "info")) for p in parts])
    if info.shape != (len(category), 4):
        raise DataError(
            f"{_beside(parts[0], 'info')}: expected 4 numbers for each of the "
            f"{len(category)} pictures, got shape {info.shape}."
        )
    instance, elevation, azimuth, light = info.T.astype(np.float64)
    columns: dict[str, np.ndarray] = {
        "category": category.astype(np.float64),
        "instance": instance,
        "elevation": 30 + 5 * elevation,
        "azimuth": 10 * azimuth,  # 0, 2, ... 34 in the file
        "light": light,
    }
    factors: tuple[Factor, ...] = (
        levels("category", *CATEGORIES),
        levels("instance", *map(str, range(10))),
        steps("elevation", 9, 30.0, 5.0, "deg"),
        turn("azimuth", 18),
        levels("light", *map(str, range(6))),
    )
    return Known(columns, factors)
