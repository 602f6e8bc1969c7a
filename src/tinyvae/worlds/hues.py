"""Hues, in degrees round the colour circle: 0 red, 120 green, 240 blue."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


def red_green_blue(hue: Float[Array, "*batch"]) -> Float[Array, "*batch channel"]:
    """The colour of a hue: its brightest channel is 1, its darkest 0."""
    turned = (hue[..., None] / 60 + jnp.asarray([0.0, 4.0, 2.0])) % 6
    return jnp.clip(jnp.abs(turned - 3) - 1, 0, 1)


def hue_of(
    colour: Float[np.ndarray, "*batch channel"],
) -> Float[np.ndarray, "*batch"]:
    """The hue of a colour in degrees, 0 to 360; NaN where it is (nearly) grey.

    It is the direction of the colour in the plane in which red, green and blue stand
    120 degrees apart; at most 1.2 degrees from the hue of `red_green_blue`.
    """
    if colour.shape[-1] != 3:
        return np.full(colour.shape[:-1], np.nan)
    plane = colour @ np.exp(2j * np.pi / 3 * np.arange(3))
    seen = np.abs(plane) > 1e-3 * colour.sum(-1)
    return np.where(seen, np.degrees(np.angle(plane)) % 360, np.nan)
