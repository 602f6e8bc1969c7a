"""Models: from image to posterior, from latent to image. They contain no loss."""

from __future__ import annotations

from tinyvae.models.additive import Additive
from tinyvae.models.by_size import BySize
from tinyvae.models.convolutional import Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian
from tinyvae.models.translated import Translated

# one line per network and likelihood; configuration, options and page derive from it
NETWORKS: dict[str, type] = {
    "fully-connected": FullyConnected,
    "convolutional": Convolutional,
    "additive": Additive,
    "translated": Translated,
}
LIKELIHOODS: dict[str, type] = {
    "bernoulli": Bernoulli,
    "continuous-bernoulli": ContinuousBernoulli,
    "gaussian": Gaussian,
}

__all__ = [
    "LIKELIHOODS",
    "NETWORKS",
    "Additive",
    "BySize",
    "Convolutional",
    "FullyConnected",
    "Translated",
]
