"""What a decoder moves when a latent moves: columns in their units, or pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.errors import DataError
from tinyvae.evaluation.results import Movement
from tinyvae.frames.codes import as_array

OUTER = 0.025  # a walk covers the middle 95 % of a latent's codes
NUM_STEPS = 11
NUM_BASES = 64  # codes from which each latent is walked; fewer for many latents
MOST_WALKS = 768
FEWEST_BASES = 4
AT_ONCE = 2_000_000  # decoded numbers in memory at a time
MOST_COLUMNS = 10  # that are kept for each latent
MOVED = 0.1  # of the pixel range: a pixel that changes by more has moved
SEED = 0

Decode = Callable[[np.ndarray], Any]
Codes = Float[np.ndarray, "sample latent"]


class ColumnMove(NamedTuple):
    """A decoded column and its change along a walk, in the data's units.

    The value at the upper end of the latent's codes minus that at the lower end, mean
    over bases.
    """

    column: str
    change: float


class ColumnMoves(NamedTuple):
    """The columns that each latent moves most, the largest change first."""

    moves: tuple[tuple[ColumnMove, ...], ...]  # of each latent, at most 10
    num_columns: int


def decoded_moves(
    codes: Codes,
    active: Bool[np.ndarray, " latent"],
    decode: Decode,
    names: Sequence[str] = (),
) -> ColumnMoves | Movement:
    """What moves in decoded data while each active latent is walked.

    Each latent runs over the middle 95 % of its codes in 11 steps, with the others held
    at the codes of up to 64 rows (fewer with more than 12 latents). Of vectors, the
    columns that change most, by the difference between the ends of the walk; of images
    (height, width or height, width, channel), where and how much the pixels change.
    At most two million decoded numbers are held at a time.

    Raises: DataError if `decode` does not give one row for each code.
    """
    shape = _decoded(decode, codes[:1]).shape[1:]
    if len(shape) == 1:
        return _column_moves(codes, active, decode, _names(names, shape[0]))
    if len(shape) in (2, 3):
        return _pixel_moves(codes, active, decode, shape)
    raise DataError(
        "expected decode to give vectors (sample, column) or images (sample, height, "
        f"width[, channel]), got one of shape {shape} for each code."
    )


def _names(names: Sequence[str], num_columns: int) -> list[str]:
    if len(names) == num_columns:
        # a number alone would be read as an amount
        return [f"column {n}" if str(n).isdigit() else str(n) for n in names]
    return [f"column {column}" for column in range(num_columns)]


def _column_moves(
    codes: Codes, active: np.ndarray, decode: Decode, names: list[str]
) -> ColumnMoves:
    moves: list[tuple[ColumnMove, ...]] = []
    for latent in range(codes.shape[1]):
        if not active[latent]:
            moves.append(())
            continue
        total, count = np.zeros(len(names)), 0
        for walk in _walks(codes, latent, decode, len(names)):
            total += (walk[:, -1] - walk[:, 0]).sum(axis=0)
            count += len(walk)
        change = total / count
        most = np.argsort(-np.abs(change), kind="stable")[:MOST_COLUMNS]
        moves.append(tuple(ColumnMove(names[m], float(change[m])) for m in most))
    return ColumnMoves(tuple(moves), len(names))


def _pixel_moves(
    codes: Codes, active: np.ndarray, decode: Decode, shape: tuple[int, ...]
) -> Movement:
    # imported here: it brings JAX, and vectors do without
    from tinyvae.evaluation.movement import PixelMovement, movement_of

    height, width = shape[:2]
    some = _decoded(decode, _bases(codes)[:16])
    low, high = float(some.min()), float(some.max())
    pixel_range = 1.0 if low >= 0 and high <= 1 else high - low
    change = np.zeros((codes.shape[1], height, width))
    moved = np.zeros(codes.shape[1])
    for latent in np.flatnonzero(active):
        count = 0
        for walk in _walks(codes, int(latent), decode, int(np.prod(shape))):
            spans = np.ptp(walk, axis=1).reshape(len(walk), height, width, -1)
            spans = spans.mean(axis=-1)
            change[latent] += spans.sum(axis=0)
            moved[latent] += (spans > MOVED * pixel_range).mean(axis=(1, 2)).sum()
            count += len(walk)
        change[latent] /= count
        moved[latent] /= count
    return movement_of(PixelMovement(change, moved))


def _walks(
    codes: Codes, latent: int, decode: Decode, size: int
) -> Iterator[Float[np.ndarray, "base step number"]]:
    """Decoded walks along a latent, some bases at a time."""
    values = np.linspace(
        *np.quantile(codes[:, latent], [OUTER, 1 - OUTER]), num=NUM_STEPS
    )
    bases = _bases(codes)
    at_once = max(1, AT_ONCE // (NUM_STEPS * size))
    for start in range(0, len(bases), at_once):
        some = bases[start : start + at_once]
        walked = np.repeat(some, NUM_STEPS, axis=0)
        walked[:, latent] = np.tile(values, len(some))
        yield _decoded(decode, walked).reshape(len(some), NUM_STEPS, size)


def _bases(codes: Codes) -> Float[np.ndarray, "base latent"]:
    """Codes of random rows, the same in every run."""
    count = min(NUM_BASES, max(FEWEST_BASES, MOST_WALKS // codes.shape[1]))
    return codes[np.random.default_rng(SEED).permutation(len(codes))[:count]]


def _decoded(decode: Decode, codes: Codes) -> Float[np.ndarray, "code *shape"]:
    found = as_array(decode(codes.astype(np.float32)))
    if found.ndim < 2 or len(found) != len(codes) or found.dtype.kind not in "biuf":
        raise DataError(
            f"expected decode to give one row of numbers for each of the {len(codes)} "
            f"codes, got shape {found.shape} of {found.dtype}."
        )
    return found.astype(float)
