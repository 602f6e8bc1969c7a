"""Encoder and decoder of a VAE as ONNX models."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, reduce
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from tinyvae.errors import ConfigError
from tinyvae.interop.exported import Exported
from tinyvae.interop.onnx_graph import (
    IR_VERSION,
    OPSET,
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
    Graph,
    activation,
    continuous_bernoulli_mean,
    convolution,
    limited_log_variance,
    linear_layers,
    moved,
    nearest_fixed_level,
    nearest_of_codebooks,
    restored,
    standardised,
    transposed_convolution,
)
from tinyvae.models.additive import AdditiveDecoder
from tinyvae.models.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from tinyvae.models.convolutions import halved
from tinyvae.models.fully_connected import FullyConnectedDecoder, FullyConnectedEncoder
from tinyvae.models.likelihoods import (
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    Likelihood,
)
from tinyvae.models.quantised import CodebookHead, FiniteScalarHead
from tinyvae.models.translated import TranslatedDecoder
from tinyvae.models.vae import GaussianHead

Shapes = dict[str, tuple[int, ...]]  # of an example, by the name of input or output


def encoder_model(exported: Exported) -> onnx.ModelProto:
    """Model from images (or rows) to mean and log_variance, or to quantised codes.

    Raises: ConfigError if encoder or head is not one of tinyvae's.
    """
    graph, num = Graph(), exported.latents
    features = _features(graph, exported)
    results = _posterior(graph, exported.vae.head, features, num)
    for name, result in results.items():
        graph.name_result(result, name)
    inputs = {exported.example_name: exported.example_shape}
    outputs: Shapes = dict.fromkeys(results, (num,))
    return _model(graph, "encoder", inputs, outputs, exported.about)


def _posterior(graph: Graph, head: Any, features: str, num: int) -> dict[str, str]:
    """Results of the graph that describe the posterior, by their names."""
    match head:
        case GaussianHead():
            raw = _columns(graph, features, num, 2 * num)
            mean = _columns(graph, features, 0, num)
            return {"mean": mean, "log_variance": limited_log_variance(graph, raw)}
        case CodebookHead():
            return {"code": nearest_of_codebooks(graph, head, features)}
        case FiniteScalarHead():
            return {"code": nearest_fixed_level(graph, head, features)}
    raise _unknown("a head of tinyvae", head)


def _features(graph: Graph, exported: Exported) -> str:
    encoder, x = exported.vae.encoder, exported.example_name
    chw = exported.layout == "chw"
    if isinstance(encoder, FullyConnectedEncoder):
        if exported.units is not None:
            x = standardised(graph, exported.units, x)
        elif chw:
            x = graph.add("Transpose", x, perm=TO_CHANNELS_LAST)
        return linear_layers(graph, encoder.network, graph.add("Flatten", x, axis=1))
    if not isinstance(encoder, ConvolutionalEncoder):
        raise _unknown("an encoder of tinyvae", encoder)
    x = x if chw else graph.add("Transpose", x, perm=TO_CHANNELS_FIRST)
    height, width, _ = exported.image_shape
    for layer in encoder.convolutions:
        x = convolution(graph, layer, (height, width), x)
        x = activation(graph, encoder.network.activation, x)
        height, width = halved(height), halved(width)
    x = graph.add("Transpose", x, perm=TO_CHANNELS_LAST)
    return linear_layers(graph, encoder.network, graph.add("Flatten", x, axis=1))


def _columns(graph: Graph, x: str, first: int, last: int) -> str:
    return graph.add("Slice", x, *map(graph.constant, ([first], [last], [1])))


def decoder_model(exported: Exported) -> onnx.ModelProto:
    """Model from latents to images (or rows), and to logits if the likelihood has them.

    Raises: ConfigError if decoder or likelihood is not one of tinyvae's.
    """
    graph, likelihood = Graph(), exported.vae.likelihood
    parameters = _parameters(graph, exported)
    shown = _mean(graph, likelihood, parameters)
    if exported.units is not None:
        shown = restored(graph, exported.units, shown)
    outputs = {exported.example_name: exported.example_shape}
    graph.name_result(shown, exported.example_name)
    if not isinstance(likelihood, Gaussian):
        outputs["logits"] = exported.example_shape
        graph.name_result(parameters, "logits")
    inputs = {"latent": (exported.latents,)}
    return _model(graph, "decoder", inputs, outputs, exported.about)


def _parameters(graph: Graph, exported: Exported) -> str:
    """Parameters of the likelihood, in the shape of an example."""
    decoder = exported.vae.decoder
    if isinstance(decoder, AdditiveDecoder):
        return _sum(graph, exported, decoder)
    if isinstance(decoder, TranslatedDecoder):
        return _moved(graph, exported, decoder)
    return _decoded(graph, exported, decoder, "latent")


def _sum(graph: Graph, exported: Exported, decoder: AdditiveDecoder) -> str:
    ends = list(accumulate(decoder.blocks, initial=0))
    parts = [
        _decoded(graph, exported, part, _columns(graph, "latent", first, last))
        for part, (first, last) in zip(decoder.decoders, pairwise(ends), strict=True)
    ]
    return reduce(partial(graph.add, "Add"), parts)


def _moved(graph: Graph, exported: Exported, decoder: TranslatedDecoder) -> str:
    drawn = replace(exported, layout="chw", units=None)
    latent = _columns(graph, "latent", 2, exported.latents)
    still = graph.constant(np.moveaxis(np.asarray(decoder.still), -1, 0))
    pattern = graph.add("Add", _decoded(graph, drawn, decoder.draw, latent), still)
    reach = graph.constant(np.asarray(decoder.plain_reach))
    if decoder.room is not None:
        more = graph.add("Exp", linear_layers(graph, decoder.room, latent))
        reach = graph.add("Mul", reach, more)
    shift = graph.add("Mul", _columns(graph, "latent", 0, 2), reach)
    right, down = (_columns(graph, shift, j, j + 1) for j in (0, 1))
    x = moved(graph, exported.image_shape[:2], pattern, right, down)
    if exported.units is not None:
        return graph.add("Flatten", x, axis=1)
    chw = exported.layout == "chw"
    return x if chw else graph.add("Transpose", x, perm=TO_CHANNELS_LAST)


def _decoded(graph: Graph, exported: Exported, decoder: Any, latent: str) -> str:
    """What one decoder gives for these latents, in the shape of an example."""
    chw = exported.layout == "chw"
    if isinstance(decoder, FullyConnectedDecoder):
        x = linear_layers(graph, decoder.network, latent)
        if exported.units is not None:
            return x
        x = graph.add("Reshape", x, graph.constant([0, *exported.image_shape]))
        return graph.add("Transpose", x, perm=TO_CHANNELS_FIRST) if chw else x
    if not isinstance(decoder, ConvolutionalDecoder):
        raise _unknown("a decoder of tinyvae", decoder)
    x = linear_layers(graph, decoder.network, latent)
    x = graph.add("Reshape", x, graph.constant([0, *decoder.first_shape]))
    x = graph.add("Transpose", x, perm=TO_CHANNELS_FIRST)
    shape = decoder.first_shape[:2]
    for layer in decoder.convolutions:
        x = activation(graph, decoder.network.activation, x)
        x = transposed_convolution(graph, layer, shape, x)
        shape = layer.size
    return x if chw else graph.add("Transpose", x, perm=TO_CHANNELS_LAST)


def _mean(graph: Graph, likelihood: Likelihood, parameters: str) -> str:
    if isinstance(likelihood, Gaussian):
        return parameters
    if isinstance(likelihood, Bernoulli):
        return graph.add("Sigmoid", parameters)
    if isinstance(likelihood, ContinuousBernoulli):
        return continuous_bernoulli_mean(graph, parameters)
    raise _unknown("a likelihood of tinyvae", likelihood)


def _unknown(expected: str, part: Any) -> ConfigError:
    return ConfigError(
        f"expected {expected}, got {type(part).__name__}, whose ONNX graph is not "
        "known. Export your own modules with a converter for JAX."
    )


def _model(
    graph: Graph, name: str, inputs: Shapes, outputs: Shapes, about: dict[str, str]
) -> onnx.ModelProto:
    """The checked model, with a batch of any size."""
    proto = helper.make_graph(
        graph.nodes, name, _values(inputs), _values(outputs), graph.constants
    )
    model = helper.make_model(
        proto,
        producer_name="tinyvae",
        producer_version=about.get("tinyvae", ""),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    return model


def _values(shapes: Shapes) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
        for name, shape in shapes.items()
    ]
