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


class GroupProgress(NamedTuple):
    """How far a group is that trains."""

    group: int
    step: int
    steps: int  # 0 until it begins
    doing: str  # "" while it trains
    pictures_per_second: float | None  # None until enough was measured
    seconds_left: float | None  # of training


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
    members_per_hour: float | None = None  # from start to end, at the speed so far
    underway: tuple[GroupProgress, ...] = ()  # all groups that train


KNOWN_SECONDS = 1.0  # of training, after which its speed is known
KNOWN_PART = 0.1  # of the pictures that are left, or after so many of them

SweepWatcher = Callable[[SweepProgress], None]


class Meter:
    """Follows the events of a sweep, and tells the time left.

    The time left is that of the pictures still to train on, and of the members still to
    be measured, at the speed of this process so far. The rate of members follows from
    the same numbers, so one fits the other; a group that was nearly at its end when it
    was resumed makes neither faster. Compiling has no part in the speed: it comes once
    for each shape, and would make the first seconds look like hours.
    """

    def __init__(self, tasks: Sequence[Task], members: int, done: int, failed: int):
        self._started = time.perf_counter()
        self._left = {
            task.group.number: sum(work_of(m.config) for m in task.group.members)
            for task in tasks
        }
        count = sum(len(task.group.members) for task in tasks)
        self._pictures_each = sum(self._left.values()) / max(1, count)
        self._speed = Speed()
        self._speeds: dict[int, Speed] = {}
        self._groups: dict[int, GroupProgress] = {}
        self._measuring, self._measured, self._new = 0.0, 0, 0
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
            self._groups[group] = GroupProgress(group, 0, 0, doing, None, None)
        elif isinstance(event, Advanced):
            group, step, steps, doing = (
                event.group,
                event.step,
                event.steps,
                event.doing,
            )
            if not event.doing:  # else all pictures are trained on
                self._advance(event)
            elif event.group in self._groups:
                before = self._groups[event.group]
                self._groups[event.group] = before._replace(doing=event.doing)
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
            self._measuring += event.measuring_seconds / event.measured_at_once
            self._measured += 1
        elif isinstance(event, Failed):
            failed, self._new = failed + 1, self._new + 1
            news = f"member {event.identity} failed: {event.reason}"
        if isinstance(event, Done | Failed):
            for number, identities in self._underway.items():
                identities.discard(event.identity)
                if not identities:
                    self._groups.pop(number, None)
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
            self._members_per_hour(),
            tuple(self._groups[number] for number in sorted(self._groups)),
        )
        return self.progress

    def _advance(self, event: Advanced) -> None:
        self._left[event.group] = event.pictures_left
        self._speed.add(event)
        own = self._speeds.setdefault(event.group, Speed())
        own.add(event)
        self._groups[event.group] = GroupProgress(
            event.group,
            event.step,
            event.steps,
            "",
            own.pictures / own.seconds if own.is_known(own.pictures) else None,
            own.seconds_of(event.pictures_left),
        )

    def _seconds_left(self, members: int) -> float | None:
        training = self._speed.seconds_of(sum(self._left.values()))
        if training is None:
            return None
        return (training + members * self._seconds_to_measure()) / self._side_by_side()

    def _members_per_hour(self) -> float | None:
        training = self._speed.seconds_of(self._pictures_each)
        if training is None or not self._measured:
            return None
        each = training + self._seconds_to_measure()
        return 3600 * self._side_by_side() / each if each > 0 else None

    def _seconds_to_measure(self) -> float:
        return self._measuring / max(1, self._measured)

    def _side_by_side(self) -> int:
        return max(1, sum(bool(members) for members in self._underway.values()))


class Speed:
    """Pictures that were trained on, and the seconds that it took."""

    def __init__(self) -> None:
        self.pictures, self.seconds = 0, 0.0

    def add(self, event: Advanced) -> None:
        """Count some steps."""
        self.pictures += event.pictures
        self.seconds += event.seconds

    def is_known(self, pictures: int | float) -> bool:
        """Whether enough was measured to tell how long so many pictures take.

        The first steps are slow: they count for all only if they are many.
        """
        enough = self.seconds >= KNOWN_SECONDS or self.pictures >= KNOWN_PART * pictures
        return enough and self.pictures > 0 and self.seconds > 0

    def seconds_of(self, pictures: int | float) -> float | None:
        """Seconds to train on so many pictures; None if that is not known yet."""
        if pictures == 0:
            return 0.0 if self.pictures else None
        if not self.is_known(pictures):
            return None
        return pictures * self.seconds / self.pictures
