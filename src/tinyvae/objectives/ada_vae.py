"""Ada-GVAE and Ada-ML-VAE: pairs of pictures that differ in a few factors alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.vae import VAE, gaussian
from tinyvae.objectives.objective import (
    EncodedBatch,
    Model,
    Needs,
    Terms,
    before_the_middle,
    check_weight,
    decode_batch,
    traceable,
    weighted_terms,
)
from tinyvae.worlds.draws import draw_pairs
from tinyvae.worlds.world import Batch, Population

Average = Callable[[DiagonalGaussian, DiagonalGaussian], DiagonalGaussian]


def shared_latents(
    kl: Float[Array, "*pair latent"],
) -> Bool[Array, "*pair latent"]:
    """Latents whose KL between the posteriors of a pair lies in the lower half.

    The threshold is midway between the smallest and the largest KL of the pair. No
    latent is shared if all are equal.

    Source: Locatello et al. (2020), section 4, arXiv:2002.02886.
    """
    threshold = (kl.max(-1, keepdims=True) + kl.min(-1, keepdims=True)) / 2
    return kl < threshold


def mean_of_parameters(
    first: DiagonalGaussian, second: DiagonalGaussian
) -> DiagonalGaussian:
    """The Gaussian whose mean and variance are the means of those of two Gaussians.

    Source: Hosoya (2019), arXiv:1809.02383.
    """
    variances = jnp.logaddexp(first.log_variance, second.log_variance)
    return DiagonalGaussian((first.mean + second.mean) / 2, variances - jnp.log(2.0))


def product_of_densities(
    first: DiagonalGaussian, second: DiagonalGaussian
) -> DiagonalGaussian:
    """The Gaussian whose density is proportional to the product of two densities.

    Its precision is the sum of theirs; its mean is weighted by precision.

    Source: Bouchacourt et al. (2018), section 3, arXiv:1705.08841.
    """
    log_precision = jnp.logaddexp(-first.log_variance, -second.log_variance)
    share = jax.nn.sigmoid(second.log_variance - first.log_variance)
    mean = share * first.mean + (1 - share) * second.mean
    return DiagonalGaussian(mean, -log_precision)


def average_shared(
    first: DiagonalGaussian, second: DiagonalGaussian, average: Average
) -> tuple[DiagonalGaussian, DiagonalGaussian]:
    """The posteriors of each pair, equal in the latents that the pair shares."""
    shared, common = shared_latents(first.kl_to(second)), average(first, second)

    def with_common(own: DiagonalGaussian) -> DiagonalGaussian:
        return jax.tree.map(partial(jnp.where, shared), common, own)

    return with_common(first), with_common(second)


@traceable
@dataclass(frozen=True)
class AdaGVAE:
    """The beta-VAE on pairs of pictures, which share the posterior of shared latents.

    loss = -reconstruction + beta * KL, where both terms are those of the shared
    posteriors.

    Two pictures of a pair differ in a few factors; which ones is not told. The latents
    whose posteriors differ least (by the KL of the first to the second, below the
    middle of its range over latents) count as shared. There, both pictures get one
    posterior, whose mean and variance are the means of the two.

    A step encodes twice as many pictures as that of a beta-VAE; terms are means over
    all of them.

    Args:
        changed_factors: number of factors that differ in each pair, or random: from 1
            to all but one, drawn for each pair. The paper takes 1 and random.
        beta: weight of the KL; 1 is the plain VAE. The paper takes 1, 2, 4, 6, 8, 16.

    Expect: in the paper, latents that are factors for more seeds than without pairs,
    and best where one factor changes in each pair. Results say that pairs were seen.
    Worlds draw the pairs; pictures of your own cannot be given in pairs yet. A few
    labels (`semi-supervised`) help there.

    Source: Locatello et al. (2020), section 4, arXiv:2002.02886. There a factor may be
    drawn again with its old value; here it gets another one.
    Raises: ValueError if a setting is out of range. ConfigError, once pictures are
    opened, if they do not come in pairs.
    """

    needs: ClassVar[Needs] = Needs(supervision="pairs")
    title: ClassVar[str] = "Ada-GVAE"
    changed_factors: int | Literal["random"] = 1
    beta: float = 1.0
    kind: Literal["ada-gvae"] = "ada-gvae"

    def __post_init__(self):
        _check(self.changed_factors, self.beta)

    def draw(self, population: Population, num: int, *, key: PRNGKeyArray) -> Batch:
        """Pairs that differ in this number of factors."""
        return draw_pairs(population, num, changed=self.changed_factors, key=key)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch of pairs."""
        encoded = encode_pairs(model.vae, batch, mean_of_parameters, key=key)
        terms = weighted_terms(encoded, self.beta)
        return terms.loss, terms

    selection_window = before_the_middle


