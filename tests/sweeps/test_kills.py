"""Sweeps and trainings that are killed at random moments end as if they never had been.

`benchmarks/kills.py` does the same 500 times.
"""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import kills  # noqa: E402  # pyright: ignore[reportMissingImports]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [("sweep", 4), ("training", 2)])
def test_kills_lose_nothing(kind, count, tmp_path):
    said = []
    outcome = kills.Outcome(kind)
    list(kills.kill_many(outcome, count, tmp_path, say=said.append))
    assert outcome.differences == []
    assert outcome.kills == count == sum(outcome.moments.values())
    assert outcome.ended >= 1


def test_a_difference_would_be_found():
    rows = {"a": {"elbo": -1.0, "state": "done", "kept": None}}
    kills.check(rows, rows, {})
    kills.check(rows, {"a": {"elbo": -1.0000001, "state": "done", "kept": "b"}}, {})
    with pytest.raises(AssertionError, match="a differs: .*elbo"):
        kills.check(rows, {"a": {"elbo": -1.1, "state": "done"}}, {})
    with pytest.raises(AssertionError, match="a differs: .*state"):
        kills.check(rows, {"a": {"elbo": -1.0, "state": "failed"}}, {})
    with pytest.raises(AssertionError, match="lost: .*'b'"):
        kills.check(rows, rows, {"b": {}})
