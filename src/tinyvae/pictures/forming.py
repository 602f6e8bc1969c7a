"""The common form of all pictures of a source, from what they declare."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tinyvae.errors import ConfigError, DataError
from tinyvae.machine import cores
from tinyvae.notes import Note
from tinyvae.pictures.decoding import Header, read_header
from tinyvae.pictures.fitting import Form
from tinyvae.pictures.rules import LARGEST_SIDE, FormRule
from tinyvae.pictures.source import Blocks, Files
from tinyvae.pictures.workers import in_order
from tinyvae.wording import counted

FIRST = (1, 3, 4)  # numbers of channels that a picture may have
DEPTHS = {"8": ("uint8", 255.0), "16": ("uint16", 65535.0), "float": ("float32", 1.0)}


def form_of_files(source: Files, rule: FormRule) -> tuple[Form, tuple[Note, ...]]:
    """Size, channels and depth for files, from the header of each.

    Raises: DataError if a file is not a picture, or sizes differ without a rule.
    """
    with ThreadPoolExecutor(cores()) as pool:
        headers = list(
            in_order(
                pool,
                lambda row: read_header(source.encoded(row), source.names[row]),
                len(source),
            )
        )
    sizes = [(header.height, header.width) for header in headers]
    height, width = rule.size or _one_size(sizes, source.names)
    grey = all(header.grey for header in headers)
    channels = 1 if rule.channels == "grey" or (rule.channels == "auto" and grey) else 3
    depths = {header.depth for header in headers}
    depth = "float" if "float" in depths else "16" if "16" in depths else "8"
    form = Form(height, width, channels, *DEPTHS[depth], rule)
    return form, _file_notes(source, headers, form)


def form_of_blocks(source: Blocks, rule: FormRule) -> tuple[Form, tuple[Note, ...]]:
    """Size, channels and type for arrays, from shape and type alone.

    Raises: DataError if shape or type do not fit pictures.
    """
    shape, dtype = source.shape, source.dtype
    if shape[0] == 0:
        raise DataError(f"{source.what}: expected pictures, got none (shape {shape}).")
    if len(shape) == 2:
        return _vectors(source, rule)
    if len(shape) == 3:
        shape = (*shape, 1)
    if len(shape) != 4:
        raise DataError(
            f"{source.what}: expected pictures of shape (sample, height, width) or "
            f"(sample, height, width, channel), got {source.shape}."
        )
    if shape[3] not in FIRST:
        raise DataError(_wrong_channels(source))
    _check_type(source)
    height, width = rule.size or (shape[1], shape[2])
    _check_sides(height, width)
    grey = rule.channels == "grey" or (rule.channels == "auto" and shape[3] == 1)
    channels = 1 if grey else 3
    kind, peak = DEPTHS["float" if dtype.kind == "f" else "8"]
    if dtype.kind == "u" and dtype.itemsize == 2:
        kind, peak = DEPTHS["16"]
    if source.of_bits and (height, width, channels) == shape[1:]:
        peak = 1.0  # otherwise averages of bits are greys from 0 to 255
    form = Form(height, width, channels, kind, peak, rule)
    return form, _array_notes(source, shape, form)


def _vectors(source: Blocks, rule: FormRule) -> tuple[Form, tuple[Note, ...]]:
    if source.dtype.kind not in "biuf":
        raise DataError(f"{source.what}: expected numbers, got {source.dtype}.")
    if rule.size is not None:
        raise ConfigError(
            f"{source.what}: expected no size for a table of numbers, got "
            f"{rule.size[0]}x{rule.size[1]}. If the rows are flattened pictures, "
            "reshape them to (sample, height, width)."
        )
    length = source.shape[1]
    form = Form(1, length, 1, "float32", 1.0, rule, vectors=True)
    text = (
        f"a table of {length} numbers per row, each minus its mean and divided by its "
        "standard deviation over the training rows"
    )
    return form, (Note("pixels", text),)


def _one_size(
    sizes: Sequence[tuple[int, int]], names: Sequence[str]
) -> tuple[int, int]:
    if len(set(sizes)) == 1:
        _check_sides(*sizes[0])
        return sizes[0]
    other = next(row for row, size in enumerate(sizes) if size != sizes[0])
    (h, w), (other_h, other_w) = sizes[0], sizes[other]
    raise DataError(
        f"expected pictures of one size, got {names[0]} with {h}x{w} and "
        f"{names[other]} with {other_h}x{other_w} pixels (height x width), "
        f"{len(set(sizes))} sizes in all. Make them equal with --size 64 and --fit "
        "pad, crop or stretch (in Python: size=64, fit='pad')."
    )


def _check_sides(height: int, width: int) -> None:
    if max(height, width) > LARGEST_SIDE:
        raise DataError(
            f"expected pictures of at most {LARGEST_SIDE} pixels per side, got "
            f"{height}x{width} (height x width). Give --size 64 (in Python: "
            "size=64), or another size."
        )


def _check_type(source: Blocks) -> None:
    dtype = source.dtype
    if dtype.kind in "bf" or (dtype.kind == "u" and dtype.itemsize <= 2):
        return
    if dtype.kind in "iu":
        raise DataError(
            f"{source.what}: expected pixels uint8 (0 to 255), uint16 (0 to 65535), "
            f"bool, or float in [0, 1], got {dtype}. Convert with "
            "images.astype(numpy.uint8) if they are 0 to 255, "
            "images.astype(bool) if they are 0 and 1."
        )
    raise DataError(f"{source.what}: expected pixels that are numbers, got {dtype}.")


def _wrong_channels(source: Blocks) -> str:
    shape = source.shape
    if shape[1] in FIRST:
        return (
            f"{source.what}: expected channels last, (sample, height, width, channel), "
            f"got {shape}, which looks like channels first. Give "
            "images.transpose(0, 2, 3, 1)."
        )
    return (
        f"{source.what}: expected 1 (grey), 3 (RGB) or 4 (RGBA) channels in the last "
        f"place, got {shape[3]} (shape {shape})."
    )


def _file_notes(
    source: Files, headers: Sequence[Header], form: Form
) -> tuple[Note, ...]:
    notes = [_size_note([(h.height, h.width) for h in headers], form)]
    colour = "grey" if form.channels == 1 else "red, green and blue"
    depth = {"uint8": "8 bits", "uint16": "16 bits", "float32": "floats"}[form.dtype]
    notes.append(Note("pixels", f"{colour}, {depth}"))

    def chosen(rows: Sequence[bool]) -> tuple[str, ...]:
        return tuple(name for name, yes in zip(source.names, rows, strict=True) if yes)

    if clear := chosen([h.transparent for h in headers]):
        through = counted(len(clear), "picture")
        text = f"{through} with transparency, laid over {form.rule.background}"
        notes.append(Note("pixels", text, clear))
    if turned := chosen([h.turned for h in headers]):
        text = f"{counted(len(turned), 'picture')} turned upright, as the EXIF data say"
        notes.append(Note("size", text, turned))
    if many := chosen([h.frames > 1 for h in headers]):
        several = counted(len(many), "picture")
        text = f"{several} with several frames: the first one is used"
        notes.append(Note("warning", text, many))
    return tuple(notes)


def _size_note(sizes: Sequence[tuple[int, int]], form: Form) -> Note:
    (low_h, low_w), (high_h, high_w) = np.min(sizes, axis=0), np.max(sizes, axis=0)
    given = f"{low_h}x{low_w}"
    if (low_h, low_w) != (high_h, high_w):
        given += f" to {high_h}x{high_w}"
    if set(sizes) == {(form.height, form.width)}:
        return Note("size", f"{given} pixels (height x width)")
    how = {
        "pad": f"padded with {form.rule.background}",
        "crop": "cut to the middle",
        "stretch": "stretched",
    }[form.rule.fit]
    return Note(
        "size",
        f"{given} pixels (height x width), brought to {form.height}x{form.width}, "
        f"{how} where the shape differs",
    )


def _array_notes(
    source: Blocks, shape: tuple[int, ...], form: Form
) -> tuple[Note, ...]:
    notes = [
        Note("pictures", f"{shape[0]} in {source.what}"),
        _size_note([(shape[1], shape[2])], form),
        Note("pixels", f"{source.dtype}, {counted(shape[3], 'channel')}"),
    ]
    if shape[3] == 4:
        text = f"transparency laid over {form.rule.background}"
        notes.append(Note("pixels", text))
    return tuple(notes)
