"""The progress of a sweep: what is counted, and the time that is left."""

import pytest

import tinyvae as tv
from tinyvae.cli.sweep_progress import progress_text
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group, work_of
from tinyvae.sweeps.progress import Meter
from tinyvae.sweeps.results import (
    Advanced,
    Failed,
    Halved,
    Retried,
    Started,
    Waiting,
)

MEMBERS = members_of([tv.RunConfig(tv.Circles(8), seed=s) for s in range(4)], Worlds())
TASKS = [Task(Group(0, tuple(MEMBERS[:2]), 2)), Task(Group(1, tuple(MEMBERS[2:]), 2))]
WORK = work_of(MEMBERS[0].config)


def test_the_time_left_is_that_of_the_pictures_left():
    meter = Meter(TASKS, 5, done=1, failed=0)
    assert meter.progress.seconds_left is None
    meter.after(Started(0, tuple(m.identity for m in MEMBERS[:2])))
    # half of the first group, from a checkpoint at a quarter
    after = meter.after(Advanced(0, 1000, 2000, WORK // 2, WORK, 10.0))
    assert after.seconds_left == pytest.approx(10 * (WORK + 2 * WORK) / (WORK / 2))
    assert progress_text(after) == (
        "1 of 5 members done; group 1 of 2: step 1000 of 2000; 60 s left"
    )


def test_groups_side_by_side_take_less_time():
    meter = Meter(TASKS, 4, done=0, failed=0)
    names = [tuple(m.identity for m in task.group.members) for task in TASKS]
    meter.after(Started(0, names[0]))
    meter.after(Started(1, names[1]))
    both = meter.after(Advanced(1, 1000, 2000, WORK, WORK, 10.0))
    assert both.seconds_left == pytest.approx(10 * (2 * WORK + WORK) / WORK / 2)
    meter.after(Failed(names[1][0], 3, "too bold"))
    one = meter.after(Failed(names[1][1], 3, "too bold"))
    assert one.seconds_left == pytest.approx(10 * (2 * WORK + WORK) / WORK)


def test_a_lost_worker_and_what_is_waited_for_are_said():
    meter = Meter(TASKS, 4, done=0, failed=0)
    lost = meter.after(Retried(1, "its node was lost"))
    assert lost.news == "group 1 begins again: its node was lost"
    meter.after(Advanced(1, 1000, 2000, WORK, WORK, 10.0))
    assert meter.after(Waiting()).doing == ""
    waiting = meter.after(Waiting("waiting for a node with 64 CPUs"))
    assert "waiting for a node with 64 CPUs" in progress_text(waiting)
    assert waiting.news == ""


def test_failures_and_halved_groups_are_news():
    meter = Meter(TASKS, 4, done=0, failed=0)
    after = meter.after(Failed(MEMBERS[0].identity, 3, "too bold"))
    assert (after.failed, after.new) == (1, 1)
    assert after.news == f"member {MEMBERS[0].identity} failed: too bold"
    assert progress_text(after).startswith("0 of 4 members done, 1 failed; ")
    halved = meter.after(Halved(1, 8))
    assert "group 1 ran out of memory: 8 of its members train at once" in halved.news
    assert meter.after(Started(1, ())).news == ""


def test_nothing_to_do_is_no_error():
    meter = Meter([], 3, done=3, failed=0)
    assert progress_text(meter.progress) == "3 of 3 members done"
