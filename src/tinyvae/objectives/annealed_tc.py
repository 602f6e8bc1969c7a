"""Annealed total correlation: strong penalties first, then nearly the plain ELBO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

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
from tinyvae.objectives.schedules import (
    check_end,
    check_times,
    falls_geometrically,
    falls_linearly,
)
from tinyvae.objectives.total_correlation import (
    TOTAL_CORRELATION,
    batch_total_correlation,
)
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class AnnealedTC:
    """The ELBO, with KL and total correlation weighted heavily at first.

    A plain VAE's loss is the same for every rotation of its latents. Here a heavy KL
    first limits the latents to the most important directions. Total correlation, which
    rises when factors are mixed, then rotates the latents onto the factors. Finally
    both weights are lowered, so that training ends on (nearly) the plain ELBO.

    loss = -reconstruction + kl_weight(t) * KL + tc_weight(t) * TC, where TC is the
    total correlation of the aggregate posterior, estimated from each minibatch.

    Times are shares of training, from 0 to 1.

    Args:
        kl_weight: weight of the KL at the start; it falls linearly to 1.
        kl_until: time at which the weight of the KL reaches 1.
        tc_weight: weight of the total correlation at the start.
        tc_until: time at which that weight begins to fall, geometrically.
        tc_weight_end: weight of the total correlation at the end.
        tc_end: time at which that final weight is reached.

    Expect: independent factors, each in a latent of its own. On circles, where the
    constants were chosen, the worst factor of a seed has a share of 0.99 (100 of 100
    seeds), and the ELBO is 2 nats below that of a plain VAE. Where factors depend on
    one another, it finds combinations that do not.

    Source: the weight on total correlation is that of Chen et al. (2018),
    arXiv:1802.04942 (beta-TCVAE); both schedules are our own.
    Raises: ValueError if a weight is negative or not finite, or if times are not in
    order.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "annealed TC"
    kl_weight: float = 10.0
    kl_until: float = 0.4
    tc_weight: float = 30.0
    tc_until: float = 0.5
    tc_weight_end: float = 0.05
    tc_end: float = 0.8
    kind: Literal["annealed-tc"] = "annealed-tc"

    def __post_init__(self):
        check_weight("kl_weight", self.kl_weight)
        check_weight("tc_weight", self.tc_weight)
        check_weight("tc_weight_end", self.tc_weight_end)
        check_end("tc_weight_end", self.tc_weight, self.tc_weight_end)
        check_times(
            "kl_until", self.kl_until, tc_until=self.tc_until, tc_end=self.tc_end
        )

    def kl_weight_at(self, progress: Float[Array, ""]) -> Float[Array, ""]:
        """Weight of the KL: linear from `kl_weight` to 1."""
        return falls_linearly(progress, self.kl_weight, 1.0, self.kl_until)

    def tc_weight_at(self, progress: Float[Array, ""]) -> Float[Array, ""]:
        """Weight of the total correlation: constant, then geometric."""
        start, end = self.tc_weight, self.tc_weight_end
        return falls_geometrically(progress, start, end, self.tc_until, self.tc_end)

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
        terms = weighted_terms(
            encoded,
            self.kl_weight_at(progress),
            penalty(
                TOTAL_CORRELATION,
                batch_total_correlation(encoded.posterior, encoded.latent),
                self.tc_weight_at(progress),
            ),
        )
        return terms.loss, terms

    def selection_window(self) -> tuple[float, float]:
        """A tenth of training that ends before the TC weight begins to fall.

        It begins when the KL weight reaches 1, if that is early enough. In this window
        entangled members have a visibly higher loss than the others. Once the TC weight
        has fallen, their losses are alike.
        """
        end = min(self.kl_until + 0.1, self.tc_until, 1.0)
        return (max(0.0, end - 0.1), end)
