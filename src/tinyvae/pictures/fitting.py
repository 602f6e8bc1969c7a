"""The common form of all pictures, and the conversion of a picture to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from tinyvae.errors import DataError
from tinyvae.pictures.rules import FormRule

BOX, BILINEAR = Image.Resampling.BOX, Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Form:
    """Height, width, channels and type of the stored pixels; `peak` means 1.

    `rule` says how to convert a picture of another size.
    """

    height: int
    width: int
    channels: int
    dtype: str  # "uint8", "uint16" or "float32"
    peak: float
    rule: FormRule
    vectors: bool = False  # numbers, not pixels: any value

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channel)."""
        return self.height, self.width, self.channels

    @property
    def bytes_each(self) -> int:
        """Bytes of one stored picture."""
        return self.height * self.width * self.channels * np.dtype(self.dtype).itemsize


def from_pillow(image: Image.Image, form: Form, name: str) -> np.ndarray:
    """Pixels (height, width, channel) in the form's channels and type, any size."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return in_form(_numbers(image, name), form)
    if image.mode in ("RGBA", "LA", "La", "RGBa", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        under = Image.new("RGBA", image.size, (*form.rule.colour, 255))
        image = Image.alpha_composite(under, image).convert("RGB")
    pixels = np.asarray(image.convert("L" if form.channels == 1 else "RGB"))
    return in_form(pixels.reshape(image.height, image.width, form.channels), form)


def _numbers(image: Image.Image, name: str) -> np.ndarray:
    """Grey of 16 bits, or floats in [0, 1], as (height, width, 1)."""
    values = np.asarray(image)[..., None]
    if image.mode == "F":
        low, high = float(np.min(values)), float(np.max(values))
        if not (low >= 0 and high <= 1):  # NaN too
            raise DataError(
                f"{name}: expected floats in [0, 1], got {low:g} to {high:g}. "
                "Scale them, or save the picture with 8 or 16 bits."
            )
        return values.astype(np.float32)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise DataError(
            f"{name}: expected grey of at most 16 bits (0 to 65535), got {low} to "
            f"{high}."
        )
    return values.astype(np.uint16)


def in_form(pixels: np.ndarray, form: Form) -> np.ndarray:
    """Pixels in the form's channels and type, in which `peak` still means 1."""
    if pixels.shape[-1] != form.channels:
        pixels = _channels(pixels, form)
    if pixels.dtype == form.dtype:
        return pixels
    scale = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
    values = pixels * (form.peak / scale[str(pixels.dtype)])
    return (
        values.astype(form.dtype) if form.dtype == "float32" else _whole(values, form)
    )


def _channels(pixels: np.ndarray, form: Form) -> np.ndarray:
    """Grey to RGB, RGB to grey, and RGBA over the background."""
    if pixels.shape[-1] == 1:
        return np.repeat(pixels, form.channels, axis=-1)
    peak = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}[str(pixels.dtype)]
    colour = pixels[..., :3].astype(np.float32)
    if pixels.shape[-1] == 4:
        alpha = pixels[..., 3:].astype(np.float32) / peak
        under = np.array(form.rule.colour, np.float32) * (peak / 255)
        colour = alpha * colour + (1 - alpha) * under
    if form.channels == 1:
        colour = colour @ np.array([[0.299], [0.587], [0.114]], np.float32)
    return colour.astype(pixels.dtype) if peak == 1 else _rounded(colour, pixels.dtype)


def _rounded(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return np.clip(np.rint(values), 0, np.iinfo(dtype).max).astype(dtype)


def _whole(values: np.ndarray, form: Form) -> np.ndarray:
    return _rounded(values, np.dtype(form.dtype))


def fitted(pixels: np.ndarray, form: Form) -> np.ndarray:
    """The picture in the form's height and width, by the form's rule.

    Stretch: each side separately. Crop: scaled until it covers, the middle kept.
    Pad: scaled until it fits, centred on the background.
    """
    height, width = pixels.shape[:2]
    if (height, width) == (form.height, form.width):
        return pixels
    across, down = form.width / width, form.height / height
    whole = (0.0, 0.0, float(width), float(height))
    if form.rule.fit == "stretch":
        return _resized(pixels, form.height, form.width, whole)
    if form.rule.fit == "crop":
        scale = max(across, down)
        left = (width - form.width / scale) / 2
        top = (height - form.height / scale) / 2
        box = (left, top, width - left, height - top)
        return _resized(pixels, form.height, form.width, box)
    scale = min(across, down)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    return _padded(_resized(pixels, *inner, whole), form)


def _padded(pixels: np.ndarray, form: Form) -> np.ndarray:
    colour = (form.rule.luma,) if form.channels == 1 else form.rule.colour
    under = np.array(colour, np.float64) * (form.peak / 255)
    if form.dtype != "float32":
        under = np.rint(under)
    canvas = np.empty(form.shape, form.dtype)
    canvas[:] = under.astype(form.dtype)
    height, width = pixels.shape[:2]
    top, left = round((form.height - height) / 2), round((form.width - width) / 2)
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def _resized(
    pixels: np.ndarray, height: int, width: int, box: tuple[float, float, float, float]
) -> np.ndarray:
    """Area averages where neither side grows, else bilinear interpolation."""
    shrinks = width <= box[2] - box[0] and height <= box[3] - box[1]
    how = BOX if shrinks else BILINEAR
    size = (width, height)
    if pixels.dtype == np.uint8 and pixels.shape[-1] in (1, 3):
        image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        return np.asarray(image.resize(size, how, box)).reshape(height, width, -1)
    planes = [
        np.asarray(
            Image.fromarray(pixels[..., channel].astype(np.float32)).resize(
                size, how, box
            )
        )
        for channel in range(pixels.shape[-1])
    ]
    values = np.stack(planes, axis=-1)
    if pixels.dtype == np.float32:
        return values
    return _rounded(values, pixels.dtype)
