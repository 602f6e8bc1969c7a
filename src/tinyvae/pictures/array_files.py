"""Pictures in .npy and .npz files, read block by block and never unpickled."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.notes import Note
from tinyvae.pictures.arrays import block_rows, blocks_of
from tinyvae.pictures.source import Blocks, Known, identity_of
from tinyvae.tables.table import RowNumbers

NAMES = "names"  # array of an npz file with the names of the pictures
LABELS, LABEL_NAMES = "labels", "label_names"
DAMAGES = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)


def npy_source(path: Path) -> Blocks:
    """Pictures of a .npy file. Nothing is unpickled.

    Raises: DataError if it is damaged, or declares more than it holds.
    """
    with _opened(path) as stream:
        shape, dtype, fortran = read_declared(path, stream)
        held = path.stat().st_size - stream.tell()
    _check_size(path, shape, dtype, held)

    def blocks() -> Iterator[np.ndarray]:
        if fortran:
            yield from blocks_of(np.load(path, mmap_mode="r", allow_pickle=False))
            return
        with _opened(path) as stream:
            read_declared(path, stream)
            yield from _streamed(path, stream, shape, dtype)

    return Blocks(
        str(path), shape, dtype, blocks, RowNumbers(shape[0]), identity_of(path)
    )


def npz_source(
    path: Path,
    array: str | None = None,
    *,
    zero_or_one: bool = False,
    known: Known | None = None,
) -> Blocks:
    """Pictures of an .npz file: array `images`, or the only one of 3 or 4 dimensions.

    Other arrays of one number or text per picture are labels; `names` are the names of
    the pictures. The array is unpacked as a stream, never as a whole.

    Raises: DataError if there is no such array, or the file is damaged.
    """
    declared = declared_arrays(path)
    name = array or _chosen(path, declared)
    shape, dtype, fortran = declared[name]
    if not shape or (fortran and len(shape) > 1):
        raise DataError(
            f"{path}: expected array {name!r} of pictures in C order, got "
            f"shape {shape}, Fortran order {fortran}. Save "
            "numpy.ascontiguousarray(array)."
        )

    def blocks() -> Iterator[np.ndarray]:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as stream:
            read_declared(path, stream)
            yield from _streamed(path, stream, shape, dtype)

    names = RowNumbers(declared[name][0][0])
    if NAMES in declared and declared[NAMES][0] == shape[:1]:
        names = [str(text) for text in small_array(path, NAMES)]
    return Blocks(
        what=str(path),
        shape=shape,
        dtype=dtype,
        blocks=blocks,
        names=names,
        identity=identity_of(path),
        known=known or Known(_columns(path, declared, name)),
        zero_or_one=zero_or_one,
        notes=() if known else _not_labels(declared, name),
    )


def declared_arrays(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype, bool]]:
    """Shape, type and order of each array of an npz file, from the headers alone.

    Arrays of Python objects are left out: reading them could run code.

    Raises: DataError if it is not an npz file.
    """
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.filename.endswith(".npy"):
                    continue
                with archive.open(info) as stream:
                    shape, dtype, fortran = _header(path, stream)
                    held = info.file_size - stream.tell()
                if not dtype.hasobject:
                    _check_size(path, shape, dtype, held)
                    found[info.filename.removesuffix(".npy")] = shape, dtype, fortran
    except DAMAGES as error:
        raise _damaged(path, error) from None
    return found


def small_array(path: Path, name: str) -> np.ndarray:
    """One array of an npz file, whole. Nothing is unpickled."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
    except DAMAGES as error:
        raise _damaged(path, error) from None


