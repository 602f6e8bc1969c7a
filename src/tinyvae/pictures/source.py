"""Sources of pictures: encoded files, or blocks of an array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np

from tinyvae.factors import Factor
from tinyvae.notes import Note


@dataclass(frozen=True, eq=False)
class Known:
    """Labels that come with the pictures.

    `columns` holds values for each picture, by name; `factors` holds the unit, kind and
    levels of some of them, as a data set of record defines them.
    """

    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, eq=False)
class Files:
    """Pictures in separate files (or encoded in one file), not decoded yet.

    `identity` changes when a file changes: sizes and times, in order. `in_order` says
    that a user gave the order, so that labels without names may follow it.
    """

    what: str
    names: Sequence[str]
    encoded: Callable[[int], Path | BytesIO]
    identity: tuple[str, ...]
    known: Known = field(default_factory=Known)
    notes: tuple[Note, ...] = ()
    in_order: bool = False

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Pictures as numbers: an array that is read in blocks of rows.

    Args:
        what: description for messages.
        shape: (sample, height, width, channel), or (sample, number) for vectors.
        dtype: of the numbers.
        blocks: an iterator over consecutive rows, in order.
        names: of the pictures.
        identity: changes when the file changes.
        zero_or_one: its bytes are 0 and 1, as in dSprites.
        resident: the whole array, if it is in memory already.
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
    """Path, size and modification time of files: the key of a cache."""
    states = [(path.resolve(), path.stat()) for path in paths]
    return tuple(f"{path}|{s.st_size}|{s.st_mtime_ns}" for path, s in states)
