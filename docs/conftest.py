"""The examples of the documents write their files into a folder of their own."""

import jax
import pytest

# Most of the time of the examples is compilation of programs that run once.
jax.config.update("jax_disable_most_optimizations", True)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
