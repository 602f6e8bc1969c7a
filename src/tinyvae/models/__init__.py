"""Models: image to posterior, latent to image. They know no loss."""

from __future__ import annotations

from tinyvae.models.convolutional import SMALLEST_SIDE, Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian

# One line for each network and likelihood.
NETWORKS = {
    "fully-connected": FullyConnected,
    "convolutional": Convolutional,
}
LIKELIHOODS = {
    "bernoulli": Bernoulli,
    "continuous-bernoulli": ContinuousBernoulli,
    "gaussian": Gaussian,
}
MOST_PIXELS_FULLY_CONNECTED = 32 * 32


def default_network(
    image_shape: tuple[int, int, int], latents: int
) -> FullyConnected | Convolutional:
    """The network for images of this shape, where the user asks for none.

    Fully connected up to 32x32 pixels (however they are arranged) and for vectors
    (a side of less than 6 pixels), convolutional above.
    """
    height, width, _ = image_shape
    small = height * width <= MOST_PIXELS_FULLY_CONNECTED
    if small or min(height, width) < SMALLEST_SIDE:
        return FullyConnected(latents=latents)
    return Convolutional(latents=latents)
