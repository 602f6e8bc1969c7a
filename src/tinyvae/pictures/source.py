"""What pictures may come from: encoded files, or blocks of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import overload

import numpy as np

from tinyvae.factors import Factor
from tinyvae.pictures.report import Note


class RowNumbers(Sequence[str]):
    """The names of pictures that have none: their row numbers, as texts."""

    def __init__(self, count: int):
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return map(str, range(self._count))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [str(row) for row in range(self._count)[index]]
        return str(range(self._count)[index])


@dataclass(frozen=True, eq=False)
class Known:
    """Labels that the pictures bring along.

    `columns` are values a picture, by name; `factors` says of some of them what a data
    set of record says: unit, kind, levels.
    """

    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, eq=False)
class Files:
    """Pictures in files of their own (or encoded bytes in one), not decoded yet.

    `identity` is what changes when a file changes: sizes and times, in order.
    """

    what: str
    names: Sequence[str]
    encoded: Callable[[int], Path | BytesIO]
    identity: tuple[str, ...]
    known: Known = field(default_factory=Known)
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Pictures as numbers: an array that is read a block of rows at a time.

    Args:
        what: in words, for messages.
        shape: (sample, height, width, channel), or (sample, number) for vectors.
        dtype: of the numbers.
        blocks: an iterator over consecutive rows, in order.
        names: of the pictures.
        identity: what changes when the file changes.
        zero_or_one: its bytes are 0 and 1, as those of dSprites are.
        resident: the whole array, where it is in memory already.
    """

    what: str
    shape: tuple[int, ...]
    dtype: np.dtype
    blocks: Callable[[], Iterator[np.ndarray]]
    names: Sequence[str]
    identity: tuple[str, ...]
    known: Known = field(default_factory=Known)
    notes: tuple[Note, ...] = ()
    zero_or_one: bool = False
    resident: np.ndarray | None = None

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def of_bits(self) -> bool:
        """Whether each number is 0 or 1."""
        return self.zero_or_one or self.dtype.kind == "b"


Source = Files | Blocks


def identity_of(*paths: Path) -> tuple[str, ...]:
    """Path, size and time of change of files: what a cache is keyed by."""
    states = [(path.resolve(), path.stat()) for path in paths]
    return tuple(f"{path}|{s.st_size}|{s.st_mtime_ns}" for path, s in states)
