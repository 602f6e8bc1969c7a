"""Entropy of importances: how many factors a latent holds, and the reverse."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def one_minus_entropy(
    importance: Float[np.ndarray, "row column"],
) -> Float[np.ndarray, " row"]:
    """1 - H(row) with logarithms to the number of columns, 0 to 1.

    1: all of a row's importance is in one column; 0: it is spread evenly. A row
    without importance is 0.

    >>> one_minus_entropy(np.array([[1.0, 0.0], [2.0, 2.0]]))
    array([1., 0.])
    """
    total = importance.sum(axis=1, keepdims=True)
    part = importance / np.where(total > 0, total, 1.0)
    terms = part * np.log(np.where(part > 0, part, 1.0))
    entropy = -terms.sum(axis=1) / np.log(max(2, importance.shape[1]))
    return np.where(total[:, 0] > 0, np.clip(1 - entropy, 0, 1), 0.0)
