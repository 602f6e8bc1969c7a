"""Shapes are checked while the tests run; the grid that measures are tried on; a
browser, if this machine has one.
"""

import gc
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pytest
from jaxtyping import install_import_hook
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from quick_compilation import QUICKLY

os.environ.setdefault("JAX_PLATFORMS", "cpu")
install_import_hook("tinyvae", "beartype.beartype")
# Processes that tests start compile as users do, unless they are given this environment
# too: XLA reads its flags once, when JAX first compiles.
jax.config.update("jax_disable_most_optimizations", True)
with pytest.MonkeyPatch.context() as environment:
    environment.setenv("XLA_FLAGS", QUICKLY["XLA_FLAGS"])
    jax.jit(lambda: 0)()


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory):
    """Compiled programs of the tests go to a folder of their own, one for all workers.

    What a command has compiled in one worker, the others load.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "compiled"
    folder.mkdir(exist_ok=True)
    os.environ["TINYVAE_CACHE"] = str(folder)


# Every compiled program takes some mappings of memory, of which Linux gives a process
# 65 530. Beyond them, compiling ends in a segmentation fault.
MOST_MAPPINGS = 20_000


@pytest.fixture(scope="module", autouse=True)
def _few_compiled_programs():
    """Let go of compiled programs after a file of tests, once there are many."""
    yield
    mappings = Path("/proc/self/maps")
    if mappings.exists() and mappings.read_text().count("\n") > MOST_MAPPINGS:
        jax.clear_caches()
        gc.collect()


def pytest_collection_modifyitems(items):
    """Files with slow tests begin first, or one process ends long after the others."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium, and test again")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()
