"""Where and how much decoded pixels change when a latent moves. Needs no labels."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from tinyvae.evaluation.encode import Posteriors
from tinyvae.evaluation.results import Movement
from tinyvae.evaluation.traversal import NUM_BASES, walk_bases, walk_of
from tinyvae.factors import FactorTable
from tinyvae.models.vae import VAE

NUM_STEPS = 11
MOVED = 0.1  # of the pixel range: a pixel that changes by more has moved
# Limit on the walks of all latents together: with more than 12 latents, each is walked
# from fewer than 64 bases, but at least 4.
MOST_WALKS = 768
FEWEST_BASES = 4
ROUNDING = 1e-6  # a smaller mean change of a pixel counts as none
BASES_AT_ONCE = 4  # walks that are decoded together, which keeps memory small


class PixelMovement(NamedTuple):
    """Change of the pixels while each latent is walked, mean over bases."""

    change: Float[np.ndarray, "latent height width"]  # mean over channels
    moved: Float[np.ndarray, " latent"]  # share of a picture's pixels, 0 to 1


def pixel_movement(
    vae: VAE,
    posteriors: Posteriors,
    table: FactorTable,
    *,
    pixel_range: float = 1.0,
) -> PixelMovement:
    """Range of each pixel while a latent is walked, mean over channels and bases.

    Each latent is walked over the middle 95 % of its codes, with the others held at the
    codes of up to 64 pictures. 0: the latent does not change the pixel; `pixel_range`:
    every walk takes the pixel from dark to bright.
    """
    bases = walk_bases(posteriors, table)
    num_latents = bases.shape[1]
    start = jnp.asarray(bases[: num_bases(num_latents)], jnp.float32)
    changes, moved = [], []
    for latent in range(num_latents):
        values = walk_of(posteriors, table.probability, latent, NUM_STEPS)
        steps = jnp.asarray(values, jnp.float32)
        change, share = _walked(
            vae, start, jnp.asarray(latent), steps, jnp.asarray(MOVED * pixel_range)
        )
        changes.append(np.asarray(change, np.float64))
        moved.append(float(share))
    return PixelMovement(np.stack(changes), np.array(moved))


def num_bases(num_latents: int) -> int:
    """Number of bases from which each latent is walked; fewer than 64 for many."""
    return min(NUM_BASES, max(FEWEST_BASES, MOST_WALKS // num_latents))


@eqx.filter_jit
def _walked(
    vae: VAE,
    bases: Float[Array, "base latent"],
    latent: Int[Array, ""],
    values: Float[Array, " step"],
    threshold: Float[Array, ""],
) -> tuple[Float[Array, "height width"], Float[Array, ""]]:
    """Change of each pixel, and the share that moves, mean over bases."""

    def from_base(base):
        pictures = jax.vmap(lambda value: vae.picture(base.at[latent].set(value)))(
            values
        )
        change = jnp.ptp(pictures, axis=0).mean(axis=-1)
        return change, (change > threshold).mean()

    change, moved = jax.lax.map(from_base, bases, batch_size=BASES_AT_ONCE)
    return change.mean(axis=0), moved.mean()


def decoded_range(vae: VAE, posteriors: Posteriors, table: FactorTable) -> float:
    """Range of all pixels in 64 decoded pictures, for pixels without a scale."""
    bases = jnp.asarray(walk_bases(posteriors, table), jnp.float32)
    low, high = _extremes(vae, bases)
    return float(high - low)


@eqx.filter_jit
def _extremes(vae: VAE, codes: Float[Array, "base latent"]) -> tuple[Array, Array]:
    def of_picture(code):
        picture = vae.picture(code)
        return picture.min(), picture.max()

    low, high = jax.lax.map(of_picture, codes, batch_size=BASES_AT_ONCE)
    return low.min(), high.max()


def movement_of(found: PixelMovement) -> Movement:
    """The change of the pixels, summarised in a few numbers for each latent."""
    change = found.change
    total = change.sum(axis=(1, 2))
    height, width = change.shape[1:]
    # a dead latent changes pixels by rounding only; vectors have no positions
    known = (total > ROUNDING * height * width) & (height > 1)
    weight = change / np.where(known, total, np.nan)[:, None, None]
    x = weight.sum(axis=1) @ np.arange(width)
    y = weight.sum(axis=2) @ np.arange(height)
    squares = (np.arange(width) - x[:, None])[:, None, :] ** 2
    squares = squares + (np.arange(height) - y[:, None])[:, :, None] ** 2
    spread = np.sqrt((weight * squares).sum(axis=(1, 2)))
    return Movement(change.mean(axis=(1, 2)), found.moved, x, y, spread)
