"""One encoded picture: what its header declares, and its pixels in a given form."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import ExifTags, Image, ImageOps
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from tinyvae.errors import DataError
from tinyvae.pictures.fitting import Form, fitted, from_pillow

READERS = (
    PngImageFile,
    JpegImageFile,
    TiffImageFile,
    BmpImageFile,
    WebPImageFile,
    GifImageFile,
    PpmImageFile,
)
FORMATS = tuple(str(reader.format) for reader in READERS)
MOST_PIXELS = 80_000_000  # of one picture; more is treated as an error or an attack
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap height and width
DAMAGES = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    MemoryError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
GREY = ("1", "L", "LA", "La", "I", "F")


@dataclass(frozen=True)
class Header:
    """Declarations in a picture's header; height and width after the EXIF turn."""

    height: int
    width: int
    grey: bool
    depth: Literal["8", "16", "float"]
    transparent: bool
    turned: bool
    frames: int


def read_header(encoded: Path | BytesIO, name: str) -> Header:
    """Size and kind of pixels of one picture, from its header alone.

    Raises: DataError if it is not a picture, or declares an absurd size.
    """
    with _opened(encoded, name) as image:
        try:
            orientation = _orientation(image)
            frames = int(getattr(image, "n_frames", 1))
        except DAMAGES as error:
            raise DataError(_damaged(name, error)) from None
        width, height = image.size
        if orientation in SIDEWAYS:
            height, width = width, height
        grey = image.mode in GREY or image.mode.startswith("I;16")
        sixteen = image.mode == "I" or image.mode.startswith("I;16")
        transparent = image.mode in ("RGBA", "LA", "La", "RGBa", "PA")
        return Header(
            height,
            width,
            grey,
            "float" if image.mode == "F" else "16" if sixteen else "8",
            transparent or "transparency" in image.info,
            orientation not in (0, 1),
            frames,
        )


def decoded(
    encoded: Path | BytesIO, name: str, form: Form
) -> np.ndarray:  # (height, width, channel) of the form's type
    """The pixels of one picture, upright, in the form's size, channels and type.

    Transparent pixels show the background. The first of several frames is used.
    Colours of 16 bits are reduced to 8 bits by Pillow.

    Raises: DataError if the file is damaged, or its numbers are out of range.
    """
    with _opened(encoded, name) as image:
        try:
            _draft(image, form)
            upright = ImageOps.exif_transpose(image)
            return fitted(from_pillow(upright, form, name), form)
        except DataError:
            raise
        except DAMAGES as error:
            raise DataError(_damaged(name, error)) from None


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 if none; a PNG is not decoded to find it."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    return image.getexif().get(ExifTags.Base.Orientation, 1)


def _draft(image: Image.Image, form: Form) -> None:
    """Let JPEG decode at a smaller scale, at least three times the size needed."""
    if image.format not in ("JPEG", "MPO"):
        return
    scale = max(form.height, form.width) / min(image.size)
    if 3 * scale < 1:
        width, height = (int(3 * scale * side) + 1 for side in image.size)
        image.draft(None, (width, height))


def _opened(encoded: Path | BytesIO, name: str) -> Image.Image:
    try:
        image = Image.open(encoded, formats=list(FORMATS))
    except PermissionError:
        raise DataError(
            f"{name}: expected a readable file, got no permission. "
            "Change its permissions, or move it out of the folder."
        ) from None
    except Image.UnidentifiedImageError:
        raise DataError(
            f"{name}: expected a picture, got a file that begins with "
            f"{_beginning(encoded)!r}. Remove it, or correct its extension."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(
            f"{name}: expected at most {MOST_PIXELS} pixels, got a picture that "
            f"declares {_declared(error)}. It was not decoded; cut it into patches."
        ) from None
    except DAMAGES as error:
        raise DataError(_damaged(name, error)) from None
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise DataError(
            f"{name}: expected at most {MOST_PIXELS} pixels, got a picture that "
            f"declares {image.height}x{image.width}. It was not decoded; cut it into "
            "patches."
        )
    return image


def _declared(error: Exception) -> str:
    """How many pixels a picture declares, from Pillow's message."""
    found = re.search(r"\d+", str(error))
    return f"{found.group()} pixels" if found else "far more"


def _beginning(encoded: Path | BytesIO) -> bytes:
    if isinstance(encoded, BytesIO):
        return encoded.getvalue()[:12]
    with encoded.open("rb") as stream:
        return stream.read(12)


def _damaged(name: str, error: BaseException) -> str:
    reason = str(error).strip().rstrip(".") or type(error).__name__
    return (
        f"{name}: expected a whole picture, got a damaged or truncated file "
        f"({reason}). Copy it again, or remove it."
    )