def read_declared(path: Path, stream: IO) -> tuple[tuple[int, ...], np.dtype, bool]:
    """Shape, type and Fortran order that the header of an npy file declares.

    Raises: DataError if it is damaged, or holds Python objects.
    """
    try:
        shape, dtype, fortran = _header(path, stream)
    except DAMAGES as error:
        raise _damaged(path, error) from None
    if dtype.hasobject:
        raise DataError(
            f"{path}: expected numbers, got Python objects, which could run code when "
            "they are read. Pictures of different sizes do not fit into one array: "
            "save them as files in a folder."
        )
    if not shape:
        raise DataError(f"{path}: expected an array of pictures, got a single number.")
    return shape, dtype, fortran


def _header(path: Path, stream: IO) -> tuple[tuple[int, ...], np.dtype, bool]:
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise DataError(f"{path}: expected npy format 1 or 2, got {version}.")
    shape, fortran, dtype = read(stream)
    return shape, dtype, fortran


def _streamed(
    path: Path, stream: IO, shape: tuple[int, ...], dtype: np.dtype
) -> Iterator[np.ndarray]:
    size = block_rows(shape, dtype.itemsize)
    each = dtype.itemsize * int(np.prod(shape[1:], dtype=object))
    for start in range(0, shape[0], size):
        rows = min(size, shape[0] - start)
        try:
            content = stream.read(rows * each)
        except DAMAGES as error:
            raise _damaged(path, error) from None
        if len(content) < rows * each:
            raise DataError(
                f"{path}: expected {shape[0]} pictures, but the file ends within "
                f"picture {start + len(content) // max(1, each)}. Copy it again."
            )
        yield np.frombuffer(content, dtype).reshape(rows, *shape[1:])


def _chosen(path: Path, declared: dict[str, Any]) -> str:
    shapes = {name: shape for name, (shape, _, _) in declared.items()}
    if "images" in shapes:
        return "images"
    many = [name for name, shape in shapes.items() if len(shape) in (3, 4)]
    if len(many) == 1:
        return many[0]
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"
    raise DataError(
        f"{path}: expected an array called images, or a single one of 3 or 4 "
        f"dimensions, got {listed}. Save it with numpy.savez(file, images=...)."
    )


def _columns(path: Path, declared: dict[str, Any], name: str) -> dict[str, np.ndarray]:
    """Labels in the file: arrays of one entry per picture, or a table with names."""
    count = int(declared[name][0][0])
    shapes = {other: shape for other, (shape, _, _) in declared.items()}
    if LABEL_NAMES in shapes and shapes.get(LABELS, ())[:1] == (count,):
        titles = [str(text) for text in small_array(path, LABEL_NAMES)]
        table = small_array(path, LABELS)
        if table.shape == (count, len(titles)):
            return dict(zip(titles, table.T, strict=True))
    return {
        other: small_array(path, other)
        for other, shape in shapes.items()
        if shape == (count,) and other not in (name, NAMES)
    }


def _not_labels(declared: dict[str, Any], name: str) -> tuple[Note, ...]:
    """A note on each array of one axis whose entries are not one per picture."""
    count = int(declared[name][0][0])
    return tuple(
        Note(
            "left out",
            f"array {other!r}: it has {shape[0]} entries, and there are {count} "
            "pictures",
        )
        for other, (shape, _, _) in declared.items()
        if len(shape) == 1 and shape[0] != count and other not in (NAMES, LABEL_NAMES)
    )


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}.") from None


def _check_size(path: Path, shape: tuple[int, ...], dtype: np.dtype, held: int) -> None:
    size = dtype.itemsize * int(np.prod(shape, dtype=object))
    if size > held:
        raise DataError(
            f"{path}: expected an array as large as it declares, {size} bytes (shape "
            f"{shape}), got {held} bytes. The file is damaged or cut short."
        )


def _damaged(path: Path, error: BaseException) -> DataError:
    if isinstance(error, DataError):
        return error
    reason = str(error).strip().rstrip(".") or type(error).__name__
    return DataError(
        f"{path}: expected a whole .npy or .npz file, got a damaged one ({reason}). "
        "Save it again with numpy.savez(file, images=...)."
    )
