"""A sweep whose calls were noted, once for all tests."""

import pytest

from watched_sweep import Watched


@pytest.fixture(scope="session")
def watched(tmp_path_factory) -> Watched:
    return Watched(tmp_path_factory.mktemp("faults"))
