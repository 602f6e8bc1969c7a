"""Decoded pictures by row: in memory, or in a file that is read in batches."""

from __future__ import annotations

import json
import os
import weakref
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int, UInt64

from tinyvae.pictures.fitting import Form

MAGIC = b"tinyvae pictures 1\n"
HEADER_BYTES = 4096  # magic, JSON and spaces; the pixels follow


@dataclass(frozen=True)
class Tally:
    """Counts of all pixels during decoding, on a scale where 1 is white.

    `binary`: each is 0 or 1. `saturated`: the share within 1/255 of 0 or 1.
    """

    low: float
    high: float
    binary: bool
    saturated: float
    colourless: bool  # several channels, equal in every pixel


class MemoryStore:
    """Pictures in memory, by row number. `peak` is the value that means 1."""

    def __init__(
        self,
        pixels: np.ndarray,
        peak: float,
        tally: Tally,
        digests: UInt64[np.ndarray, " sample"],
    ):
        self.pixels = pixels
        self.shape: tuple[int, ...] = pixels.shape
        self.dtype = pixels.dtype
        self.peak = peak
        self.tally = tally
        self.digests = digests

    def read(self, rows: Int[np.ndarray, " batch"]) -> np.ndarray:
        """Pictures (batch, height, width, channel) of these rows."""
        return self.pixels[rows]


class FileStore:
    """Pictures in a file, read by position; none of them stay in memory.

    The file stays open, so that it may even be removed while it is in use.
    """

    def __init__(self, path: Path, header: dict[str, Any]):
        self.shape: tuple[int, ...] = tuple(header["shape"])
        self.dtype = np.dtype(header["dtype"])
        self.peak = float(header["peak"])
        self.tally = Tally(**header["tally"])
        self._each = self.dtype.itemsize * int(np.prod(self.shape[1:]))
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        count = self.shape[0]
        content = os.pread(self._file, 8 * count, HEADER_BYTES + count * self._each)
        self.digests: UInt64[np.ndarray, " sample"] = np.frombuffer(content, np.uint64)

    def __reduce__(self) -> tuple[Any, ...]:
        # the file may not exist where a copy goes: it has all pictures in memory
        pixels = self.read(np.arange(self.shape[0]))
        return MemoryStore, (pixels, self.peak, self.tally, self.digests)

    def read(self, rows: Int[np.ndarray, " batch"]) -> np.ndarray:
        """Pictures (batch, height, width, channel) of these rows.

        Raises: OSError if the file has become shorter.
        """
        batch = np.empty((len(rows), *self.shape[1:]), self.dtype)
        places = batch.reshape(-1).view(np.uint8).data
        each = self._each
        for number, row in enumerate(rows.tolist()):
            place = places[number * each : (number + 1) * each]
            got = os.preadv(self._file, [place], HEADER_BYTES + row * each)
            if got != each:
                raise OSError(f"row {row}: expected {each} bytes, got {got}")
        return batch


Store = MemoryStore | FileStore


def open_store(path: Path, key: str) -> FileStore | None:
    """The pictures in the file of this key; None if it is absent or not whole."""
    try:
        with path.open("rb") as stream:
            start = stream.read(HEADER_BYTES)
        if not start.startswith(MAGIC):
            return None
        header = json.loads(start[len(MAGIC) :])
        shape = header["shape"]
        each = np.dtype(header["dtype"]).itemsize * int(np.prod(shape[1:]))
        whole = HEADER_BYTES + shape[0] * (each + 8)
        if header["key"] != key or path.stat().st_size != whole:
            return None
        return FileStore(path, header)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def header_bytes(key: str, count: int, form: Form, tally: Tally) -> bytes:
    """The first bytes of a file of pictures."""
    header = {
        "key": key,
        "shape": [count, *form.shape],
        "dtype": form.dtype,
        "peak": form.peak,
        "tally": asdict(tally),
    }
    content = MAGIC + json.dumps(header).encode()
    return content.ljust(HEADER_BYTES - 1) + b"\n"
