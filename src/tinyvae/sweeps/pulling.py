"""Long work in a thread of its own, so that Ctrl-C does not wait for compiled code."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tinyvae.sweeps.results import Event

STOP_SECONDS = 0.6  # that an interrupted engine has to write its checkpoint
LOOK_SECONDS = 0.1

Result = TypeVar("Result")


class _End:
    """The engine has no more events; or the error that ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def pulled(
    start: Callable[[], Iterator[Event]], stop_seconds: float = STOP_SECONDS
) -> Iterator[Iterator[Event]]:
    """The events of an iterator, which runs in a thread of its own.

    The main thread only waits, so that it notices Ctrl-C although compiled code runs.
    The engine is at most two events ahead. When the caller stops early, the engine is
    closed at its next event, and has so many seconds to end.
    """
    events: queue.Queue[Event | _End] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def put(event: Event | _End) -> None:
        while not stopped.is_set():
            try:
                events.put(event, timeout=LOOK_SECONDS)
                return
            except queue.Full:
                continue

    def pull() -> None:
        end = _End()
        try:
            iterator = start()
            try:
                for event in iterator:
                    put(event)
                    if stopped.is_set():
                        break
            finally:
                close = getattr(iterator, "close", None)
                if close is not None:
                    close()
        except BaseException as error:  # noqa: BLE001 (it is raised in the other thread)
            end = _End(error)
        put(end)

    thread = threading.Thread(target=pull, name="engine", daemon=True)
    thread.start()

    def arriving() -> Iterator[Event]:
        while True:
            try:
                event = events.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(event, _End):
                if event.error is not None:
                    raise event.error
                return
            yield event

    try:
        yield arriving()
    finally:
        stopped.set()
        thread.join(stop_seconds)


def interruptible(work: Callable[[], Result]) -> Result:
    """What the work returns; Ctrl-C ends the waiting at once, and leaves the work."""
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 (it is raised in the other thread)
            errors.append(error)

    thread = threading.Thread(target=run, name="work", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_SECONDS)
    if errors:
        raise errors[0]
    return results[0]
