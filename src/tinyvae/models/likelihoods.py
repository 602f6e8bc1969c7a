"""How pixels are distributed, given what the decoder says."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped


def bernoulli_log_likelihood(
    logits: Float[Array, "*image"], image: Shaped[Array, "*image"]
) -> Float[Array, ""]:
    """Log likelihood ln p(image | logits), summed over pixels, in nats, at most 0.

    Pixels must lie in [0, 1]. Values strictly between make this the (negative) cross
    entropy, which is no likelihood of a grey value; the pictures of circles are 0 or 1.
    """
    # ln sigmoid(l) x + ln sigmoid(-l) (1 - x) = x l - softplus(l)
    return jnp.sum(image.astype(logits.dtype) * logits - jax.nn.softplus(logits))
