"""An ONNX graph under construction, and the layers of tinyvae's networks in it.

Every function adds nodes to the graph and gives the name of their result. The first
axis is the batch. Pictures inside the graph have channels first, as ONNX needs them.
Operators are those of opset 17, which has no GELU: it is composed of others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from jaxtyping import Array, Shaped
from onnx import TensorProto, helper, numpy_helper

from tinyvae.interop.array_rows import Units
from tinyvae.models.convolutions import Convolution, TransposedConvolution
from tinyvae.models.layers import LinearLayers
from tinyvae.models.likelihoods import SERIES_LIMIT
from tinyvae.models.quantised import CodebookHead, FiniteScalarHead
from tinyvae.models.vae import LOG_VARIANCE_LIMIT

OPSET = 17
IR_VERSION = 8  # the first with opset 17; onnxruntime 1.12 (2022) and later read it
STRIDE = 2
# (batch, height, width, channel) to (batch, channel, height, width), and back
TO_CHANNELS_FIRST, TO_CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)

Constant = Shaped[Array | np.ndarray, "..."] | float | Sequence[int]


class Graph:
    """Nodes and constants of an ONNX graph."""

    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one result; gives the name of the result."""
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [name], **attributes)
        )
        return name

    def constant(self, value: Constant) -> str:
        """Add a constant: floats become 32-bit, whole numbers 64-bit."""
        array = np.asarray(value)
        floats = array.dtype.kind == "f"
        return self.constant_as_it_is(array.astype(np.float32 if floats else np.int64))

    def constant_as_it_is(self, array: Shaped[np.ndarray, "..."]) -> str:
        """Add a constant of the array's own type."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def name_result(self, result: str, name: str) -> None:
        """Give a result of the graph the name that its users see."""
        self.nodes.append(helper.make_node("Identity", [result], [name]))


def standardised(graph: Graph, units: Units, row: str) -> str:
    """Numbers of a table for the network; in 64 bits, since offsets may be large."""
    offset, scale = map(graph.constant_as_it_is, units)
    row = graph.add("Cast", row, to=TensorProto.DOUBLE)
    row = graph.add("Div", graph.add("Sub", row, offset), scale)
    return graph.add("Cast", row, to=TensorProto.FLOAT)


def restored(graph: Graph, units: Units, row: str) -> str:
    """Numbers of the network in the units of the table; in 64 bits."""
    offset, scale = map(graph.constant_as_it_is, units)
    row = graph.add("Cast", row, to=TensorProto.DOUBLE)
    row = graph.add("Add", graph.add("Mul", row, scale), offset)
    return graph.add("Cast", row, to=TensorProto.FLOAT)


def activation(graph: Graph, kind: str, x: str) -> str:
    """One of `tinyvae.models.layers.ACTIVATIONS`."""
    if kind == "silu":
        return graph.add("Mul", x, graph.add("Sigmoid", x))
    if kind == "gelu":
        return gelu(graph, x)
    return graph.add({"relu": "Relu", "tanh": "Tanh", "elu": "Elu"}[kind], x)


def gelu(graph: Graph, x: str) -> str:
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), as `jax.nn.gelu` has it."""
    cube = graph.add("Mul", x, graph.add("Mul", x, x))
    bent = graph.add("Add", x, graph.add("Mul", cube, graph.constant(0.044715)))
    inner = graph.add("Mul", bent, graph.constant(math.sqrt(2 / math.pi)))
    gate = graph.add("Add", graph.add("Tanh", inner), graph.constant(1.0))
    return graph.add("Mul", graph.add("Mul", x, graph.constant(0.5)), gate)


def linear_layers(graph: Graph, network: LinearLayers, x: str) -> str:
    """Linear layers with an activation between them."""
    for number, layer in enumerate(network.layers):
        x = activation(graph, network.activation, x) if number else x
        weight, bias = map(graph.constant, (layer.weight, np.asarray(layer.bias)))
        x = graph.add("Gemm", x, weight, bias, transB=1)
    return x


def convolution(
    graph: Graph, layer: Convolution, shape: tuple[int, int], x: str
) -> str:
    """Kernel 4, stride 2, of pictures of this height and width."""
    height, width = shape
    # (row, column, input, output) to (output, input, row, column)
    weight = np.asarray(layer.weight).transpose(3, 2, 0, 1)
    return graph.add(
        "Conv",
        x,
        graph.constant(weight),
        graph.constant(layer.bias),
        strides=[STRIDE, STRIDE],
        pads=[1, 1, 1 + height % 2, 1 + width % 2],
    )


