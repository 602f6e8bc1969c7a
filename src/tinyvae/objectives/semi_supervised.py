"""Semi-supervision: a few labelled pictures say which latent is which factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.errors import ConfigError
from tinyvae.objectives.annealed_tc import AnnealedTC
from tinyvae.objectives.beta_tcvae import BetaTCVAE
from tinyvae.objectives.beta_vae import BetaVAE
from tinyvae.objectives.coarse_to_fine import CoarseToFine
from tinyvae.objectives.dip_vae import DIPVAEI, DIPVAEII
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    check_weight,
    penalty,
    traceable,
)
from tinyvae.worlds.draws import draw_with_labels
from tinyvae.worlds.labelled import LabelledPopulation
from tinyvae.worlds.world import Batch, Population

Columns = Float[Array, "label column"]
Base = Literal[
    "beta-vae", "beta-tcvae", "coarse-to-fine", "annealed-tc", "dip-vae-i", "dip-vae-ii"
]
LabelLoss = Literal["squared", "cross-entropy"]
LABEL_LOSS = "label loss"

# objectives that need nothing but the VAE, with their defaults
BASES: dict[str, Any] = {
    "beta-vae": BetaVAE(),
    "beta-tcvae": BetaTCVAE(),
    "coarse-to-fine": CoarseToFine(),
    "annealed-tc": AnnealedTC(),
    "dip-vae-i": DIPVAEI(),
    "dip-vae-ii": DIPVAEII(),
}
WITH_BETA = ("beta-vae", "beta-tcvae")  # whose only number is beta


def standardised(labels: Columns) -> Columns:
    """Labels with mean 0 and variance 1 over the labelled pictures; NaN stays NaN.

    This is the scale of the prior. A label that is constant becomes 0.
    """
    deviation = jnp.nanstd(labels, axis=0)
    centred = labels - jnp.nanmean(labels, axis=0)
    return centred / jnp.where(deviation > 0, deviation, 1.0)


def in_unit_interval(labels: Columns) -> Columns:
    """Labels from 0, the smallest labelled one, to 1, the largest; NaN stays NaN."""
    low, high = jnp.nanmin(labels, axis=0), jnp.nanmax(labels, axis=0)
    return (labels - low) / jnp.where(high > low, high - low, 1.0)


def squared_loss(codes: Columns, targets: Columns) -> Columns:
    """-ln N(target | code, 1) without its constant, in nats: half the squared error."""
    return (codes - targets) ** 2 / 2


def cross_entropy(codes: Columns, targets: Columns) -> Columns:
    """Binary cross entropy of targets in [0, 1] and sigmoid(code), in nats."""
    return jax.nn.softplus(codes) - targets * codes


TARGETS: dict[str, Callable[[Columns], Columns]] = {
    "squared": standardised,
    "cross-entropy": in_unit_interval,
}
LOSSES: dict[str, Callable[[Columns, Columns], Columns]] = {
    "squared": squared_loss,
    "cross-entropy": cross_entropy,
}


def mean_label_loss(
    losses: Columns, known: Float[Array, "label column"]
) -> Float[Array, ""]:
    """Mean over pictures of the sum over their labels; `known` is 1 where there is one.

    A label that is missing counts as the mean of those that are there, so that a factor
    of few labels weighs as much as another.
    """
    count = known.sum(0)
    return (jnp.where(known > 0, losses, 0.0).sum(0) / jnp.maximum(count, 1)).sum()


@traceable
@dataclass(frozen=True)
class SemiSupervised:
    """A base objective, plus a loss that ties one latent to each factor by few labels.

    loss = loss of the base + label_weight * L, where L is the mean over labelled
    pictures of the sum over factors of the label loss of one latent's code. The first
    latent belongs to the first factor, and so on; latents that are left are free.

    An ordered factor takes one latent. A circular one takes two, for the cosine and
    sine of its angle. A categorical one takes one, for the position of its level in
    their order, which has no other meaning. A missing label adds nothing.

    The labelled pictures are drawn once from the training pictures, all different, by
    a seed of their own: they are data, the same for all members and seeds of a sweep.
    Each step sees all of them, or a random batch where there are more.

    Args:
        labelled: number of labelled pictures. The paper takes 100 and 1000.
        label_weight: weight of the label loss. 100 trusts a label to a tenth of a
            standard deviation of its factor.
        label_loss: squared (half the squared error of standardised labels) or
            cross-entropy (of labels from 0 to 1, and the sigmoid of the code).
        label_seed: decides which pictures are labelled.
        base: the objective that it is added to: beta-vae, beta-tcvae,
            coarse-to-fine, annealed-tc, dip-vae-i or dip-vae-ii.
        beta: weight of the KL in a beta-vae, or of the total correlation in a
            beta-tcvae; 1 is the plain VAE. The other bases have their default settings.

    Expect: a latent for each labelled factor, by its place, as far as so few labels
    tell. Results say that labels were seen.

    Source: Locatello et al. (2020), arXiv:1905.01258. Their code divides a label by the
    number of its values and adds up the loss over a batch of labelled pictures, where
    this is its mean; it has a FactorVAE as base too.
    Raises: ValueError if a setting is out of range. ConfigError, once pictures are
    opened, if they have too few labels, or more factors than there are latents.
    """

    needs: ClassVar[Needs] = Needs(supervision="labels")
    title: ClassVar[str] = "semi-supervised VAE"
    labelled: int = 100
    label_weight: float = 100.0
    label_loss: str = "squared"
    label_seed: int = 0
    base: str = "beta-vae"
    beta: float = 1.0
    kind: Literal["semi-supervised"] = "semi-supervised"

    def __post_init__(self):
        check_weight("label_weight", self.label_weight)
        check_weight("beta", self.beta)
        if self.labelled < 1:
            raise ValueError(
                f"expected at least 1 labelled picture, got {self.labelled}. "
                f"Choose the objective {self.base} to train without labels."
            )
        if not 0 <= self.label_seed < 2**32:
            raise ValueError(
                f"expected a label_seed of 0 to 2^32 - 1, got {self.label_seed}."
            )
        for name, kinds in (("label_loss", LabelLoss), ("base", Base)):
            if getattr(self, name) not in get_args(kinds):
                raise ValueError(
                    f"expected a {name} among {', '.join(get_args(kinds))}, got "
                    f"{getattr(self, name)!r}."
                )
        if self.base not in WITH_BETA and self.beta != 1:
            raise ValueError(
                f"expected no beta with the base {self.base}, which has weights of its "
                f"own, got {self.beta}. Leave beta out, or take the base beta-vae."
            )

    def base_objective(self) -> Any:
        """The objective that the label loss is added to."""
        base = BASES[self.base]
        if self.base in WITH_BETA:
            # beta may be traced, which `BetaVAE(beta)` would check in vain
            return jax.tree.map(lambda _: self.beta, base)
        return base

    def draw(self, population: Population, num: int, *, key: PRNGKeyArray) -> Batch:
        """Pictures without labels, and labelled ones."""
        if not isinstance(population, LabelledPopulation):
            raise ConfigError(
                "expected pictures of which some have labels, got "
                f"{type(population).__name__}. Train with `tinyvae.train` on a world "
                "or on pictures with labels."
            )
        targets = TARGETS[self.label_loss](population.labels)
        return draw_with_labels(population, targets, num, key=key)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch and of its labelled pictures."""
        _, terms = self.base_objective().loss(model, batch, progress, key=key)
        assert batch.labelled is not None  # `draw` gives them
        images, targets = batch.labelled
        codes = jax.vmap(model.vae.encode)(images).code[:, : targets.shape[1]]
        known = jnp.isfinite(targets)
        losses = LOSSES[self.label_loss](codes, jnp.where(known, targets, 0.0))
        value = mean_label_loss(losses, known.astype(losses.dtype))
        label_loss = penalty(LABEL_LOSS, value, self.label_weight)
        terms = replace(
            terms,
            loss=terms.loss + label_loss.weight * label_loss.value,
            penalties=(*terms.penalties, label_loss),
        )
        return terms.loss, terms

    def selection_window(self) -> tuple[float, float]:
        """That of the base."""
        return self.base_objective().selection_window()
