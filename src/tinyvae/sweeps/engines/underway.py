"""A group that an engine has given to a worker: what is left of it, and its losses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.results import Done, Event, Failed, Halved, Retried

MOST_LOST = 3  # workers that a group may lose without a result


@dataclass(eq=False)
class Underway:
    """A group that trains elsewhere.

    Args:
        task: the group; its `done` has all members that are reported.
        lost: workers that it lost since the last result.
        trains: whether its worker has reported something.
    """

    task: Task
    lost: int = 0
    trains: bool = False

    def left(self) -> list[str]:
        """Members that are not reported yet."""
        members = self.task.group.members
        return [m.identity for m in members if m.identity not in self.task.done]

    def report(self, identity: str) -> None:
        """Note that a member has its result."""
        self.task = replace(self.task, done=self.task.done | {identity})
        self.lost = 0

    def halve(self, together: int) -> None:
        """Train so many members at once from now on."""
        self.task = replace(
            self.task, group=replace(self.task.group, together=together)
        )

    def noted(self, event: Event) -> Iterator[Event]:
        """An event of its worker; none if the driver knows it already."""
        if isinstance(event, Halved):
            self.halve(event.together)
        elif isinstance(event, Done | Failed):
            if event.identity in self.task.done:
                return
            self.report(event.identity)
        if isinstance(event, Done):
            members = {m.identity: m for m in self.task.group.members}
            config = members[event.identity].config
            event = replace(event, run=replace(event.run, config=config))
        yield event

    def after_loss(self, reason: str, advice: str) -> Iterator[Event]:
        """Its worker is lost: the group begins again, unless it lost too many.

        Then all of its members fail, and none is left.
        """
        self.lost += 1
        if self.lost < MOST_LOST:
            yield Retried(self.task.group.number, reason)
            return
        for identity in self.left():
            self.report(identity)
            yield Failed(
                identity,
                0,
                f"its group lost {MOST_LOST} workers without a result, the last one "
                f"because {reason}. {advice}",
            )