@traceable
@dataclass(frozen=True)
class AdaMLVAE:
    """The beta-VAE on pairs of pictures, with the product of shared posteriors.

    loss = -reconstruction + beta * KL, where both terms are those of the shared
    posteriors.

    As Ada-GVAE, but the posterior of a shared latent is proportional to the product of
    the two.

    Args:
        changed_factors: number of factors that differ in each pair, or random: from 1
            to all but one, drawn for each pair. The paper takes 1 and random.
        beta: weight of the KL; 1 is the plain VAE. The paper takes 1, 2, 4, 6, 8, 16.

    Expect: what Ada-GVAE gives. The product of two posteriors is narrower than either,
    so its KL is higher.

    Source: Locatello et al. (2020), section 4, arXiv:2002.02886. The published code
    takes the root of the product, which has twice its variance. There a factor may be
    drawn again with its old value; here it gets another one.
    Raises: ValueError if a setting is out of range. ConfigError, once pictures are
    opened, if they do not come in pairs.
    """

    needs: ClassVar[Needs] = Needs(supervision="pairs")
    title: ClassVar[str] = "Ada-ML-VAE"
    changed_factors: int | Literal["random"] = 1
    beta: float = 1.0
    kind: Literal["ada-ml-vae"] = "ada-ml-vae"

    def __post_init__(self):
        _check(self.changed_factors, self.beta)

    def draw(self, population: Population, num: int, *, key: PRNGKeyArray) -> Batch:
        """Pairs that differ in this number of factors."""
        return draw_pairs(population, num, changed=self.changed_factors, key=key)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch of pairs."""
        encoded = encode_pairs(model.vae, batch, product_of_densities, key=key)
        terms = weighted_terms(encoded, self.beta)
        return terms.loss, terms

    selection_window = before_the_middle


def encode_pairs(
    vae: VAE, batch: Batch, average: Average, *, key: PRNGKeyArray
) -> EncodedBatch:
    """All pictures of the pairs, decoded from posteriors with common shared latents.

    Raises: ValueError if the pictures of the batch have no partners.
    """
    if batch.other is None:
        raise ValueError("expected a batch of pairs, got pictures without partners.")
    images = jnp.concatenate([batch.images, batch.other])
    posterior = gaussian(jax.vmap(vae.encode)(images), "pairs of posteriors")
    num = len(batch.images)
    first = jax.tree.map(lambda leaf: leaf[:num], posterior)
    second = jax.tree.map(lambda leaf: leaf[num:], posterior)
    pair = average_shared(first, second, average)
    both = jax.tree.map(lambda *halves: jnp.concatenate(halves), *pair)
    return decode_batch(vae, both, images, key=key)


def _check(changed: int | Literal["random"], beta: float) -> None:
    check_weight("beta", beta)
    if changed != "random" and (not isinstance(changed, int) or changed < 1):
        raise ValueError(
            "expected changed_factors of at least 1, or 'random', "
            f"got {changed!r}. Pictures without any change are all alike."
        )
