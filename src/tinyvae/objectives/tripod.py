"""Tripod: quantised latents that are independent and do not interfere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.quantised import FiniteScalarHead, check_levels
from tinyvae.models.vae import VAE
from tinyvae.objectives.interference import normalised_hessian_penalty
from tinyvae.objectives.multi_information import multi_information
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
    QuantisedBatch,
    encode_quantised,
    numbers_of,
    quantised_terms,
)
from tinyvae.worlds.world import Batch

DIRECTIONS = 2  # in which the curvature of the decoder is measured, of each sort
STEP = 0.1  # of the second differences, in standard deviations of a latent
SMALLEST_SCALE = 1e-6  # of a latent whose codes are all alike


@traceable
@dataclass(frozen=True)
class Tripod:
    """An autoencoder of quantised latents, independent ones that do not interfere.

    loss = -reconstruction + N * (multi_information * I + hessian * H), where I is the
    multi-information of the codes, H the normalised Hessian penalty of the decoder, and
    N the numbers of a picture.

    Three preferences together. Each latent takes one of a few fixed, evenly spaced
    levels. The multi-information of a minibatch's codes (their total correlation, by a
    kernel density estimate) is penalised. And so is the part of the decoder's second
    derivatives that is mixed: what one latent changes in the picture shall not depend
    on the others. There is no KL and no noise.

    The weights are those of the published code, for a reconstruction that is averaged
    over the numbers of a picture. As it is summed here, the loss has them times these
    numbers. A step decodes each picture about nine times.

    The KL that is reported has no weight. It is that to the frequencies of the levels,
    and so the entropy of each latent: see docs/quantised_latents.md.

    Args:
        levels: values of each latent, 2 to 256. The published code takes 12.
        multi_information: weight of the multi-information. The published code takes
            1e-4, 1e-8 and 1e-10: the first for Shapes3D and Isaac3D, the second for
            MPI3D, the third for Falcor3D.
        hessian: weight of the normalised Hessian penalty. The published code takes
            1e-2, 1e-4 and 1e-8: the first for Shapes3D and Falcor3D, the second for
            MPI3D, the third for Isaac3D.

    Expect: codes of a few exact values. Published weights differ by up to a million
    between data sets, so they must be found for each world.

    Source: Hsu et al. (2024), arXiv:2404.10282. The published code takes the Hessian
    penalty of four layers within the decoder; here it is that of the decoder's output.
    Its kernels are wider for the latents' own densities than for the joint one; here
    they are the same. It trains for 250 000 steps of 64 pictures at a constant rate of
    0.0002.
    Raises: ValueError if a weight is negative or not finite. ConfigError if the number
    of levels is out of range.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "Tripod"
    levels: int = 12
    multi_information: float = 1e-4
    hessian: float = 1e-2
    kind: Literal["tripod"] = "tripod"

    def __post_init__(self):
        check_levels(self.levels)
        check_weight("multi_information", self.multi_information)
        check_weight("hessian", self.hessian)

    def head(self, latents: int) -> FiniteScalarHead:
        """This number of fixed levels for each latent."""
        return FiniteScalarHead(latents, self.levels)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        encoded = encode_quantised(model.vae, batch.images)
        variance = encoded.posterior.continuous.var(axis=0)
        scale = jnp.sqrt(variance + SMALLEST_SCALE**2)
        numbers = numbers_of(batch.images)
        terms = quantised_terms(
            encoded,
            penalty(
                "multi-information",
                multi_information(encoded.latent, scale),
                numbers * self.multi_information,
            ),
            penalty(
                "normalised Hessian penalty",
                interference(model.vae, encoded, scale, key=key),
                numbers * self.hessian,
            ),
        )
        return terms.loss, terms

    selection_window = before_the_middle


def interference(
    vae: VAE,
    encoded: QuantisedBatch,
    scale: Float[Array, " latent"],
    *,
    key: PRNGKeyArray,
) -> Float[Array, ""]:
    """Normalised Hessian penalty of the decoder, mean over the minibatch's codes."""
    keys = jax.random.split(key, len(encoded.latent))
    at_code = partial(normalised_hessian_penalty, num_directions=DIRECTIONS, step=STEP)
    each = jax.vmap(lambda code, key: at_code(vae.decode, code, scale, key=key))
    return each(encoded.latent, keys).mean()
