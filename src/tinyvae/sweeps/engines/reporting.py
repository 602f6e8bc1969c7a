"""What a worker reports to its driver, and how often."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace

from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.results import Advanced, Done, Event

REPORT_SECONDS = 0.5  # between two steps forward that are reported


def reported(engine: Engine, task: Task) -> Generator[Event, None, None]:
    """The events of one group, as they travel to the driver.

    Steps forward come at a modest rate, and results without their pictures.
    """
    settings = {member.identity: member.config for member in task.group.members}
    for event in at_modest_rate(engine.results([task]), REPORT_SECONDS):
        if isinstance(event, Done):
            config = settings[event.identity]
            event = replace(event, run=replace(event.run, config=config))
        yield event


def at_modest_rate(events: Iterable[Event], seconds: float) -> Iterator[Event]:
    """The same events, but steps forward within so many seconds become one."""
    waiting: Advanced | None = None
    last = float("-inf")
    for event in events:
        if isinstance(event, Advanced):
            waiting = event if waiting is None else joined(waiting, event)
            if time.monotonic() - last < seconds:
                continue
        if waiting is not None:
            yield waiting
            waiting, last = None, time.monotonic()
        if not isinstance(event, Advanced):
            yield event
    if waiting is not None:
        yield waiting


def joined(first: Advanced, second: Advanced) -> Advanced:
    """Two steps forward as one."""
    return replace(
        second,
        pictures=first.pictures + second.pictures,
        seconds=first.seconds + second.seconds,
        compile_seconds=first.compile_seconds + second.compile_seconds,
    )
