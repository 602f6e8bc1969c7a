"""The evidence lower bound: the plain VAE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    before_the_middle,
    encode_batch,
    traceable,
    weighted_terms,
)
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class ELBO:
    """Reconstruction minus KL to the prior, in nats.

    loss = -reconstruction + KL

    Expect: an ELBO that no penalty lowers, and latents that mix factors, since no term
    changes when latents are rotated. On circles the worst factor of a seed has a share
    of 0.074 to 0.716 (20 seeds). Its ELBO there is below that of `coarse-to-fine`,
    which learns twice as fast, and above it at the same learning rate.

    Source: Kingma & Welling (2014), eq. 3, arXiv:1312.6114.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "plain VAE"
    kind: Literal["vae"] = "vae"

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        terms = weighted_terms(encode_batch(model.vae, batch.images, key=key), 1.0)
        return terms.loss, terms

    selection_window = before_the_middle
