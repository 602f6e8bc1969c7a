"""Pictures that appear on both sides of a split, exactly or nearly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from PIL import Image

from tinyvae.notes import Note
from tinyvae.pictures.store import Store
from tinyvae.wording import counted

THUMBNAIL = 16  # pixels per side
NEAR = 0.05  # of the contrast
MOST_HELD, MOST_TRAINING = 2_000, 50_000  # compared by thumbnails
BLOCK = 500  # held-out pictures compared at once


def duplicates(
    store: Store, held: Bool[np.ndarray, " sample"], names: Sequence[str], seed: int
) -> tuple[Note, ...]:
    """Notes on held-out pictures that are also in training, exactly or nearly.

    Equal: all stored pixels are. Nearly equal: thumbnails of 16x16 grey pixels, made by
    area averages, have a root mean square difference below 5 % of the smaller contrast
    (a thumbnail's root mean square about its own mean). In large data, near duplicates
    are searched in a random sample, and the note says so. Rows of a table of numbers
    are compared exactly only, since their columns have no common scale.
    """
    if not held.any() or held.all():
        return ()
    same = held & np.isin(store.digests, store.digests[~held])
    notes = _noted("also among the training pictures, pixel by pixel", same, names)
    rng = np.random.default_rng(seed)
    asked = _sample(np.flatnonzero(held & ~same), MOST_HELD, rng)
    against = _sample(np.flatnonzero(~held), MOST_TRAINING, rng)
    if len(asked) == 0 or store.peak == 0 or store.shape[1] == 1:
        return tuple(notes)
    near = np.zeros(len(held), bool)
    near[asked] = _near(thumbnails(store, asked), thumbnails(store, against))
    sampled = (
        ""
        if len(asked) == (held & ~same).sum() and len(against) == (~held).sum()
        else f" (of {len(asked)} that were compared with {len(against)})"
    )
    text = f"nearly equal to a training picture{sampled}"
    return tuple(notes + _noted(text, near, names))


def _noted(
    text: str, which: Bool[np.ndarray, " sample"], names: Sequence[str]
) -> list[Note]:
    rows = np.flatnonzero(which)
    if len(rows) == 0:
        return []
    listed: tuple[str, ...] = tuple(str(names[row]) for row in rows[:100].tolist())
    verb = "is" if len(rows) == 1 else "are"
    number = counted(len(rows), "held-out picture")
    return [Note("warning", f"{number} {verb} {text}", listed)]


def _sample(
    rows: Int[np.ndarray, " n"], most: int, rng: np.random.Generator
) -> Int[np.ndarray, " m"]:
    if len(rows) <= most:
        return rows
    return np.sort(rng.choice(rows, most, replace=False))


def thumbnails(
    store: Store, rows: Int[np.ndarray, " sample"]
) -> Float[np.ndarray, "sample pixel"]:
    """Grey pictures of at most 16x16 pixels, less their mean, float32, in [-1, 1]."""
    height, width, channels = store.shape[1:]
    small = min(THUMBNAIL, height), min(THUMBNAIL, width)
    down = _averages(height, small[0])
    across = np.repeat(_averages(width, small[1]), channels, axis=1).T / channels
    found = np.empty((len(rows), small[0] * small[1]), np.float32)
    for start in range(0, len(rows), 1000):
        block = store.read(rows[start : start + 1000])
        rows_of_pixels = block.reshape(len(block), height, -1).astype(np.float32)
        little = down @ rows_of_pixels @ across / np.float32(store.peak)
        found[start : start + 1000] = little.reshape(len(block), -1)
    return found - found.mean(axis=1, keepdims=True)


def _averages(length: int, cells: int) -> Float[np.ndarray, "cell length"]:
    """The matrix that averages pixels over equal cells, as Pillow's BOX does."""
    identity = Image.fromarray(np.eye(length, dtype=np.float32))
    return np.asarray(identity.resize((length, cells), Image.Resampling.BOX))


def _near(
    asked: Float[np.ndarray, "held pixel"], against: Float[np.ndarray, "training pixel"]
) -> Bool[np.ndarray, " held"]:
    length = (against**2).sum(1)
    near = np.zeros(len(asked), bool)
    for start in range(0, len(asked), BLOCK):
        block = asked[start : start + BLOCK]
        own = (block**2).sum(1)[:, None]
        squared = own + length - 2 * block @ against.T
        limit = NEAR**2 * np.minimum(own, length)
        near[start : start + BLOCK] = (squared < limit).any(1)
    return near
