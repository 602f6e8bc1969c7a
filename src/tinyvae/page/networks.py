"""Weights of the networks that the page runs by itself."""

from __future__ import annotations

import base64
from typing import Any

import equinox as eqx
import jax
import numpy as np

from tinyvae.models.additive import AdditiveDecoder
from tinyvae.models.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from tinyvae.models.fully_connected import FullyConnectedDecoder, FullyConnectedEncoder
from tinyvae.models.layers import LinearLayers
from tinyvae.models.translated import TranslatedDecoder
from tinyvae.models.vae import VAE, GaussianHead

MOST_WEIGHTS = 4_000_000  # of encoder and decoder: 8 MB as 16-bit floats


def networks_data(vae: VAE) -> dict[str, Any] | None:
    """Encoder and decoder, or None where the page cannot run them.

    It runs fully connected and convolutional ones of up to four million weights, and
    decoders that add them up or move what they draw, with a Gaussian head.
    """
    arrays = jax.tree.leaves(eqx.filter((vae.encoder, vae.decoder), eqx.is_array))
    if sum(array.size for array in arrays) > MOST_WEIGHTS:
        return None
    encoder, decoder = network_data(vae.encoder), network_data(vae.decoder)
    if encoder is None or decoder is None or not isinstance(vae.head, GaussianHead):
        return None
    return {"encoder": encoder, "decoder": decoder}


def network_data(network: Any) -> dict[str, Any] | None:
    """One network as JSON values; None for a kind that the page does not know."""
    match network:
        case FullyConnectedEncoder() | FullyConnectedDecoder():
            return {"convolutions": [], **linear_data(network.network)}
        case ConvolutionalEncoder():
            shapes = _shapes(network.convolutions)
            return {"convolutions": shapes, **linear_data(network.network)}
        case ConvolutionalDecoder():
            shapes = _shapes(network.convolutions)
            first = list(network.first_shape)
            return {
                "firstShape": first,
                "convolutions": shapes,
                **linear_data(network.network),
            }
        case AdditiveDecoder():
            parts = [network_data(decoder) for decoder in network.decoders]
            if None in parts:
                return None
            return {"blocks": list(network.blocks), "parts": parts}
        case TranslatedDecoder():
            drawing = network_data(network.draw)
            if drawing is None:
                return None
            return {
                "drawing": drawing,
                "still": half_floats(np.asarray(network.still)),
                "reach": network.plain_reach.tolist(),
                "room": None if network.room is None else linear_data(network.room),
            }
    return None


def linear_data(network: LinearLayers) -> dict[str, Any]:
    """Linear layers, weights (output, input) and biases as 16-bit floats."""
    return {
        "activation": network.activation,
        "layers": [
            {
                "inputs": layer.weight.shape[1],
                "outputs": layer.weight.shape[0],
                "weight": half_floats(np.asarray(layer.weight)),
                "bias": half_floats(np.asarray(layer.bias)),
            }
            for layer in network.layers
        ],
    }


def _shapes(convolutions: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Convolutions, weights (4, 4, input, output), and the size that each crops to."""
    return [
        {
            "inputs": layer.weight.shape[2],
            "outputs": layer.weight.shape[3],
            "size": list(getattr(layer, "size", ())) or None,
            "weight": half_floats(np.asarray(layer.weight)),
            "bias": half_floats(np.asarray(layer.bias)),
        }
        for layer in convolutions
    ]


def half_floats(values: np.ndarray) -> str:
    """Numbers as 16-bit floats, little-endian, row by row, in base 64."""
    return base64.b64encode(np.asarray(values, "<f2").tobytes()).decode()


def single_floats(values: np.ndarray) -> str:
    """Numbers as 32-bit floats: labels may be as large as a year or a time stamp."""
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()
