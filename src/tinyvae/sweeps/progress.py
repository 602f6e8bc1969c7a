"""The progress of a sweep, for display."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.plan import work_of
from tinyvae.sweeps.results import (
    Advanced,
    Done,
    Event,
    Failed,
    Halved,
    Retried,
    Started,
    Waiting,
)


class SweepProgress(NamedTuple):
    """How far a sweep is."""

    members: int  # of the sweep
    done: int
    failed: int
    groups: int  # of the sweep
    group: int  # the one that trains now
    step: int
    steps: int
    doing: str  # "" while it trains
    seconds: float  # since this process began
    new: int  # members that this process has finished
    seconds_left: float | None  # None until something was measured
    news: str = ""  # what a person should know: a failure, a group that was halved


SweepWatcher = Callable[[SweepProgress], None]


class Meter:
    """Follows the events of a sweep, and tells the time left.

    The time left is that of the pictures still to train on, at the speed so far, and of
    the members still to be measured.
    """

    def __init__(self, tasks: Sequence[Task], members: int, done: int, failed: int):
        self._started = time.perf_counter()
        self._left = {
            task.group.number: sum(work_of(m.config) for m in task.group.members)
            for task in tasks
        }
        self._pictures, self._training, self._measuring = 0, 0.0, 0.0
        self._new = 0
        self._underway: dict[int, set[str]] = {}  # members of groups that train
        groups = max((task.group.number for task in tasks), default=0) + 1
        first = tasks[0].group.number if tasks else 0
        self.progress = SweepProgress(
            members, done, failed, groups, first, 0, 0, "", 0.0, 0, None
        )

    def after(self, event: Event) -> SweepProgress:
        """The progress after an event."""
        old = self.progress
        done, failed, news = old.done, old.failed, ""
        group, step, steps, doing = old.group, old.step, old.steps, old.doing
        if isinstance(event, Started):
            group, step, doing = event.group, 0, "preparing"
            self._underway[group] = set(event.identities)
        elif isinstance(event, Advanced):
            group, step, steps, doing = (
                event.group,
                event.step,
                event.steps,
                event.doing,
            )
            self._pictures += event.pictures
            self._left[event.group] = event.pictures_left
            self._training += event.seconds
        elif isinstance(event, Halved):
            news = (
                f"group {event.group} ran out of memory: {event.together} of its "
                "members train at once from now on"
            )
        elif isinstance(event, Retried):
            news = f"group {event.group} begins again: {event.reason}"
        elif isinstance(event, Waiting):
            doing = event.doing or doing
        elif isinstance(event, Done):
            done, self._new = done + 1, self._new + 1
            self._measuring += event.measuring_seconds
        elif isinstance(event, Failed):
            failed, self._new = failed + 1, self._new + 1
            news = f"member {event.identity} failed: {event.reason}"
        if isinstance(event, Done | Failed):
            for identities in self._underway.values():
                identities.discard(event.identity)
        left = old.members - done - failed
        self.progress = SweepProgress(
            old.members,
            done,
            failed,
            old.groups,
            group,
            step,
            steps,
            doing,
            time.perf_counter() - self._started,
            self._new,
            self._seconds_left(left),
            news,
        )
        return self.progress

    def _seconds_left(self, members: int) -> float | None:
        if self._pictures == 0:
            return None
        training = sum(self._left.values()) * self._training / self._pictures
        measuring = members * self._measuring / self._new if self._new else 0.0
        side_by_side = sum(bool(members) for members in self._underway.values())
        return (training + measuring) / max(1, side_by_side)
