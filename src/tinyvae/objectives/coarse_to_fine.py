"""Coarse to fine: blurred pictures and strong penalties first, then nearly the ELBO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.models.likelihoods import Likelihood
from tinyvae.models.translated import TranslatedDecoder
from tinyvae.models.vae import gaussian
from tinyvae.objectives.blurring import blurred
from tinyvae.objectives.cauchy_schwarz import (
    CAUCHY_SCHWARZ,
    cauchy_schwarz_information,
)
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Terms,
    check_weight,
    decode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.objectives.schedules import (
    check_times,
    falls_geometrically,
    falls_linearly,
)
from tinyvae.objectives.total_correlation import (
    TOTAL_CORRELATION,
    batch_total_correlation,
)
from tinyvae.worlds.world import Batch

LITTLE = 1e-3  # what remains of the weight of the total correlation
LEAST_GAIN = 1.0  # nats; pictures that are all equal have none, and then no weights
# Small things have little to gain, but as much to hide: with fewer nats, the latent of
# a radius of 2 to 5 pixels tells of the place too.
LEAST_OF_CS = 250.0


@traceable
@dataclass(frozen=True)
class CoarseToFine:
    """The ELBO of pictures that are blurred at first, with weights that fit them.

    The decoder is asked for blurred pictures first. There a thing that moves or grows
    changes every pixel a little, always in the same direction, so that place and size
    are directions of their own. In sharp pictures, two places that do not overlap are
    equally different however far apart, and a VAE of small things tears the plane of
    places into pieces. The encoder sees sharp pictures from the start. A decoder that
    moves what it draws (the network `translated`) has the plane of places from the
    start, so its pictures are not blurred: a circle that is cut by the frame, blurred,
    looks like a smaller one.

    As in `annealed-tc`, a heavy KL limits the latents to the most important directions,
    and total correlation, which rises when factors are mixed, rotates the latents onto
    the factors. But it also makes posteriors wide, which costs ELBO. So once the
    latents are rotated, a second measure of dependence takes over that does not, and
    keeps them apart until the end: Cauchy-Schwarz information.

    All weights are shares of what there is to gain: the nats by which a perfect decoder
    would beat the mean picture, in each minibatch. So they fit pictures of any size and
    contrast, and of any blur. On circles of 32x32 pixels this gain is 256 nats.

    loss = -reconstruction + kl_weight(t) * KL + tc_weight(t) * TC + cs_weight(t) * CS,
    where the reconstruction is that of blurred pictures until `fine_at`. TC is the
    total correlation of the aggregate posterior and CS its Cauchy-Schwarz information,
    both estimated from each minibatch.

    Times are shares of training, from 0 to 1.

    Args:
        blur: standard deviation of the blur at the start, as a share of the picture's
            side; it falls linearly to 0. 0: never blurred. With the network
            `translated` no picture is.
        fine_at: time at which pictures are sharp and the weight of the KL reaches 1.
        kl_share: weight of the KL at the start, as a share of the gain.
        tc_share: weight of the total correlation at the start, as a share of the gain.
        tc_until: time at which that weight begins to fall geometrically, to a
            thousandth, and the weight of the Cauchy-Schwarz information to rise.
        tc_end: time at which both have reached their final weights.
        cs_share: weight of the Cauchy-Schwarz information at the end, as a share of the
            gain, which counts as 250 nats where it is less. With 0, the ELBO gains a
            little by latents that also tell of other factors.

    Expect: independent factors, each in a latent of its own, and at the end nearly the
    ELBO of a plain VAE. With four VAEs and the same settings, all of 120 seeds on whole
    circles (in pictures of 24, 32 and 48 pixels, of several ranges of the radius) and
    on discs of shapes have shares of 0.993 and more, and so have those that were run at
    64 and 96 pixels. Where factors depend on one another, it finds combinations that do
    not. Until `fine_at` the reported terms are those of blurred pictures. Rows of a
    table are not blurred.

    Where no learning rate is given, it is 0.008, and 0.001 with a Gaussian likelihood.

    Source: our own. The weight on total correlation is that of Chen et al. (2018),
    arXiv:1802.04942; blurring first is continuation in scale, as Sinha et al. (2020)
    do with features of classifiers, arXiv:2003.01367.
    Raises: ValueError if a number is negative or not finite, if the blur is above 1, or
    if times are not in order.
    """

    needs: ClassVar[Needs] = Needs(learning_rate=8e-3)
    title: ClassVar[str] = "recipe"
    blur: float = 0.25
    fine_at: float = 0.15
    kl_share: float = 0.06
    tc_share: float = 0.12
    tc_until: float = 0.3
    tc_end: float = 0.5
    cs_share: float = 0.08
    kind: Literal["coarse-to-fine"] = "coarse-to-fine"

    def __post_init__(self):
        for name in ("blur", "kl_share", "tc_share", "cs_share"):
            check_weight(name, getattr(self, name))
        if self.blur > 1:
            raise ValueError(
                f"expected a blur of at most 1, got {self.blur}. It is a share of the "
                "picture's side."
            )
        check_times("fine_at", self.fine_at, tc_until=self.tc_until, tc_end=self.tc_end)

    def blur_at(self, progress: Float[Array, ""]) -> Float[Array, ""]:
        """Standard deviation of the blur, as a share of the side."""
        return falls_linearly(progress, self.blur, 0.0, self.fine_at)

    def kl_weight_at(
        self, progress: Float[Array, ""], gain: Float[Array, ""]
    ) -> Float[Array, ""]:
        """Weight of the KL, where a perfect decoder gains so many nats."""
        return falls_linearly(progress, self.kl_share * gain, 1.0, self.fine_at)

    def tc_weight_at(
        self, progress: Float[Array, ""], gain: Float[Array, ""]
    ) -> Float[Array, ""]:
        """Weight of the total correlation, where a perfect decoder gains so many."""
        start = self.tc_share * gain
        end = LITTLE * start
        return falls_geometrically(progress, start, end, self.tc_until, self.tc_end)

    def cs_weight_at(
        self, progress: Float[Array, ""], gain: Float[Array, ""]
    ) -> Float[Array, ""]:
        """Weight of the Cauchy-Schwarz information, for the same gain."""
        done = (progress - self.tc_until) / (self.tc_end - self.tc_until)
        return self.cs_share * jnp.maximum(gain, LEAST_OF_CS) * jnp.clip(done, 0, 1)

    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """Loss and terms of one minibatch."""
        vae = model.vae
        posterior = gaussian(jax.vmap(vae.encode)(batch.images), "an ELBO")
        moves = isinstance(vae.decoder, TranslatedDecoder)
        blur = jnp.zeros(()) if moves else self.blur_at(progress)
        targets, gain = targets_with_gain(vae.likelihood, batch.images, blur)
        encoded = decode_batch(vae, posterior, targets, key=key)
        terms = weighted_terms(
            encoded,
            self.kl_weight_at(progress, gain),
            penalty(
                TOTAL_CORRELATION,
                batch_total_correlation(encoded.posterior, encoded.latent),
                self.tc_weight_at(progress, gain),
            ),
            penalty(
                CAUCHY_SCHWARZ,
                cauchy_schwarz_information(encoded.latent),
                self.cs_weight_at(progress, gain),
            ),
        )
        return terms.loss, terms

    def selection_window(self) -> tuple[float, float]:
        """The twentieth of training after pictures have become sharp.

        Earlier, the losses of good and bad VAEs differ by less: in trials by 0.04 nats
        where it is 2 here.
        """
        start = min(self.fine_at, 0.95)
        return (start, start + 0.05)


def targets_with_gain(
    likelihood: Likelihood,
    images: Shaped[Array, "batch height width channel"],
    blur: Float[Array, ""],
) -> tuple[Float[Array, "batch height width channel"], Float[Array, ""]]:
    """The pictures that the decoder is asked for, and what it can gain, in nats.

    Sharp pictures do not go through the blur, and the gain of those that are black and
    white takes no logarithm of every pixel: a step then takes a tenth less.
    """

    def coarse() -> tuple[Array, Array]:
        targets = blurred(images, blur)
        return targets, likelihood.gain(targets)

    def fine() -> tuple[Array, Array]:
        return images.astype(jnp.float32), likelihood.gain(images)

    targets, gain = jax.lax.cond(blur > 0, coarse, fine)
    return targets, jnp.maximum(jax.lax.stop_gradient(gain), LEAST_GAIN)
