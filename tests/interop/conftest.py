"""A small run to be shared, and a stand-in of the hub to share it on."""

import numpy as np
import pytest
from hub_runs import run_of
from hub_server import serving
from huggingface_hub import constants

import tinyvae as tv


@pytest.fixture(scope="session")
def small_run():
    return run_of(tv.Circles(10, radius=(2, 3)))


@pytest.fixture(scope="session")
def small_images(small_run):
    return np.asarray(small_run.population.images(np.arange(7)))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The service; the cache, the token and the settings of this computer are not."""
    with serving() as service:
        monkeypatch.setenv("HF_ENDPOINT", service.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        for variable in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(tmp_path / "all"))
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # as the command does
        yield service
