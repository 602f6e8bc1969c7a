"""Models: image to posterior, latent to image. They know no loss."""

from __future__ import annotations

from tinyvae.models.by_size import BySize
from tinyvae.models.convolutional import Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian

# one line a network and a likelihood; configuration, options and page derive from them
NETWORKS: dict[str, type] = {
    "fully-connected": FullyConnected,
    "convolutional": Convolutional,
}
LIKELIHOODS: dict[str, type] = {
    "bernoulli": Bernoulli,
    "continuous-bernoulli": ContinuousBernoulli,
    "gaussian": Gaussian,
}

__all__ = ["LIKELIHOODS", "NETWORKS", "BySize", "Convolutional", "FullyConnected"]
