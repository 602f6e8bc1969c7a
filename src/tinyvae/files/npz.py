"""Arrays in npz files: read without pickle, and checked before memory is taken."""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError, RunFolderError
from tinyvae.files.whole import write_whole

SMALL_ARRAY = 2**26  # bytes; the compression of smaller arrays is not checked
MOST_UNPACKED = 100
# what zipfile and numpy raise for files that are damaged or of an unreadable kind
DAMAGES = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,  # encrypted; also its subclass NotImplementedError, compression
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)
LARGEST_ARRAY = 4 * 2**30  # bytes; a larger array is treated as an error or an attack


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """Write arrays as a compressed npz file, whole or not at all.

    Raises: RunFolderError if the disk is full or not writable.
    """
    if not path.parent.is_dir():
        raise RunFolderError(f"expected a folder to write to, got {path.parent}.")
    if path.suffix != ".npz":
        raise RunFolderError(f"expected a file that ends in .npz, got {path}.")
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    write_whole(path, content.getvalue())


def array_names(path: Path) -> list[str]:
    """Names of the arrays in an npz file.

    Raises: DataError if it is not an npz file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [entry.removesuffix(".npy") for entry in archive.namelist()]
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is damaged or not an npz file: {error}.") from None


def read_array(path: Path, name: str) -> np.ndarray:
    """One array of an npz file. Nothing is unpickled.

    Raises: DataError if the file or the array is missing, damaged, holds objects, or
    declares more than it contains.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.removesuffix(".npy") for entry in archive.namelist()]
            if f"{name}.npy" not in archive.namelist():
                raise DataError(
                    f"{path}: expected an array {name!r}, got {', '.join(names)}. "
                    f"Save it with numpy.savez(file, {name}=...)."
                )
            info = archive.getinfo(f"{name}.npy")
            if info.file_size > max(SMALL_ARRAY, MOST_UNPACKED * info.compress_size):
                raise DataError(
                    f"{path}: {name!r} unpacks to {info.file_size} bytes, more than "
                    f"{MOST_UNPACKED} times its size in the file. It may be damaged "
                    "or harmful; save it with numpy.savez, uncompressed."
                )
            with archive.open(info) as stream:
                _check_header(path, name, stream, info.file_size)
            with archive.open(info) as stream:
                return np.lib.format.read_array(stream, allow_pickle=False)
    except FileNotFoundError:
        raise DataError(
            f"expected an npz file, got {path}, which does not exist."
        ) from None
    except DAMAGES as error:
        if isinstance(error, DataError):
            raise
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise DataError(
            f"{path} is damaged or not an npz file: {reason}. "
            f"Save arrays with numpy.savez(file, {name}=...)."
        ) from None


def read_npy(path: Path) -> np.ndarray:
    """The array of an npy file. Nothing is unpickled.

    Raises: DataError if the file is damaged, holds objects, or declares more than it
    contains.
    """
    try:
        with path.open("rb") as stream:
            _check_header(path, path.name, stream, path.stat().st_size)
            stream.seek(0)
            return np.lib.format.read_array(stream, allow_pickle=False)
    except DAMAGES as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is damaged or not an npy file: {error}.") from None


def _check_header(path: Path, name: str, stream, declared_bytes: int) -> None:
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise DataError(f"{path}: expected npy format 1 or 2, got {version}.")
    shape, _, dtype = read(stream)
    if dtype.hasobject:
        raise DataError(
            f"{path}: expected numbers or texts in {name!r}, got Python objects, which "
            "could run code when they are read. Save numbers with "
            "array.astype(float), and texts with array.astype(str)."
        )
    size = dtype.itemsize * int(np.prod(shape, dtype=object))
    if size > declared_bytes:
        raise DataError(
            f"{path}: {name!r} declares {size} bytes (shape {shape}), "
            f"but the file holds {declared_bytes}. It is damaged."
        )
    if size > LARGEST_ARRAY:
        raise DataError(
            f"{path}: expected at most {LARGEST_ARRAY} bytes in {name!r}, "
            f"got {size} (shape {shape}). Split the file."
        )


def checked_images(
    images: np.ndarray,
    image_shape: tuple[int, int, int],
    source: str = "images",
) -> Float[np.ndarray, "sample height width channel"]:
    """The pictures as 32-bit floats; `source` names them in messages.

    Grey pictures may omit the channel; rows of numbers may omit the height, too.

    Raises: DataError if the network cannot take their shape or pixels.
    """
    if images.dtype.kind not in "bfiu":
        raise DataError(
            f"{source}: expected pixels that are numbers, got {images.dtype}."
        )
    check_image_shape(images, image_shape, source)
    images = images.astype(np.float32).reshape(-1, *image_shape)
    finite = np.isfinite(images).all(axis=(1, 2, 3))
    if not finite.all():
        raise DataError(
            f"{source}: expected finite pixels, got NaN or infinity in image "
            f"{int(np.argmin(finite))}."
        )
    if images.min() < 0 or images.max() > 1:
        raise DataError(
            f"{source}: expected pixels in [0, 1], got {images.min():g} to "
            f"{images.max():g}. Divide by 255 if they are bytes."
        )
    return images


def check_image_shape(
    images: np.ndarray, image_shape: tuple[int, int, int], source: str = "images"
) -> None:
    """Refuse pictures of another shape than a run was trained on.

    Pictures of one channel may come without it, rows of numbers without the height.

    Raises: DataError saying both shapes.
    """
    fitting = [image_shape]
    if image_shape[2] == 1:
        fitting.append(image_shape[:2])  # type: ignore[arg-type]
        if image_shape[0] == 1:
            fitting.append(image_shape[1:2])  # type: ignore[arg-type]
    if images.shape[1:] not in fitting or len(images) == 0:
        expected = ", ".join(
            str(length) for length in fitting[min(1, len(fitting) - 1)]
        )
        raise DataError(
            f"{source}: expected images of shape (sample, {expected}), as the run was "
            f"trained on, got {images.shape}."
        )
