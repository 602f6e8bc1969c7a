"""The progress of a sweep: what is counted, and the time that is left."""

import pytest

import tinyvae as tv
from tinyvae.cli.sweep_progress import progress_text
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group, work_of
from tinyvae.sweeps.progress import GroupProgress, Meter
from tinyvae.sweeps.results import (
    Advanced,
    Done,
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


def done(member, seconds: float, at_once: int = 1) -> Done:
    """A result without the run, which no progress looks at."""
    result, values = object.__new__(Done), {"identity": member.identity}
    values |= {"measuring_seconds": seconds, "measured_at_once": at_once}
    for name, value in values.items():
        object.__setattr__(result, name, value)
    return result


def test_members_that_are_measured_beside_one_another_take_less_time():
    meter = Meter(TASKS, 4, done=0, failed=0)
    meter.after(Started(0, tuple(m.identity for m in MEMBERS[:2])))
    meter.after(Advanced(0, 2000, 2000, 2 * WORK, 0, 20.0))
    after = meter.after(done(MEMBERS[0], 8.0, at_once=2))
    assert after.members_per_hour == pytest.approx(3600 / (10.0 + 4.0))
    # the second group trains, and three members are measured
    assert after.seconds_left == pytest.approx(20.0 + 3 * 4.0)


def test_rate_and_time_left_agree_after_a_group_was_resumed_at_its_end():
    meter = Meter(TASKS, 4, done=0, failed=0)
    meter.after(Started(0, tuple(m.identity for m in MEMBERS[:2])))
    # a single slow step of the last ones tells nothing yet
    early = meter.after(Advanced(0, 1999, 2000, WORK // 1000, WORK // 1000, 0.8))
    assert early.seconds_left is None
    meter.after(Advanced(0, 2000, 2000, 0, 0, 0.0, "measuring 1 of 2"))
    first = meter.after(done(MEMBERS[0], 2.0))
    assert first.new == 1
    assert first.members_per_hour is None
    meter.after(done(MEMBERS[1], 2.0))
    meter.after(Started(1, tuple(m.identity for m in MEMBERS[2:])))
    late = meter.after(Advanced(1, 1000, 2000, WORK, WORK, 9.2))
    assert late.seconds_left is not None
    assert late.members_per_hour is not None
    each = 3600 / late.members_per_hour
    assert each == pytest.approx(10.0 * WORK / (WORK + WORK // 1000) + 2.0)
    # both members left are half trained
    assert late.seconds_left == pytest.approx(2 * each - 10.0, rel=0.01)


def test_compiling_makes_nothing_slower():
    meter = Meter(TASKS, 4, done=0, failed=0)
    meter.after(Started(0, tuple(m.identity for m in MEMBERS[:2])))
    slow = Advanced(0, 1, 2000, WORK // 1000, 2 * WORK, 0.01, compile_seconds=30.0)
    assert meter.after(slow).seconds_left is None
    after = meter.after(Advanced(0, 1000, 2000, WORK, WORK, 10.0))
    assert after.seconds_left == pytest.approx(30.0, rel=0.01)


def test_each_group_that_trains_is_told_until_its_members_have_ended():
    meter = Meter(TASKS, 4, done=0, failed=0)
    names = [tuple(m.identity for m in task.group.members) for task in TASKS]
    meter.after(Started(0, names[0]))
    meter.after(Started(1, names[1]))
    both = meter.after(Advanced(1, 1000, 2000, WORK, WORK, 10.0)).underway
    assert both == (
        GroupProgress(0, 0, 0, "preparing", None, None),
        GroupProgress(1, 1000, 2000, "", WORK / 10, 10.0),
    )
    meter.after(done(MEMBERS[2], 1.0))
    assert len(meter.after(done(MEMBERS[3], 1.0)).underway) == 1
