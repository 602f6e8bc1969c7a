"""Sweeps and trainings that are killed at random moments end as if they never had been.

`benchmarks/kills.py` does the same 500 times. Here are 50 kills: 7 of processes that
train, and 43 of rehearsed sweeps, which are played in a fraction of a second.
"""

import multiprocessing
import os
import pickle
import random
import signal
import sys
from multiprocessing import forkserver
from pathlib import Path

import pytest

import rehearsed
from rehearsed import finish, rows_of
from watched_disk import watched_disk
from watched_sweep import SWEEP

KILLS = 43  # of rehearsed sweeps
context = multiprocessing.get_context("forkserver")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import kills  # noqa: E402  # pyright: ignore[reportMissingImports]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [("sweep", 3), ("training", 4)])
def test_kills_lose_nothing(kind, count, tmp_path):
    said = []
    outcome = kills.Outcome(kind)
    list(kills.kill_many(outcome, count, tmp_path, say=said.append))
    assert outcome.differences == []
    assert outcome.kills == count == sum(outcome.moments.values())
    assert outcome.ended >= 1


@pytest.fixture(scope="module", autouse=True)
def _processes_begin_with_all_modules():
    """One server forks all processes; it must find the modules of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        patch.setattr(kills, "PRELOADED", [*kills.PRELOADED, "rehearsed"])
        context.set_forkserver_preload(kills.PRELOADED)
        forkserver.ensure_running()
        yield


@pytest.mark.slow
def test_a_rehearsed_sweep_survives_43_kills(watched, tmp_path):
    rehearsal = pickle.dumps(watched.rehearsal.without_jax())
    rng, killed, ended, seconds = random.Random(0), 0, 0, 0.2
    while killed < KILLS:
        folder = tmp_path / str(ended)
        folder.mkdir()
        before = 0
        while killed < KILLS:
            begun = context.Event()
            arguments = (rehearsal, str(folder / SWEEP), begun)
            process = context.Process(target=rehearsed.play, args=arguments)
            process.start()
            assert begun.wait(60)
            process.join(rng.uniform(0, seconds))
            process.kill()
            process.join()
            if process.exitcode == 0:
                seconds *= 0.8
                break
            assert process.exitcode == -signal.SIGKILL
            killed, seconds = killed + 1, seconds * 1.1
            found = rows_of(folder / SWEEP)
            assert len(found) >= before
            before = len(found)
        with watched_disk(folder):
            assert finish(watched.rehearsal, folder / SWEEP) == watched.end
        ended += 1
    assert ended >= 1


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
