"""VAE = encoder + decoder. It knows no loss."""

from __future__ import annotations

import equinox as eqx
import jax
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.models.fully_connected import (
    FullyConnectedDecoder,
    FullyConnectedEncoder,
    NetworkConfig,
)
from tinyvae.models.gaussian import DiagonalGaussian


class VAE(eqx.Module):
    """A variational autoencoder: image to posterior, latent to pixel logits.

    Every method takes one example; batch with `jax.vmap`.
    """

    encoder: FullyConnectedEncoder
    decoder: FullyConnectedDecoder

    def encode(self, image: Shaped[Array, "height width"]) -> DiagonalGaussian:
        """The posterior q(z | image). Its mean is the code."""
        return self.encoder(image)

    def decode(self, latent: Float[Array, " latent"]) -> Float[Array, "height width"]:
        """Pixel logits at one point of the latent space."""
        return self.decoder(latent)

    def reconstruct(
        self, image: Shaped[Array, "height width"]
    ) -> Float[Array, "height width"]:
        """Probability that each pixel is white, decoded from the image's code."""
        return jax.nn.sigmoid(self.decode(self.encode(image).mean))


def fully_connected_vae(
    image_shape: tuple[int, int], config: NetworkConfig, *, key: PRNGKeyArray
) -> VAE:
    """A VAE of fully connected layers with freshly drawn weights."""
    encoder_key, decoder_key = jax.random.split(key)
    shape = (image_shape, config.latents, config.hidden, config.activation)
    return VAE(
        FullyConnectedEncoder(*shape, key=encoder_key),
        FullyConnectedDecoder(*shape, key=decoder_key),
    )
