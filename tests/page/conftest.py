"""Pages of small models in a real browser."""

from pathlib import Path

import pytest
from pages_of_runs import small_run, written
from playwright.sync_api import BrowserContext

import tinyvae as tv
from in_browser import opening


@pytest.fixture(scope="session")
def runs() -> list[tuple[str, tv.Run]]:
    hostile = '</script><img src=x onerror="window.hurt=1">&amp;'
    return [
        ("recipe", small_run(tv.CoarseToFine(), 10_000, 3)),
        (hostile, small_run(tv.BetaVAE(30.0), 10_001, 4)),
    ]


@pytest.fixture(scope="session")
def file(runs, tmp_path_factory) -> Path:
    return written(runs, tmp_path_factory)


@pytest.fixture(scope="session")
def odd_runs() -> list[tuple[str, tv.Run]]:
    return [
        ("one latent", small_run(tv.ELBO(), 10_002, 1, steps=20)),
        ("larger pictures", small_run(tv.ELBO(), 10_003, 2, size=24, steps=20)),
    ]


@pytest.fixture(scope="session")
def odd_file(odd_runs, tmp_path_factory) -> Path:
    return written(odd_runs, tmp_path_factory)


@pytest.fixture
def open_page(context: BrowserContext, file: Path):
    yield from opening(context, file)


@pytest.fixture
def open_odd_page(context: BrowserContext, odd_file: Path):
    """A page of a model of one latent, and of one of other pictures."""
    yield from opening(context, odd_file)
