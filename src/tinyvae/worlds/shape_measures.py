"""Factors of a shape, measured in a picture from its pixels alone."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tinyvae.worlds.hues import hue_of

Silhouettes = Float[np.ndarray, "*batch height width"]
Measure = Float[np.ndarray, "*batch"]

# The moment sum(brightness z^order), z = dx + i dy, turns `order` times as fast as the
# shape; its argument at rotation 0 follows from symmetry.
MOMENTS = {
    "square": (4, np.pi),
    "triangle": (3, np.pi / 2),
    "ellipse": (2, 0.0),
    "heart": (3, -np.pi / 2),
}


def measured(
    images: Float[np.ndarray, "*batch height width channel"], shape: str | None
) -> dict[str, Measure]:
    """Scale, rotation, x, y and hue of the shapes in pictures, by name.

    A pixel's brightest channel counts as the part of it that the shape covers. x and y
    are the centroid and the scale is the radius of the disc of the same area, in
    pixels. The rotation is in degrees and requires that only one `shape` is drawn; the
    hue requires three channels. NaN where they are not visible, as in a black picture.
    """
    lit = images.max(-1).astype(float)
    area = lit.sum((-2, -1))
    height, width = lit.shape[-2:]
    with np.errstate(invalid="ignore"):
        x = lit.sum(-2) @ np.arange(width) / area
        y = lit.sum(-1) @ np.arange(height) / area
    scale = np.where(area > 0, np.sqrt(area / np.pi), np.nan)
    rotation = np.full(area.shape, np.nan)
    if shape in MOMENTS:
        rotation = _rotation(lit, x, y, shape)
    hue = hue_of(images.sum((-3, -2), dtype=float))
    return {"scale": scale, "rotation": rotation, "x": x, "y": y, "hue": hue}


def _rotation(lit: Silhouettes, x: Measure, y: Measure, shape: str) -> Measure:
    """Rotation in degrees, from 0 to the shape's turn, by the argument of a moment."""
    height, width = lit.shape[-2:]
    across = np.arange(width) - x[..., None, None]
    down = np.arange(height)[:, None] - y[..., None, None]
    z = across + 1j * down
    order, at_zero = MOMENTS[shape]
    rotation = _angle((lit * z**order).sum((-2, -1)), at_zero) / order
    if shape != "heart":
        return rotation
    # known up to a third of a turn; a less exact moment that turns once decides which
    roughly = _angle((lit * np.abs(z) ** 2 * z).sum((-2, -1)), -np.pi / 2)
    return (rotation + 120 * np.round((roughly - rotation) / 120)) % 360


def _angle(moment: np.ndarray, at_zero: float) -> Measure:
    return np.degrees((np.angle(moment) - at_zero) % (2 * np.pi))
