"""Pages of small models in a real browser, if this machine has one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_browser import opening, written
from playwright.sync_api import Browser, BrowserContext, sync_playwright

import tinyvae as tv

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def small_run(objective, seed: int, latents: int, size: int = 16, steps: int = 150):
    training = tv.TrainingConfig(steps=steps, batch_size=32, learning_rate=2e-3)
    network = tv.FullyConnected(hidden=(48, 24), latents=latents)
    return tv.train(
        tv.Circles(size),
        objective,
        network=network,
        training=training,
        seed=seed,
        members=1,
    )


@pytest.fixture(scope="session")
def runs() -> list[tuple[str, tv.Run]]:
    hostile = '</script><img src=x onerror="window.hurt=1">&amp;'
    return [
        ("recipe", small_run(tv.AnnealedTC(), 10_000, 3)),
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


@pytest.fixture
def open_page(context: BrowserContext, file: Path):
    yield from opening(context, file)


@pytest.fixture
def open_odd_page(context: BrowserContext, odd_file: Path):
    """A page of a model of one latent, and of one of other pictures."""
    yield from opening(context, odd_file)
