"""Shapes are checked while the tests run."""

import os

import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("JAX_PLATFORMS", "cpu")
install_import_hook("tinyvae", "beartype.beartype")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory):
    """Compiled programs of the tests go to a folder of their own."""
    os.environ["TINYVAE_CACHE"] = str(tmp_path_factory.mktemp("compiled"))
