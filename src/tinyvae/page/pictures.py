"""Pictures that the page holds: some of the data's, and walks decoded beforehand."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from tinyvae.evaluation.encode import draw_rows
from tinyvae.evaluation.traversal import traverse
from tinyvae.models.vae import VAE
from tinyvae.worlds.world import Population

PICTURES_BYTES = 1_200_000  # of all pictures of a page, before base 64
FEWEST_PICTURES = 12  # even where they take more
FEWEST_WALKS = 3
MOST_VALUES = 64 * 64 * 3  # of a picture that is only shown, and never encoded


def pictures_data(
    population: Population,
    rows: Int[np.ndarray, " picture"],
    most_bytes: int,
    encoded: bool,
) -> dict[str, Any]:
    """As many pictures of these rows as fit, as bits or as bytes, in base 64.

    A byte stands for a pixel from `low` to `high`. Pictures that the page encodes keep
    their size; others are made smaller (`shrunk` times) where they are large.
    """
    binary = population.pixels == "binary"
    height, width, channels = population.image_shape
    times = 1 if encoded else shrinking(height, width, channels)
    values = -(-height // times) * -(-width // times) * channels
    each = -(-values // 8) if binary and times == 1 else values
    count = min(len(rows), max(FEWEST_PICTURES, most_bytes // each))
    images = shrink(np.asarray(draw_rows(population, rows[:count]), float), times)
    low, high = pixel_range(population, images)
    return {
        "count": count,
        "shape": list(images.shape[1:]),
        "shrunk": times,
        "low": low,
        "high": high,
        "bits": binary and times == 1,
        "data": packed(images, low, high, bits=binary and times == 1),
    }


def pixel_range(population: Population, images: np.ndarray) -> tuple[float, float]:
    """Darkest and lightest value of a pixel: 0 and 1, unless pixels are any numbers."""
    if population.pixels != "real":
        return 0.0, 1.0
    low, high = float(images.min()), float(images.max())
    return low, high if high > low else low + 1.0


def packed(images: np.ndarray, low: float, high: float, *, bits: bool) -> str:
    """Pictures one after another, a bit or a byte a pixel, in base 64."""
    shares = np.clip((images - low) / (high - low), 0, 1)
    if bits:
        flat = (shares > 0.5).reshape(len(images), -1)
        content = np.packbits(flat, axis=1, bitorder="little")
    else:
        content = np.round(255 * shares).astype(np.uint8)
    return base64.b64encode(content.tobytes()).decode()


def shrinking(height: int, width: int, channels: int) -> int:
    """How many times smaller a picture must be, so that many of them fit."""
    times = 1
    while -(-height // times) * -(-width // times) * channels > MOST_VALUES:
        times += 1
    return times


def shrink(
    images: Shaped[np.ndarray, "picture height width channel"], times: int
) -> Float[np.ndarray, "picture _ _ channel"]:
    """Pictures of which each pixel is the mean of a square, cut at the ends."""
    if times == 1:
        return images
    rows = np.arange(0, images.shape[1], times)
    columns = np.arange(0, images.shape[2], times)
    sums = np.add.reduceat(np.add.reduceat(images, rows, 1), columns, 2)
    heights = np.diff([*rows, images.shape[1]])
    widths = np.diff([*columns, images.shape[2]])
    return sums / (heights[:, None] * widths)[None, :, :, None]


def walks_data(
    vae: VAE,
    base: Float[np.ndarray, " latent"],
    walks: list[Float[np.ndarray, " step"]],
    kl: Float[np.ndarray, " latent"],
) -> dict[str, Any]:
    """Pictures along latents from one code, a byte a pixel, in base 64.

    Those of the most KL, where the pictures of all would take too much room.
    """
    latents = np.argsort(-np.nan_to_num(kl), kind="stable").tolist()
    first = _walk(vae, base, latents[0], walks)
    most = max(FEWEST_WALKS, PICTURES_BYTES // first.size)
    latents = sorted(latents[:most])
    images = [_walk(vae, base, latent, walks) for latent in latents]
    low, high = 0.0, 1.0
    if vae.likelihood.kind == "gaussian":
        low = min(low, *(float(one.min()) for one in images))
        high = max(high, *(float(one.max()) for one in images))
    return {
        "shape": list(first.shape[1:]),
        "low": low,
        "high": high,
        "latents": [
            {
                "latent": latent,
                "values": [round(float(value), 3) for value in walks[latent]],
                "pixels": packed(one, low, high, bits=False),
            }
            for latent, one in zip(latents, images, strict=True)
        ],
    }


def _walk(vae: VAE, base: np.ndarray, latent: int, walks: list[np.ndarray]):
    images = traverse(vae, base, latent, walks[latent]).images
    return shrink(np.asarray(images, float), shrinking(*images.shape[1:]))
