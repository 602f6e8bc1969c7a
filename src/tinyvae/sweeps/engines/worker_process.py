"""What a worker of `SideBySide` does: a process that trains one group after another.

It reads tasks from its standard input and writes events to its standard output, both
pickled. It ends when its input ends, whatever becomes of the driver, and writes a
checkpoint before.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import time
from contextlib import closing
from typing import IO, Any

from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.engines.reporting import reported

GRACE_SECONDS = 5.0  # after the end of its input, in which a checkpoint is written


class GroupEnded:
    """The worker has no more events of its group, and waits for the next task."""


def main() -> None:
    """Train what comes, until nothing does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver says when to stop
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed must not come between events
    tasks: queue.Queue[Any] = queue.Queue()
    stopped = threading.Event()
    inputs = (sys.stdin.buffer, tasks, stopped)
    threading.Thread(target=_receive, args=inputs, daemon=True).start()
    engine = LocalEngine(checkpoint_every=float(sys.argv[1]))
    while (task := tasks.get()) is not None:
        try:
            if isinstance(task, BaseException):
                raise task
            with closing(reported(engine, task)) as training:
                for event in training:
                    if stopped.is_set():
                        return
                    send(event, events)
        except Exception as error:  # noqa: BLE001 (the driver raises it)
            send(_can_travel(error), events)
        send(GroupEnded(), events)


def send(message: Any, stream: IO[bytes]) -> None:
    """Write a message at once."""
    stream.write(pickle.dumps(message))
    stream.flush()


def _receive(stream: IO[bytes], tasks: queue.Queue, stopped: threading.Event) -> None:
    try:
        while True:
            try:
                tasks.put(pickle.load(stream))
            except (AttributeError, ImportError) as error:  # a class is not found here
                tasks.put(error)
    except (EOFError, OSError, pickle.UnpicklingError):
        stopped.set()
        tasks.put(None)
    time.sleep(GRACE_SECONDS)
    os._exit(0)  # compiled code does not look whether it is to stop


def _can_travel(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 (whatever a class of an error does)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
