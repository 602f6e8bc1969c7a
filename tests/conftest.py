"""Shapes are checked while the tests run; the grid that measures are tried on."""

import os
from typing import NamedTuple

import jax
import numpy as np
import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("JAX_PLATFORMS", "cpu")
install_import_hook("tinyvae", "beartype.beartype")
# Most of the time of these tests is compilation of programs that run once. Tests of the
# command, which are processes of their own, compile as users do.
jax.config.update("jax_disable_most_optimizations", True)


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory):
    """Compiled programs of the tests go to a folder of their own."""
    os.environ["TINYVAE_CACHE"] = str(tmp_path_factory.mktemp("compiled"))


class Grid(NamedTuple):
    factors: np.ndarray
    codes: np.ndarray  # the factors, mean 0 and standard deviation 1
    probability: np.ndarray


@pytest.fixture(scope="session")
def grid() -> Grid:
    axes = np.meshgrid(np.arange(3.0, 9), np.arange(8.0, 24), np.arange(8.0, 24))
    factors = np.stack([axis.ravel() for axis in axes], axis=1)
    codes = (factors - factors.mean(axis=0)) / factors.std(axis=0)
    return Grid(factors, codes, np.full(len(factors), 1 / len(factors)))


@pytest.fixture
def weights(grid):
    """Probabilities that are far from uniform."""
    weight = np.random.default_rng(0).integers(1, 5, size=len(grid.factors))
    return weight / weight.sum()
