"""How fast each weight learns: slower where it is one of very many."""

from __future__ import annotations

import math
from typing import TypeVar

import jax
from jaxtyping import Array

MOST_INPUTS = 32 * 32  # of a weight that learns at the full rate

Tree = TypeVar("Tree")


def slower_with_inputs(updates: Tree) -> Tree:
    """An optimiser's updates, smaller for weights of a sum over many inputs.

    Adam moves every weight by about its rate, however many there are. So the sum moves
    in proportion to the number of its inputs: the first layer of a network for pictures
    of 96x96 would learn nine times as fast as for the same pictures at 32x32, and the
    codes would jump from step to step. Above 1024 inputs, the updates are divided by as
    much as the inputs are more.

    A weight of shape (output, input, ...) has as many inputs as its other axes have
    entries. Biases have none.

    Source: Yang et al. (2022), "Tensor Programs V", table 3 (Adam's rate in proportion
    to 1 / inputs), arXiv:2203.03466. There it is the width of hidden layers that grows.
    """

    def slower(update: Array) -> Array:
        return update * share_of_rate(update.shape)

    return jax.tree.map(slower, updates)


def share_of_rate(shape: tuple[int, ...]) -> float:
    """The part of the learning rate that a weight of this shape takes, 0 to 1.

    >>> [share_of_rate(shape) for shape in [(256, 1024), (256, 64 * 64), (4096,)]]
    [1.0, 0.25, 1.0]
    """
    return min(1.0, MOST_INPUTS / math.prod(shape[1:]))
