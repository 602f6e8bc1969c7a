"""Annealed capacity: a KL that is held at a capacity, which rises during training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    check_weight,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class AnnealedCapacity:
    """Reconstruction, minus the distance of the mean KL from a rising capacity.

    loss = -reconstruction + capacity_weight * |KL - C(t)|, where KL is the mean over
    the minibatch, summed over latents, and C(t) rises linearly from 0 to `capacity`.

    Factors that improve the reconstruction most per nat are encoded first.

    Args:
        capacity: the KL at the end, in nats. The study of Locatello et al. (2019) takes
            5, 10, 25, 50, 75 and 100.
        capacity_weight: weight of the distance from the capacity; gamma in the paper.
        capacity_until: share of training after which the capacity rises no more. In
            the study, 100 000 of 300 000 steps.

    Expect: a KL near `capacity` at the end, whatever the pictures need. A capacity that
    is too small leaves factors out; with one that is too large, latents carry what the
    pictures do not need.

    Source: Burgess et al. (2018), eq. 8, arXiv:1804.03599. As in the study, it is the
    distance of the mean KL; the mean distance of each picture's KL would be larger.
    Raises: ValueError if a number is negative or not finite, or if capacity_until is
    not within training.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "annealed capacity"
    capacity: float = 25.0
    capacity_weight: float = 1000.0
    capacity_until: float = 1 / 3
    kind: Literal["annealed-capacity"] = "annealed-capacity"

    def __post_init__(self):
        check_weight("capacity_weight", self.capacity_weight)
        if not (math.isfinite(self.capacity) and self.capacity >= 0):
            raise ValueError(
                f"expected a finite capacity of at least 0 nats, got {self.capacity}."
            )
        if not 0 < self.capacity_until <= 1:
            raise ValueError(
                "expected 0 < capacity_until <= 1, as a share of training, "
                f"got {self.capacity_until}."
            )

    def capacity_at(self, progress: Float[Array, ""]) -> Float[Array, ""]:
        """The capacity, in nats: linear from 0 to `capacity`, then constant."""
        return self.capacity * jnp.clip(progress / self.capacity_until, 0, 1)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        encoded = encode_batch(model.vae, batch.images, key=key)
        kl = encoded.posterior.kl_to_prior().mean(0).sum()
        distance = jnp.abs(kl - self.capacity_at(progress))
        away = penalty(
            "distance of the KL from its capacity", distance, self.capacity_weight
        )
        terms = weighted_terms(encoded, 0.0, away)
        return terms.loss, terms

    def selection_window(self) -> tuple[float, float]:
        """The tenth of training after the capacity is reached, if there is one."""
        first = min(max(0.4, self.capacity_until), 0.9)
        return (first, first + 0.1)
