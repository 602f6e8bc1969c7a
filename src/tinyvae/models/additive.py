"""An encoder as usual, and a decoder that adds up the pictures of blocks of latents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.models.convolutional import Convolutional
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.layers import check_latents, check_widths
from tinyvae.models.likelihoods import Likelihood
from tinyvae.models.of_layers import network_of_layers
from tinyvae.models.vae import VAE, Head


class AdditiveDecoder(eqx.Module):
    """Latent to parameters of the likelihood: the sum over blocks of latents.

    f(z) = f_1(z_1) + ... + f_B(z_B), where z_b are the latents of block b and every f_b
    is a decoder with weights of its own.
    """

    decoders: tuple[Callable[[Array], Array], ...]
    blocks: tuple[int, ...] = eqx.field(static=True)

    def block_latents(
        self, latent: Float[Array, " latent"]
    ) -> list[Float[Array, " block"]]:
        """The latents of each block."""
        return jnp.split(latent, list(accumulate(self.blocks))[:-1])

    def block_parameters(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "block height width channel"]:
        """What each block adds to the parameters of the likelihood."""
        parts = zip(self.decoders, self.block_latents(latent), strict=True)
        return jnp.stack([decoder(part) for decoder, part in parts])

    def __call__(
        self, latent: Float[Array, " latent"]
    ) -> Float[Array, "height width channel"]:
        """Parameters of the likelihood at one point of the latent space."""
        return self.block_parameters(latent).sum(0)


@dataclass(frozen=True)
class Additive:
    """One encoder, and a decoder that is a sum over blocks of latents.

    Each block has a decoder of its own, and their outputs add up, before the
    likelihood: to pixel means with a Gaussian likelihood, to logits with the others. So
    no pixel depends on latents of two blocks together. This suits pictures that are
    sums of objects, and then recombines objects in ways that training did not show. It
    separates blocks, but not the latents within a block.

    Args:
        blocks: number of latents of each block, in order; their sum is the number of
            latents. Blocks of one latent: 1,1,1,1.
        hidden: widths of the encoder's hidden layers, from the picture inwards; the
            decoder of each block mirrors them. One width with convolutions.
        channels: outputs of the convolutions; none for fully connected networks.
        activation: relu, silu, gelu, tanh or elu.
        kind: the name of this network.

    Source: Lachapelle et al. (2023), arXiv:2307.02598. There an autoencoder minimises
    the squared error; its decoders have leaky ReLU and batch normalisation, its encoder
    is a residual network. Here it is a VAE with the layers of the other networks; a
    Gaussian likelihood comes closest.
    Raises: ConfigError if a block, a width or the activation is wrong.
    """

    told: ClassVar[str] = "pictures are sums of parts"
    blocks: tuple[int, ...] = (2, 2)
    hidden: tuple[int, ...] = (256, 128)
    channels: tuple[int, ...] = ()
    activation: str = "silu"
    kind: Literal["additive"] = "additive"

    def __post_init__(self):
        check_widths(self.blocks, "block of latents", "(2, 2)")
        check_latents(self.latents)
        self.network()  # checks the layers

    @property
    def latents(self) -> int:
        """Number of latents, of all blocks together."""
        return sum(self.blocks)

    def describe(self) -> str:
        """The settings in one line.

        >>> Additive().describe()
        'additive, blocks of 2 + 2 latents; fully connected, 256-128, silu, 4 latents'
        """
        sizes = " + ".join(map(str, self.blocks))
        return f"additive, blocks of {sizes} latents; {self.network().describe()}"

    def network(self) -> FullyConnected | Convolutional:
        """The network of the encoder; with other latents, of each block's decoder."""
        return network_of_layers(
            self.hidden, self.channels, self.activation, self.latents
        )

    def build(
        self,
        image_shape: tuple[int, int, int],
        head: Head,
        likelihood: Likelihood,
        *,
        key: PRNGKeyArray,
    ) -> VAE:
        """A VAE with random initial weights.

        Raises: ConfigError if the image is too small for convolutions.
        """
        encoder_key, decoder_key = jax.random.split(key)
        network = self.network()
        whole = network.build(image_shape, head, likelihood, key=encoder_key)
        keys = jax.random.split(decoder_key, len(self.blocks))
        decoders = tuple(
            replace(network, latents=size)
            .build(image_shape, head, likelihood, key=block_key)
            .decoder
            for size, block_key in zip(self.blocks, keys, strict=True)
        )
        return VAE(
            whole.encoder, head, AdditiveDecoder(decoders, self.blocks), likelihood
        )