def transposed_convolution(
    graph: Graph, layer: TransposedConvolution, shape: tuple[int, int], x: str
) -> str:
    """Kernel 4, stride 2, of pictures of this height and width, to `layer.size`."""
    cropped = [2 * side - size for side, size in zip(shape, layer.size, strict=True)]
    # (row, column, input, output) to (input, output, row, column)
    weight = np.asarray(layer.weight).transpose(2, 3, 0, 1)
    return graph.add(
        "ConvTranspose",
        x,
        graph.constant(weight),
        graph.constant(layer.bias),
        strides=[STRIDE, STRIDE],
        pads=[1, 1, 1 + cropped[0], 1 + cropped[1]],
    )


def moved(
    graph: Graph, shape: tuple[int, int], pattern: str, right: str, down: str
) -> str:
    """Patterns of this height and width, moved by so many pixels (batch, 1)."""
    height, width = shape
    by_rows = graph.add("MatMul", interpolation(graph, height, down), pattern)
    columns = interpolation(graph, width, right)
    columns = graph.add("Transpose", columns, perm=(0, 1, 3, 2))
    return graph.add("MatMul", by_rows, columns)


def interpolation(graph: Graph, side: int, shift: str) -> str:
    """Weights (batch, 1, side, side), as `tinyvae.models.translated` has them."""
    zero, one, last = map(graph.constant, (0.0, 1.0, side - 1.0))
    pixels = np.arange(float(side))
    shift = graph.add("Reshape", shift, graph.constant([-1, 1, 1, 1]))
    place = graph.add("Sub", graph.constant(pixels[:, None]), shift)
    place = graph.add("Clip", place, zero, last)
    distance = graph.add("Sub", place, graph.constant(pixels))
    return graph.add("Relu", graph.add("Sub", one, graph.add("Abs", distance)))


def limited_log_variance(graph: Graph, raw: str) -> str:
    """Log variance within +-12, as `GaussianHead` limits it."""
    limit = graph.constant(LOG_VARIANCE_LIMIT)
    return graph.add("Mul", limit, graph.add("Tanh", graph.add("Div", raw, limit)))


def nearest_of_codebooks(graph: Graph, head: CodebookHead, features: str) -> str:
    """For each latent, the value of its codebook that is nearest to its feature."""
    # (batch, latent, 1) - (latent, level)
    feature = graph.add("Unsqueeze", features, graph.constant([2]))
    values = graph.constant(head.values)
    distance = graph.add("Abs", graph.add("Sub", feature, values))
    level = graph.add("ArgMin", distance, axis=2, keepdims=0)
    # one row of levels for each latent: its place in the codebooks, one behind another
    latents, num_levels = head.values.shape
    places = graph.constant(np.arange(latents) * num_levels)
    flat = graph.constant(np.asarray(head.values).ravel())
    return graph.add("Gather", flat, graph.add("Add", level, places))


def nearest_fixed_level(graph: Graph, head: FiniteScalarHead, features: str) -> str:
    """The bounded feature, rounded to the nearest of the fixed levels."""
    one, two = graph.constant(1.0), graph.constant(2.0)
    steps = graph.constant(float(head.num_levels - 1))
    bounded = graph.add("Tanh", features)
    part = graph.add("Div", graph.add("Add", bounded, one), two)
    level = graph.add("Round", graph.add("Mul", part, steps))
    return graph.add("Sub", graph.add("Div", graph.add("Mul", two, level), steps), one)


def continuous_bernoulli_mean(graph: Graph, logits: str) -> str:
    """Expected value of a pixel: 1 / (1 - exp(-l)) - 1 / l, a series near 0."""
    one, half, limit = map(graph.constant, (1.0, 0.5, SERIES_LIMIT))
    size = graph.add("Abs", logits)
    near = graph.add("Less", size, limit)
    small = graph.add("Where", near, logits, graph.constant(0.0))
    squared = graph.add("Mul", small, small)
    series = graph.constant(-1 / 1209600)
    for coefficient in (1 / 30240, -1 / 720, 1 / 12):
        product = graph.add("Mul", squared, series)
        series = graph.add("Add", product, graph.constant(coefficient))
    close = graph.add("Add", half, graph.add("Mul", small, series))
    far = graph.add("Where", near, one, size)
    falling = graph.add("Exp", graph.add("Neg", far))  # at most exp(-1)
    ratio = graph.add("Div", falling, graph.add("Sub", falling, one))
    rest = graph.add("Add", graph.add("Reciprocal", far), ratio)
    positive = graph.add("Greater", logits, graph.constant(0.0))
    mirrored = graph.add("Sub", one, rest)
    return graph.add("Where", near, close, graph.add("Where", positive, mirrored, rest))
