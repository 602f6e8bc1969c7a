"""Likelihoods: the distribution of the pixels given the decoder's output.

| likelihood | parameter of a pixel | its pixels |
| --- | --- | --- |
| Bernoulli | logit of the probability that it is white | 0 or 1; a few between |
| continuous Bernoulli | logit; the density grows as exp(logit * pixel) | 0 to 1 |
| Gaussian | mean; one learned scale for all pixels | any number |

Every log likelihood is a sum over pixels and channels, in nats. That of the two
continuous likelihoods is a log density, which can be above 0.
"""

from __future__ import annotations

import math
from typing import Literal, Protocol, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import xlogy
from jaxtyping import Array, Float, Shaped

from tinyvae.pixels import Pixels

# The log scale stays within +-7, so that a scale lies in [9e-4, 1097]: from well below
# the step of 8-bit pixels, 1/255, to above any picture. Without a lower limit it falls
# to 0, and the likelihood rises to infinity, once a picture is memorised.
LOG_SCALE_LIMIT = 7.0
# Adam moves every parameter by about its rate in each step. A log scale has to travel
# several nats, weights only fractions of 1: so it travels ten times as far in a step.
LOG_SCALE_SPEED = 10.0
HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)
SERIES_LIMIT = 1.0  # logits smaller than this go through the Taylor series

LikelihoodKind = Literal["bernoulli", "continuous-bernoulli", "gaussian"]


@runtime_checkable
class Likelihood(Protocol):
    """Density of an image given the decoder's output; its arrays are learned."""

    @property
    def kind(self) -> str:
        """Its name in a configuration."""
        ...

    def log_likelihood(
        self, parameters: Float[Array, "*image"], image: Shaped[Array, "*image"]
    ) -> Float[Array, ""]:
        """Log likelihood of one image, in nats, summed over pixels and channels."""
        ...

    def mean(self, parameters: Float[Array, "*image"]) -> Float[Array, "*image"]:
        """Expected value of each pixel: the picture to be shown."""
        ...

    def gain(self, images: Shaped[Array, "batch *image"]) -> Float[Array, ""]:
        """Nats by which a perfect decoder beats the mean picture, for each picture."""
        ...


def in_a_row(
    parameters: Float[Array, "*image"], image: Shaped[Array, "*image"]
) -> tuple[Float[Array, " pixel"], Float[Array, " pixel"]]:
    """Parameters and pixels of one image as vectors of the same type.

    On a CPU, XLA vectorises over the last axis. For pictures of one channel that axis
    has length 1, so nothing is vectorised and a training step takes half as long again.
    """
    return parameters.ravel(), image.ravel().astype(parameters.dtype)


def softplus(logits: Float[Array, "*image"]) -> Float[Array, "*image"]:
    """ln(1 + exp(logit)) without overflow, in one pass over the logits.

    Its derivative is the logistic function everywhere, 1/2 at 0.
    """
    # max(l, 0) + ln(1 + exp(-|l|)); |l| and max(l, 0) both treat 0 as positive, so that
    # the derivatives at 0 are 1 and 1 - 1/2
    positive = logits >= 0
    size = jnp.where(positive, logits, -logits)
    return jnp.where(positive, logits, 0) + jnp.log1p(jnp.exp(-size))


def bernoulli_gain(images: Shaped[Array, "batch *image"]) -> Float[Array, ""]:
    """Entropy of the mean picture minus the mean entropy of a picture, in nats.

    The mean picture is the best that is the same for all, with this cross entropy; the
    entropy of a picture is its cross entropy with itself.
    """
    pixels = images.reshape(len(images), -1).astype(jnp.float32)
    gain = entropy(pixels.mean(0)).sum()
    if images.dtype == jnp.bool_:  # each picture by itself is certain
        return gain
    return gain - entropy(pixels).sum() / len(images)


