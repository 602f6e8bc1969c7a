"""Hausdorff factorised support: every combination of the latents' values occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    before_the_middle,
    check_weight,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.objectives.support import pairwise_hausdorff_distance
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class FactorisedSupport:
    """The beta-VAE, minus a penalty where combinations of latents never occur.

    loss = -reconstruction + beta * KL + support_weight * distance

    The distance is the Hausdorff distance of the codes of a minibatch from every
    combination of their values, summed over all pairs of latents. It asks for less than
    independent latents: dependent factors keep a factorised support as long as each
    combination occurs.

    Args:
        support_weight: weight of the Hausdorff distance, called gamma in the paper.
            The published grid takes 0.1, 1, 10, 100, 1000 and 10000.
        support_pictures: pictures of each minibatch whose codes are compared, or all of
            a smaller minibatch; the work grows with the third power of it.
        beta: weight of the KL; 1 is the plain VAE. It keeps codes from becoming small,
            which would lower the penalty. The published grid takes 0, 1, 2, 4, 6, 8, 10
            and 16.

    Expect: latents whose combinations all occur, also where factors are correlated. Its
    weight must be found for each world: the distance has no unit in common with nats.

    Source: Roth et al. (2023), arXiv:2210.07347. There random
    combinations are compared for random pairs of latents, 100 for each of 25 pairs in
    the published code; here all combinations, for all pairs.
    Raises: ValueError if a weight is negative or not finite, or if support_pictures is
    below 2.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "factorised support"
    support_weight: float = 100.0
    support_pictures: int = 64
    beta: float = 1.0
    kind: Literal["hfs"] = "hfs"

    def __post_init__(self):
        check_weight("support_weight", self.support_weight)
        check_weight("beta", self.beta)
        if self.support_pictures < 2:
            raise ValueError(
                "expected support_pictures of at least 2, got "
                f"{self.support_pictures}. One code has no other combinations."
            )

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
        codes = encoded.posterior.mean[: self.support_pictures]
        terms = weighted_terms(
            encoded,
            self.beta,
            penalty(
                "Hausdorff distance from a factorised support",
                pairwise_hausdorff_distance(codes),
                self.support_weight,
            ),
        )
        return terms.loss, terms

    selection_window = before_the_middle
