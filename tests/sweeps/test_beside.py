"""What a GPU trains is measured in other processes, with the same results."""

import dataclasses
import os
import signal

import jax
import numpy as np
import pytest

import tinyvae as tv
from quick_compilation import QUICKLY
from tinyvae.sweeps.engines import this_machine
from tinyvae.sweeps.engines.beside import Beside
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.engines.this_machine import good_processes
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Done

SMALL = tv.RunConfig(
    tv.Circles(8),
    tv.BetaVAE(),
    tv.FullyConnected(hidden=(16, 8), latents=2),
    tv.TrainingConfig(steps=60, batch_size=16),
    members=2,
)
MEMBERS = members_of([dataclasses.replace(SMALL, seed=s) for s in range(3)], Worlds())
TASK = Task(Group(0, tuple(MEMBERS), len(MEMBERS)))


@pytest.fixture(autouse=True)
def _other_processes_compile_as_this_one(monkeypatch):
    for name, value in QUICKLY.items():
        monkeypatch.setenv(name, value)


def done(engine) -> list[Done]:
    return [event for event in engine.results([TASK]) if isinstance(event, Done)]


@pytest.mark.slow
def test_members_measured_in_other_processes_are_what_they_are_in_this_one():
    found, here = done(LocalEngine(for_each=Beside(1))), done(LocalEngine())
    assert [one.identity for one in found] == [member.identity for member in MEMBERS]
    for one, other in zip(found, here, strict=True):
        leaves = (jax.tree.leaves(each.run.vae) for each in (one, other))
        for a, b in zip(*leaves, strict=True):
            np.testing.assert_array_equal(a, b)
        assert [m.chosen for m in one.run.members] == [
            m.chosen for m in other.run.members
        ]
        assert [s.id for s in one.scores] == [s.id for s in other.scores]
        values = [
            [np.nan if s.value is None else s.value for s in each.scores]
            for each in (one, other)
        ]
        np.testing.assert_allclose(*values, rtol=1e-4, atol=1e-5)


def place_and_process(opened, place: int) -> tuple[int, int]:
    return place, os.getpid()


def one_that_ends(opened, place: int, here: int) -> tuple[int, int]:
    if place == 1 and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return place, os.getpid()


def test_results_come_in_order_from_other_processes():
    opened = [Worlds().opened(MEMBERS[0].config)] * 4
    found = list(Beside(2)(place_and_process, opened, range(4)))
    assert [place for place, _ in found] == [0, 1, 2, 3]
    assert os.getpid() not in {process for _, process in found}


def test_if_a_process_ends_this_one_goes_on():
    opened, here = [Worlds().opened(MEMBERS[0].config)] * 4, os.getpid()
    found = list(Beside(1)(one_that_ends, opened, range(4), [here] * 4))
    assert [place for place, _ in found] == [0, 1, 2, 3]
    assert [process for place, process in found if place > 0] == [here] * 3


@pytest.mark.parametrize(
    ("backend", "cores", "free", "expected"),
    [
        ("cpu", 8, 1e12, 1),
        ("gpu", 2, 1e12, 2),
        ("gpu", 64, 1e12, 5),  # of 20 members
        ("gpu", 64, 2e9, 2),
        ("gpu", 64, 0, 1),
    ],
)
def test_beside_a_gpu_as_many_processes_measure_as_are_worth_it(
    monkeypatch, backend, cores, free, expected
):
    monkeypatch.setattr(jax, "default_backend", lambda: backend)
    monkeypatch.setattr(this_machine, "cores", lambda: cores)
    monkeypatch.setattr(this_machine, "free_memory", lambda: free)
    group = Group(0, tuple(MEMBERS[:1] * 20), 20)
    assert good_processes([Task(group)]) == expected
