"""Groups that train side by side in processes of this machine."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines import this_machine
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.engines.side_by_side import SideBySide, environment
from tinyvae.sweeps.engines.this_machine import ThisMachine, good_workers
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Advanced, Done, Failed, Retried, Started

SMALL = tv.RunConfig(
    tv.Circles(8),
    tv.BetaVAE(),
    tv.FullyConnected(hidden=(16, 8), latents=2),
    tv.TrainingConfig(steps=20, batch_size=16),
    members=1,
)
LONG = replace(SMALL, training=tv.TrainingConfig(steps=10**6, batch_size=16))


def tasks(config: tv.RunConfig, groups: int, **more) -> list[Task]:
    members = members_of([replace(config, seed=s) for s in range(2 * groups)], Worlds())
    return [
        Task(Group(k, tuple(members[2 * k : 2 * k + 2]), 2), **more)
        for k in range(groups)
    ]


def ended(events) -> dict[str, Done | Failed]:
    found = [event for event in events if isinstance(event, Done | Failed)]
    assert len({result.identity for result in found}) == len(found)
    return {result.identity: result for result in found}


def is_alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def workers_of(process: int) -> list[int]:
    found = [
        int(child)
        for children in Path(f"/proc/{process}/task").glob("*/children")
        for child in children.read_text().split()
    ]
    return [one for one in found if b"worker_process" in command(one)]


@pytest.mark.slow
def test_every_member_is_what_it_is_in_one_process():
    given = tasks(SMALL, 2)
    events = list(SideBySide(2).results(given))
    found, alone = ended(events), ended(LocalEngine().results(given))
    assert set(found) == set(alone)
    assert len(found) == 4
    for identity, result in found.items():
        other = alone[identity]
        assert isinstance(result, Done)
        assert isinstance(other, Done)
        assert result.run.config == other.run.config
        losses, others = ([row.loss for row in d.run.history] for d in (result, other))
        np.testing.assert_allclose(losses, others, rtol=1e-3)
        assert [s.id for s in result.scores] == [s.id for s in other.scores]
    started = [event.group for event in events if isinstance(event, Started)]
    assert sorted(started) == [0, 1]
    # the second group does not wait for the first one to end
    first = next(k for k, e in enumerate(events) if isinstance(e, Done))
    assert sum(isinstance(event, Started) for event in events[:first]) == 2
    assert not workers_of(os.getpid())


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_and_too_many_end_a_group(tmp_path):
    """The group goes on from its checkpoint; after three losses, its members fail."""
    given = tasks(LONG, 1, checkpoints=tmp_path)
    retried, steps = [], []
    failed = {}
    with closing(SideBySide(1, checkpoint_every=0.0).results(given)) as events:
        last = 0
        for event in events:
            if isinstance(event, Advanced) and event.step > last + 50:
                steps.append(event.step)
                last = event.step
                (worker,) = workers_of(os.getpid())
                os.kill(worker, signal.SIGTERM)
            elif isinstance(event, Retried):
                retried.append(event.reason)
            elif isinstance(event, Failed):
                failed[event.identity] = event.reason
    assert retried == ["its process was ended by SIGTERM"] * 2
    assert steps == sorted(steps)
    assert steps[-1] > steps[0]
    assert set(failed) == {member.identity for member in given[0].group.members}
    assert "lost 3 workers without a result" in next(iter(failed.values()))


@pytest.mark.slow
def test_it_stops_within_a_second_and_leaves_a_checkpoint(tmp_path):
    given = tasks(LONG, 2, checkpoints=tmp_path)
    events = SideBySide(2, checkpoint_every=1e6).results(given)
    trained = set()
    for event in events:
        if isinstance(event, Advanced) and event.step > 100:
            trained.add(event.group)
        if trained == {0, 1}:
            break
    started = time.perf_counter()
    events.close()
    # 0.7 s to write checkpoints, then they are killed; the rest is for a busy machine
    assert time.perf_counter() - started < 1.5
    assert not workers_of(os.getpid())
    assert list(tmp_path.glob("*.safetensors"))


@pytest.mark.slow
def test_workers_end_when_their_driver_is_killed(tmp_path):
    driver = subprocess.Popen(
        [sys.executable, "-m", "tinyvae", "sweep", "--objective", "vae,beta-vae"]
        + ["--workers", "2", "--together", "1", "--steps", "1000000", "--size", "8"]
        + ["--hidden", "16,8", "--batch-size", "16", "--out", str(tmp_path / "a")]
        + ["--quiet"],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 90
    workers: list[int] = []
    while len(workers) < 2 and time.monotonic() < until and driver.poll() is None:
        workers = workers_of(driver.pid)
        time.sleep(0.1)
    driver.kill()
    driver.wait()
    assert len(workers) == 2
    until = time.monotonic() + 30
    while any(map(is_alive, workers)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(is_alive, workers))


@pytest.mark.slow
def test_an_objective_of_your_own_trains_in_workers_and_what_it_raises_is_raised(
    tmp_path, monkeypatch
):
    guide = Path(__file__).parents[2] / "docs" / "own_objective.md"
    code = guide.read_text().split("```python\n")[1].split("```")[0]
    (tmp_path / "my_side.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    objective = import_module("my_side").SparseVAE()
    config = replace(SMALL, objective=objective)
    found = ended(SideBySide(1).results(tasks(config, 1)))
    assert all(isinstance(result, Done) for result in found.values())
    (tmp_path / "my_side.py").write_text("x = 1\n")
    with pytest.raises(AttributeError, match="SparseVAE"):
        list(SideBySide(1).results(tasks(config, 1)))


def test_it_is_an_engine():
    assert isinstance(SideBySide(2), Engine)
    assert isinstance(ThisMachine(Worlds()), Engine)


@pytest.mark.parametrize("make", [SideBySide, lambda n: ThisMachine(Worlds(), n)])
def test_no_worker_is_refused(make):
    with pytest.raises(ConfigError, match="expected 1"):
        make(0)


def test_workers_are_of_this_machine():
    with pytest.raises(ConfigError, match=r"workers: expected the engine local"):
        tv.sweep(seeds="0:2", out="never", engine="ray", workers=2)


def test_a_worker_has_its_threads_unless_the_user_has_chosen(monkeypatch):
    monkeypatch.delenv("NPROC", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    found = environment(2)
    assert (found["NPROC"], found["OMP_NUM_THREADS"]) == ("2", "7")


@pytest.mark.parametrize(
    ("speed", "groups", "cores", "expected"),
    [
        (None, 4, 8, 1),  # nothing was measured
        (1e9, 4, 8, 1),  # a short training
        (1.0, 4, 8, 4),  # no more than there are groups
        (1.0, 9, 3, 3),  # no more than there are cores
    ],
)
def test_as_many_workers_as_are_worth_it(monkeypatch, speed, groups, cores, expected):
    monkeypatch.setattr(this_machine, "cores", lambda: cores)
    monkeypatch.setattr(this_machine, "free_memory", lambda: 1e12)
    given = tasks(SMALL, groups, pictures_per_second=speed, memory=10**6)
    assert good_workers(given) == expected


def test_several_workers_do_not_find_a_class_of_a_script(monkeypatch):
    monkeypatch.setattr(tv.BetaVAE, "__module__", "__main__")
    given = tasks(SMALL, 2, pictures_per_second=1.0)
    assert good_workers(given) == 1
    with pytest.raises(ConfigError, match="a class that is written in the script"):
        list(ThisMachine(Worlds(), workers=2).results(given))


def test_memory_limits_the_workers(monkeypatch):
    monkeypatch.setattr(this_machine, "cores", lambda: 8)
    monkeypatch.setattr(this_machine, "free_memory", lambda: 3e9)
    given = tasks(SMALL, 8, pictures_per_second=1.0, memory=int(200e6))
    assert good_workers(given) == 3