def entropy(p: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Entropy of a coin that shows 1 with probability p, in nats.

    Beyond 0 and 1, where rounding may lead, it is 0.
    """
    p = jnp.clip(p, 0.0, 1.0)
    return -(xlogy(p, p) + xlogy(1 - p, 1 - p))


class Bernoulli(eqx.Module):
    """Each pixel is 1 with the probability given by its logit, else 0."""

    kind: Literal["bernoulli"] = eqx.field(static=True, default="bernoulli")

    def log_likelihood(
        self, parameters: Float[Array, "*image"], image: Shaped[Array, "*image"]
    ) -> Float[Array, ""]:
        """Log likelihood ln p(image | logits), summed over pixels, in nats, at most 0.

        A pixel between 0 and 1 stands for one that is white with this probability: this
        is then the mean log likelihood of such pictures (the negative cross entropy),
        and not a density of grey values.
        """
        # ln sigmoid(l) x + ln sigmoid(-l) (1 - x) = x l - softplus(l)
        logits, pixels = in_a_row(parameters, image)
        return jnp.sum(pixels * logits - softplus(logits))

    def mean(self, parameters: Float[Array, "*image"]) -> Float[Array, "*image"]:
        """Probability that each pixel is white."""
        return jax.nn.sigmoid(parameters)

    def gain(self, images: Shaped[Array, "batch *image"]) -> Float[Array, ""]:
        """Nats by which a perfect decoder beats the mean picture, for each picture."""
        return bernoulli_gain(images)


def log_normaliser(logits: Float[Array, "*image"]) -> Float[Array, "*image"]:
    """Log of the integral of exp(logit * x) over x from 0 to 1; 0 at logit 0.

    It is ln((exp(l) - 1) / l). Below |l| = 1, where that is a ratio of small numbers,
    the series l/2 + l^2/24 - l^4/2880 + l^6/181440 - l^8/9676800 is used; its first
    omitted term is below 3e-9.

    Source: Loaiza-Ganem & Cunningham (2019), eq. 8, arXiv:1907.06845, whose parameter
    is the probability sigmoid(l); in the logit the normaliser is one fraction.
    """
    size = jnp.abs(logits)
    near = size < SERIES_LIMIT
    squared = jnp.where(near, logits, 0) ** 2
    series = 1 / 24 + squared * (-1 / 2880 + squared * (1 / 181440 - squared / 9676800))
    far = jnp.where(near, 1, size)
    exact = jnp.maximum(logits, 0) + jnp.log1p(-jnp.exp(-far)) - jnp.log(far)
    return jnp.where(near, logits / 2 + squared * series, exact)


class ContinuousBernoulli(eqx.Module):
    """Density of a pixel in [0, 1] proportional to exp(logit * pixel).

    Source: Loaiza-Ganem & Cunningham (2019), arXiv:1907.06845.
    """

    kind: Literal["continuous-bernoulli"] = eqx.field(
        static=True, default="continuous-bernoulli"
    )

    def log_likelihood(
        self, parameters: Float[Array, "*image"], image: Shaped[Array, "*image"]
    ) -> Float[Array, ""]:
        """Log density ln p(image | logits), summed over pixels, in nats."""
        logits, pixels = in_a_row(parameters, image)
        return jnp.sum(pixels * logits - log_normaliser(logits))

    def mean(self, parameters: Float[Array, "*image"]) -> Float[Array, "*image"]:
        """Expected value of each pixel, which is not sigmoid(logit)."""
        # 1 / (1 - exp(-l)) - 1 / l, the derivative of the log normaliser
        size = jnp.abs(parameters)
        near = size < SERIES_LIMIT
        small = jnp.where(near, parameters, 0)
        squared = small**2
        series = 1 / 12 + squared * (
            -1 / 720 + squared * (1 / 30240 - squared / 1209600)
        )
        far = jnp.where(near, 1, size)
        rest = 1 / far + jnp.exp(-far) / jnp.expm1(-far)  # mean at -far
        exact = jnp.where(parameters > 0, 1 - rest, rest)
        return jnp.where(near, 0.5 + small * series, exact)

    def gain(self, images: Shaped[Array, "batch *image"]) -> Float[Array, ""]:
        """Nats that a perfect decoder would gain under a Bernoulli likelihood.

        Under this density, it gains without limit where pixels are 0 or 1.
        """
        return bernoulli_gain(images)


class Gaussian(eqx.Module):
    """Each pixel is normal around the decoder's output, with one scale for all.

    The scale is learned with the weights, so that the pictures determine the balance
    of reconstruction and KL. A fixed scale would set it by hand.

    Source: Rybkin et al. (2021), section 3, arXiv:2006.13202. There the log scale has
    a lower limit of -6; here it is limited smoothly to +-7.
    """

    slow_log_scale: Float[Array, "*member"] = eqx.field(
        default_factory=lambda: jnp.zeros((), jnp.float32)
    )
    kind: Literal["gaussian"] = eqx.field(static=True, default="gaussian")

    def log_scale(self) -> Float[Array, "*member"]:
        """Log of the scale, within +-7; a tenth of it is what is learned."""
        log_scale = LOG_SCALE_SPEED * self.slow_log_scale
        return LOG_SCALE_LIMIT * jnp.tanh(log_scale / LOG_SCALE_LIMIT)

    def log_likelihood(
        self, parameters: Float[Array, "*image"], image: Shaped[Array, "*image"]
    ) -> Float[Array, ""]:
        """Log density ln p(image | means), summed over pixels, in nats."""
        log_scale = self.log_scale()
        means, pixels = in_a_row(parameters, image)
        distance = (pixels - means) * jnp.exp(-log_scale)
        constant = parameters.size * (log_scale + HALF_LOG_TWO_PI)
        return -0.5 * jnp.sum(distance**2) - constant

    def mean(self, parameters: Float[Array, "*image"]) -> Float[Array, "*image"]:
        """The decoder's output itself."""
        return parameters

    def gain(self, images: Shaped[Array, "batch *image"]) -> Float[Array, ""]:
        """Nats by which a perfect decoder beats the mean picture, for each picture.

        The mean picture has a wider scale at each pixel, which also holds the variance
        there. The difference of the two entropies is ln(1 + variance / scale^2) / 2.
        """
        pixels = images.reshape(len(images), -1).astype(jnp.float32)
        return 0.5 * jnp.log1p(pixels.var(0) * jnp.exp(-2 * self.log_scale())).sum()


LIKELIHOOD_OF_PIXELS: dict[Pixels, LikelihoodKind] = {
    "binary": "bernoulli",
    # A density has no limit at pixels that are all 0: it rises with the logit for ever,
    # and what an objective adds to it, in tens of nats, no longer counts.
    "saturated": "bernoulli",
    "grey": "gaussian",
    "real": "gaussian",
}


def likelihood_kind(pixels: Pixels) -> LikelihoodKind:
    """The default likelihood for such pixels.

    >>> likelihood_kind("grey")
    'gaussian'
    """
    return LIKELIHOOD_OF_PIXELS[pixels]
