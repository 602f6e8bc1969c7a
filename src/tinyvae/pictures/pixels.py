"""The pixels of a source in the common form, block by block, and their type."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tinyvae.errors import DataError
from tinyvae.machine import cores
from tinyvae.notes import shown
from tinyvae.pictures.decoding import decoded
from tinyvae.pictures.fitting import Form, fitted, in_form
from tinyvae.pictures.source import Blocks, Files
from tinyvae.pictures.store import Tally
from tinyvae.pictures.workers import in_order
from tinyvae.pixels import Pixels

SATURATED = 0.75  # share of all pixels
FILES_AT_ONCE = 256  # per block


def blocks_of_files(source: Files, form: Form) -> Iterator[np.ndarray]:
    """The decoded pictures of files, in order, with one thread per core.

    Every file is read before the damaged ones are reported.

    Raises: DataError naming the damaged files.
    """
    damaged: list[str] = []
    first: DataError | None = None

    def attempt(row: int) -> np.ndarray | DataError:
        try:
            return decoded(source.encoded(row), source.names[row], form)
        except DataError as error:
            return error

    block: list[np.ndarray] = []
    with ThreadPoolExecutor(cores()) as pool:
        for row, result in enumerate(in_order(pool, attempt, len(source))):
            if isinstance(result, DataError):
                damaged.append(source.names[row])
                first = first or result
            elif first is None:
                block.append(result)
            if len(block) == FILES_AT_ONCE:
                yield np.stack(block)
                block.clear()
    if first is not None:
        more = f" So are {shown(damaged[1:])}." if damaged[1:] else ""
        raise DataError(f"{first}{more}")
    if block:
        yield np.stack(block)


def blocks_in_form(source: Blocks, form: Form) -> Iterator[np.ndarray]:
    """The pictures of an array in their form, checked block by block.

    Raises: DataError naming the first picture whose pixels are out of range.
    """
    start = 0
    for block in source.blocks():
        if form.vectors:
            yield _numbers(source, block, start).reshape(len(block), *form.shape)
        else:
            if block.ndim == 3:
                block = block[..., None]
            pixels = _pixels(source, block, start, form)
            if pixels.shape[1:3] == (form.height, form.width):
                yield in_form(pixels, form)
            else:
                yield np.stack([fitted(in_form(p, form), form) for p in pixels])
        start += len(block)


def pixels_of(tally: Tally, form: Form) -> tuple[Pixels, str]:
    """The type of the pixels, and the reason for it in words.

    `real`: a table of numbers. `binary`: each is 0 or 1. `saturated`: three quarters
    or more are within 1/255 of 0 or 1. `grey`: all others in [0, 1].
    """
    if form.vectors:
        return "real", "a table of numbers"
    if tally.binary:
        return "binary", "every pixel is 0 or 1"
    percent = f"{100 * tally.saturated:.0f} %"
    reason = f"values between 0 and 1, of which {percent} are 0 or 1, or nearly so"
    return ("saturated" if tally.saturated >= SATURATED else "grey"), reason


def check_range(source: Files | Blocks, form: Form, tally: Tally) -> None:
    """Check that whole numbers use the range of their type.

    Raises: DataError if they are only 0 and 1, or bytes in a type of 16 bits.
    """
    largest = round(tally.high * form.peak)
    if isinstance(source, Files) or form.vectors or source.of_bits or largest == 0:
        return
    if form.dtype == "uint8" and largest == 1:
        raise DataError(
            f"{source.what}: expected bytes from 0 to 255, got 0 and 1 only. "
            "If 1 means white, pass images.astype(bool)."
        )
    if form.dtype == "uint16" and largest <= 255:
        raise DataError(
            f"{source.what}: expected 16 bits, 0 to 65535, got at most {largest}. "
            "If 255 means white, pass images.astype(numpy.uint8)."
        )


def _numbers(source: Blocks, block: np.ndarray, start: int) -> np.ndarray:
    numbers = block.astype(np.float32)
    finite = np.isfinite(numbers)
    if not finite.all():
        row, place = np.argwhere(~finite)[0]
        raise DataError(
            f"{source.what}: expected finite numbers, got {block[row, place]} in row "
            f"{start + row} of the array, number {place}. Fill the gaps, or leave such "
            "rows out."
        )
    return numbers


def _pixels(source: Blocks, block: np.ndarray, start: int, form: Form) -> np.ndarray:
    """The block as uint8, uint16 or float32 whose full range means 0 to 1."""
    if source.of_bits:
        if block.max(initial=0) > 1:
            raise DataError(
                f"{source.what}: expected pixels 0 and 1, got {block.max()}."
            )
        return block.astype(np.uint8) * np.uint8(form.peak)
    if block.dtype.kind == "u":
        return block.astype(block.dtype.newbyteorder("="), copy=False)
    pixels = block.astype(np.float32)
    low, high = pixels.min(axis=(1, 2, 3)), pixels.max(axis=(1, 2, 3))
    wrong = ~((low >= 0) & (high <= 1))  # NaN too
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            _out_of_range(source.what, start + row, float(low.min()), float(high.max()))
        )
    return pixels


def _out_of_range(what: str, row: int, low: float, high: float) -> str:
    """The message: the first picture that is wrong, and the range of its block."""
    start = f"{what}: expected float pixels in [0, 1], got "
    if not np.isfinite([low, high]).all():
        return f"{start}NaN or infinity in picture {row}. Leave such pictures out."
    if low < 0:
        advice = "Pass (images + 1) / 2 if they are from -1 to 1"
    elif high <= 255:
        largest = 255 if high > 16 else f"{high:g}"
        advice = f"Divide by the value that means white, such as {largest}"
    else:
        advice = "Pass images / 65535 if they come from 16 bits"
    return f"{start}{low:g} to {high:g}, first in picture {row}. {advice}."
