"""QLAE: latents that take values of small learned codebooks, and weight decay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import optax
from jax.lax import stop_gradient
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.quantised import CodebookHead, QuantisedPosterior, check_levels
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    before_the_middle,
    check_weight,
    penalty,
    traceable,
)
from tinyvae.objectives.quantised_terms import (
    encode_quantised,
    numbers_of,
    quantised_terms,
)
from tinyvae.worlds.world import Batch


def decayed(model: Model) -> Any:
    """Which arrays decay: the weights of both networks, not biases nor codebooks."""

    def decays(path: Any, leaf: Array) -> bool:
        names = {getattr(key, "name", None) for key in path}
        return bool(names & {"encoder", "decoder"}) and "bias" not in names

    return jax.tree_util.tree_map_with_path(decays, model)


def quantisation_loss(posterior: QuantisedPosterior) -> Float[Array, ""]:
    """Mean squared distance of the levels from the features; moves the codebooks.

    Source: van den Oord et al. (2017), eq. 3, second term, arXiv:1711.00937.
    """
    return jnp.mean((stop_gradient(posterior.continuous) - posterior.quantised) ** 2)


def commitment_loss(posterior: QuantisedPosterior) -> Float[Array, ""]:
    """Mean squared distance of the features from the levels; moves the encoder.

    Source: van den Oord et al. (2017), eq. 3, third term, arXiv:1711.00937.
    """
    return jnp.mean((posterior.continuous - stop_gradient(posterior.quantised)) ** 2)


@traceable
@dataclass(frozen=True)
class QLAE:
    """An autoencoder whose latents take values of small codebooks, under weight decay.

    loss = -reconstruction + N * (quantisation + commitment) * D, where D is the mean
    squared distance of features and levels, and N the numbers of a picture.

    Each latent has its own codebook of learned numbers, its levels. The encoder gives
    one number for each latent, the nearest level is decoded, and the gradient passes
    through this step unchanged. Few levels for each latent, and many combinations of
    them, make it costly to use one level in different meanings; weight decay makes
    the networks simple. There is no KL and no noise.

    Both penalties are mean squared distances of features and levels. Their weights are
    those of the published code, for a reconstruction that is averaged over the numbers
    of a picture. As it is summed here, the loss has them times these numbers.

    The KL that is reported has no weight. It is that to the frequencies of the levels,
    and so the entropy of each latent: see docs/quantised_latents.md.

    Args:
        levels: values of each latent, 2 to 256. The published code takes 10.
        quantisation: weight of the distance that moves the codebooks. The published
            code takes 0.01 and 0.001, the latter where there are settings for a data
            set (dSprites, Shapes3D), and `commitment` the same.
        commitment: weight of the distance that moves the encoder. The published code
            takes 0.01 and 0.001, and `quantisation` the same.
        weight_decay: each step takes the learning rate times this part off every
            weight of encoder and decoder, not off biases and codebooks. The published
            code takes 0.1, at a constant rate of 0.001 for 200 000 steps of 128
            pictures. Without a gradient, a weight falls to 1/e in
            1 / (rate x weight_decay) steps, 10 000 of these; shorter training needs a
            larger decay for the same effect.

    Expect: codes of a few exact values, in which a factor of more values than levels
    cannot be read exactly. The weight decay needs long training, or must be larger.

    Source: Hsu et al. (2023), arXiv:2305.18378. The published code also limits each
    component of the gradient to 1, and its decoder is modulated by the latents; its
    configuration has twice as many latents as factors.
    Raises: ValueError if a weight is negative or not finite. ConfigError if the number
    of levels is out of range.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "QLAE"
    levels: int = 10
    quantisation: float = 0.01
    commitment: float = 0.01
    weight_decay: float = 0.1
    kind: Literal["qlae"] = "qlae"

    def __post_init__(self):
        check_levels(self.levels)
        check_weight("quantisation", self.quantisation)
        check_weight("commitment", self.commitment)
        check_weight("weight_decay", self.weight_decay)

    def head(self, latents: int) -> CodebookHead:
        """A codebook of this number of levels for each latent."""
        return CodebookHead(latents, self.levels)

    def optimizer(self, learning_rate: Any) -> optax.GradientTransformation:
        """Adam with weight decay that is no part of the gradient (AdamW).

        Source: Loshchilov & Hutter (2019), algorithm 2, arXiv:1711.05101.
        """
        return optax.adamw(learning_rate, weight_decay=self.weight_decay, mask=decayed)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch; the key is unused."""
        encoded = encode_quantised(model.vae, batch.images)
        numbers = numbers_of(batch.images)
        terms = quantised_terms(
            encoded,
            penalty(
                "quantisation distance",
                quantisation_loss(encoded.posterior),
                numbers * self.quantisation,
            ),
            penalty(
                "commitment distance",
                commitment_loss(encoded.posterior),
                numbers * self.commitment,
            ),
        )
        return terms.loss, terms

    selection_window = before_the_middle
