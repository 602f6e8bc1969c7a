"""Two factors coupled to a given correlation; each of them stays uniform."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.optimize import root_scalar

from tinyvae.errors import ConfigError

STRONGEST = 200.0  # a stronger coupling hardly raises the correlation
MOST_ROUNDS = 20_000


def coupled(
    first: Float[np.ndarray, " i"], second: Float[np.ndarray, " j"], correlation: float
) -> Float[np.ndarray, "i j"]:
    """Joint probabilities of two grids of values with the given Pearson correlation.

    Both marginals are uniform. Of all such distributions it has the largest entropy:
    p_ij = a_i b_j exp(-(u_i - v_j)^2 / (2 s^2)), with u and v the values in units of
    their standard deviation, and v reversed for a negative correlation. a and b make
    the marginals uniform (Sinkhorn); s gives the correlation.

    Raises: ConfigError if a grid has one value, or if uniform marginals on these grids
        do not allow such a strong correlation.
    Source: the kernel is that of Träuble et al. (2021), section 3, arXiv:2006.07886.
        There the marginals are not made uniform, and the width s is given instead.
    """
    if len(first) < 2 or len(second) < 2:
        raise ConfigError(
            "expected two factors of at least 2 values each, got "
            f"{len(first)} and {len(second)}: a constant correlates with nothing."
        )
    u, v = _standardised(first), _standardised(second) * np.sign(correlation or 1)

    def too_much(coupling: float) -> float:
        return u @ _uniform_marginals(u, v, coupling) @ v - abs(correlation)

    if too_much(STRONGEST) < 0:
        most = np.floor((too_much(STRONGEST) + abs(correlation)) * 100) / 100
        raise ConfigError(
            f"expected a correlation of at most {most:g} either way on grids of "
            f"{len(first)} and {len(second)} values, got {correlation:g}. Lower it, or "
            "take factors of more values."
        )
    if correlation == 0:
        return _uniform_marginals(u, v, 0.0)
    found = root_scalar(too_much, bracket=(0, STRONGEST), xtol=1e-10)
    return _uniform_marginals(u, v, found.root)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def _uniform_marginals(u: np.ndarray, v: np.ndarray, coupling: float) -> np.ndarray:
    """The kernel of 1 / s^2 = `coupling`, rows and columns scaled in alternation."""
    kernel = np.exp(-coupling / 2 * (u[:, None] - v) ** 2)
    column = np.full(len(v), 1 / len(v))
    for _ in range(MOST_ROUNDS):
        row = 1 / len(u) / (kernel @ column)
        before, column = column, 1 / len(v) / (row @ kernel)
        if np.allclose(before, column, rtol=1e-12, atol=0):
            break
    return kernel * column / (kernel @ column)[:, None] / len(u)
