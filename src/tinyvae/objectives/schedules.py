"""Weights that fall during training. Times are shares of training, from 0 to 1."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float


def falls_linearly(
    progress: Float[Array, ""], start: Any, end: Any, until: Any
) -> Float[Array, ""]:
    """Linear from `start` to `end`, which is reached at `until`."""
    return start + (end - start) * jnp.clip(progress / until, 0, 1)


def falls_geometrically(
    progress: Float[Array, ""], start: Any, end: Any, begin: Any, until: Any
) -> Float[Array, ""]:
    """`start` to the time `begin`, then by equal factors to `end`, reached at `until`.

    A start of 0 stays 0, since it has no logarithm.
    """
    done = jnp.clip((progress - begin) / (until - begin), 0, 1)
    above = jnp.where(start > 0, start, 1.0)
    return jnp.where(start > 0, above * (end / above) ** done, 0.0)
