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


def check_end(name: str, start: float, end: float) -> None:
    """Refuse an end of 0, by its name, which a geometric fall never reaches."""
    if start > 0 and end == 0:
        raise ValueError(
            f"expected {name} above 0, since the weight falls geometrically, got 0. "
            f"Take a small number such as {start / 1000:g}."
        )


def check_times(first: str, until: float, *, tc_until: float, tc_end: float) -> None:
    """Refuse times that are not in order; `first` is the name of the first one."""
    if not 0 < until <= 1 or not 0 <= tc_until < tc_end <= 1:
        raise ValueError(
            f"expected 0 < {first} <= 1 and 0 <= tc_until < tc_end <= 1, as shares of "
            f"training, got {first}={until}, tc_until={tc_until}, tc_end={tc_end}."
        )
