"""Pictures decoded once, and kept in a file that is whole or absent."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.files.whole import flush_folder
from tinyvae.pictures.fitting import Form
from tinyvae.pictures.store import (
    HEADER_BYTES,
    FileStore,
    MemoryStore,
    Tally,
    header_bytes,
    open_store,
)

Progress = Callable[[int, int], None]  # called with pictures decoded, and of all
OLD_SECONDS = 86_400  # a part file of this age comes from a killed process


def cache_folder() -> Path:
    """Folder of decoded pictures: `TINYVAE_CACHE`, or the user's cache folder."""
    if folder := os.environ.get("TINYVAE_CACHE"):
        return Path(folder) / "pictures"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tinyvae" / "pictures"


class TallyKeeper:
    """Collects a tally and one digest per picture, block by block."""

    def __init__(self, form: Form):
        self.form = form
        self.low, self.high = np.inf, -np.inf
        self.binary, self.colourless = True, form.channels > 1
        self.near, self.pixels = 0, 0
        self.digests: list[bytes] = []

    def add(self, block: np.ndarray) -> None:
        """Count the pixels of some pictures, and digest each."""
        peak, margin = self.form.peak, self.form.peak / 255
        if self.form.dtype != "float32":  # whole numbers are compared much faster
            peak, margin = int(peak), int(margin)
        self.low = min(self.low, float(block.min()) / peak)
        self.high = max(self.high, float(block.max()) / peak)
        self.near += int(np.count_nonzero(block <= margin))
        self.near += int(np.count_nonzero(block >= peak - margin))
        self.pixels += block.size
        if self.binary:
            self.binary = bool(((block == 0) | (block == peak)).all())
        if self.colourless:
            self.colourless = bool((block == block[..., :1]).all())
        for picture in block:
            digest = hashlib.blake2b(picture.tobytes(), digest_size=8)
            self.digests.append(digest.digest())

    def tally(self) -> Tally:
        """The counts so far."""
        return Tally(
            self.low,
            self.high,
            self.binary and not self.form.vectors,
            self.near / max(1, self.pixels),
            self.colourless,
        )

    def all_digests(self) -> np.ndarray:
        """One number per picture."""
        return np.frombuffer(b"".join(self.digests), np.uint64)


def in_memory(
    blocks: Iterator[np.ndarray],
    array: np.ndarray,
    form: Form,
    progress: Progress | None,
) -> MemoryStore:
    """All pictures of an array in their form; the array itself if it has that form."""
    keeper, count, start = TallyKeeper(form), len(array), 0
    pixels = array.reshape(-1, *form.shape) if _has_form(array, form) else None
    if pixels is None:
        pixels = np.empty((count, *form.shape), form.dtype)
    for block in blocks:
        if not np.may_share_memory(pixels, block):
            pixels[start : start + len(block)] = block
        keeper.add(block)
        start += len(block)
        if progress is not None:
            progress(start, count)
    return MemoryStore(pixels, form.peak, keeper.tally(), keeper.all_digests())


def _has_form(array: np.ndarray, form: Form) -> bool:
    same_shape = array.shape[1:] in (form.shape, form.shape[:2])
    return same_shape and array.dtype == form.dtype and array.flags.c_contiguous


def cached(
    key: str,
    count: int,
    form: Form,
    blocks: Callable[[], Iterator[np.ndarray]],
    progress: Progress | None,
) -> FileStore:
    """The pictures stored under a key; decoded first if they are missing.

    The file is written under a temporary name, flushed to disk and renamed. So a kill
    leaves no half-written file, and two processes do not disturb each other.

    Raises: DataError if the disk is full or not writable.
    """
    path = cache_folder() / f"{key}.pictures"
    store = open_store(path, key)
    if store is not None:
        return store
    needed = HEADER_BYTES + count * (form.bytes_each + 8)
    part = path.with_name(f".{key}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_old_parts(path.parent)
        _check_room(path.parent, needed)
        _write(part, key, count, form, blocks(), progress)
        part.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        raise DataError(
            f"cannot keep {needed} bytes of decoded pictures in {path.parent}: "
            f"{error.strerror or error}. Nothing half-written is left; free some "
            "space, or set TINYVAE_CACHE to a folder on another disk."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    store = open_store(path, key)
    if store is None:
        raise DataError(
            f"{path}: expected the pictures that were just written, got other "
            "contents. Check the disk."
        )
    return store


def _write(
    part: Path,
    key: str,
    count: int,
    form: Form,
    blocks: Iterator[np.ndarray],
    progress: Progress | None,
) -> None:
    keeper, done = TallyKeeper(form), 0
    with part.open("wb") as stream:
        stream.write(bytes(HEADER_BYTES))
        for block in blocks:
            stream.write(np.ascontiguousarray(block).data)
            keeper.add(block)
            done += len(block)
            if progress is not None:
                progress(done, count)
        stream.write(keeper.all_digests().tobytes())
        stream.seek(0)
        stream.write(header_bytes(key, count, form, keeper.tally()))
        stream.flush()
        os.fsync(stream.fileno())


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"expected {needed} bytes of free disk for the decoded pictures in "
            f"{folder}, got {free}. Choose a smaller size, free some space, or set "
            "TINYVAE_CACHE to a folder on another disk."
        )


def _remove_old_parts(folder: Path) -> None:
    """Remove the files that killed processes left a day ago or longer."""
    for part in folder.glob(".*.part"):
        try:
            if time.time() - part.stat().st_mtime > OLD_SECONDS:
                part.unlink()
        except FileNotFoundError:
            continue  # another process removed it
