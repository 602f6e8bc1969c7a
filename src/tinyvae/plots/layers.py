"""The layers of an encoder or decoder, as a diagram shows them."""

from __future__ import annotations

import math
from itertools import accumulate, repeat
from typing import NamedTuple

import equinox as eqx

from tinyvae.models.additive import AdditiveDecoder
from tinyvae.models.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from tinyvae.models.convolutions import halved
from tinyvae.models.fully_connected import FullyConnectedDecoder, FullyConnectedEncoder
from tinyvae.models.translated import TranslatedDecoder
from tinyvae.models.vae import VAE
from tinyvae.wording import counted

Shape = tuple[int, int, int]


class Layer(NamedTuple):
    """What a layer holds: text in its box, text below, and how many numbers it is."""

    text: str
    name: str
    size: int


def encoder_layers(vae: VAE, image_shape: Shape) -> list[Layer]:
    """From the pixels to the last hidden layer; a network unknown here is one box."""
    encoder = vae.encoder
    if isinstance(encoder, FullyConnectedEncoder):
        first, *widths = encoder.network.widths[:-1]
        activation = encoder.network.activation
        hidden = [Layer(f"{width}", activation, width) for width in widths]
        return [Layer(f"{first}", pixels_name(image_shape), first), *hidden]
    pixels = picture_layer(image_shape, pixels_name(image_shape))
    if isinstance(encoder, ConvolutionalEncoder):
        activation = encoder.network.activation
        channels = [layer.weight.shape[-1] for layer in encoder.convolutions]
        sides = [sizes_of(side, len(channels)) for side in image_shape[:2]]
        pictures = [
            picture_layer((height, width, outputs), activation)
            for height, width, outputs in zip(*sides, channels, strict=True)
        ]
        hidden = [Layer(f"{w}", activation, w) for w in encoder.network.widths[1:-1]]
        return [pixels, *pictures, *hidden]
    features = vae.head.width()
    return [pixels, Layer("network", f"{type(encoder).__name__}", features)]


def decoder_layers(vae: VAE, image_shape: Shape) -> list[Layer]:
    """From the first hidden layer to the likelihood's parameters.

    Of an additive decoder, the layers of its first block and the number of blocks. Of
    one that moves a pattern, the layers that draw it, the pattern and the picture.
    """
    decoder, output = vae.decoder, output_name(vae, image_shape)
    if isinstance(decoder, AdditiveDecoder):
        first = eqx.tree_at(lambda vae: vae.decoder, vae, decoder.decoders[0])
        *layers, end = decoder_layers(first, image_shape)
        blocks = counted(len(decoder.blocks), "block")
        named = [one._replace(name=f"{one.name},\n{blocks}") for one in layers]
        return [*named, end]
    if isinstance(decoder, TranslatedDecoder):
        drawing = eqx.tree_at(lambda vae: vae.decoder, vae, decoder.draw)
        *layers, end = decoder_layers(drawing, image_shape)
        moved = end._replace(name=f"{end.name},\nmoved")
        return [*layers, picture_layer(image_shape, "pattern"), moved]
    if isinstance(decoder, FullyConnectedDecoder):
        *widths, last = decoder.network.widths[1:]
        activation = decoder.network.activation
        hidden = [Layer(f"{width}", activation, width) for width in widths]
        return [*hidden, Layer(f"{last}", output, last)]
    end = picture_layer(image_shape, output)
    if isinstance(decoder, ConvolutionalDecoder):
        activation = decoder.network.activation
        widths = decoder.network.widths[1:-1]
        hidden = [Layer(f"{width}", activation, width) for width in widths]
        pictures = [
            picture_layer((*layer.size, layer.bias.shape[-1]), activation)
            for layer in decoder.convolutions[:-1]
        ]
        return [*hidden, picture_layer(decoder.first_shape, activation), *pictures, end]
    return [Layer("network", f"{type(decoder).__name__}", end.size), end]


def sizes_of(side: int, num: int) -> list[int]:
    """Side of the picture after each of so many convolutions.

    >>> sizes_of(33, 3)
    [17, 9, 5]
    """
    return list(accumulate(repeat(None, num), lambda s, _: halved(s), initial=side))[1:]


def picture_layer(shape: Shape, name: str) -> Layer:
    r"""A layer whose numbers are arranged as a picture.

    >>> picture_layer((32, 32, 16), "relu")
    Layer(text='32x32', name='16 channels\nrelu', size=16384)
    """
    height, width, channels = shape
    size = math.prod(shape)
    return Layer(f"{height}x{width}", f"{counted(channels, 'channel')}\n{name}", size)


def pixels_name(image_shape: Shape) -> str:
    """What the numbers of a picture are called."""
    return "numbers" if image_shape[0] == 1 else "pixels"


def output_name(vae: VAE, image_shape: Shape) -> str:
    """What the decoder's numbers are: logits, or means."""
    what = "number" if image_shape[0] == 1 else "pixel"
    return f"{what} means" if vae.likelihood.kind == "gaussian" else f"{what} logits"
