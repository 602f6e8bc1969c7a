"""The engine of several processes on this machine: groups train side by side.

A product of small matrices gains little from a second thread, so two groups on a thread
each are faster than one after the other on two.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tinyvae.errors import ConfigError
from tinyvae.machine import cores
from tinyvae.sweeps.engines import worker_process
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.engines.local import CHECKPOINT_SECONDS
from tinyvae.sweeps.engines.underway import Underway
from tinyvae.sweeps.engines.worker_process import GroupEnded
from tinyvae.sweeps.results import Event, Halved, Waiting

LOOK_SECONDS = 0.1
GRACE_SECONDS = 0.7  # that workers have to write their checkpoints
ADVICE = "Look at the memory of this machine; fewer --workers take less."
# of XLA, and of what SciPy and scikit-learn compute with
THREADS = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class SideBySide:
    """Trains groups in processes of this machine, which share its cores.

    A group whose process ends is trained again; members that were reported are not.
    After three losses without a result in between, its members fail.

    Args:
        workers: processes; by default one for each core.
        checkpoint_every: seconds between checkpoints of a group.

    Raises: ConfigError if there is no worker.
    """

    workers: int = field(default_factory=cores)
    checkpoint_every: float = field(default=CHECKPOINT_SECONDS, kw_only=True)
    stop_seconds: ClassVar[float] = 0.9

    def __post_init__(self):
        if self.workers < 1:
            raise ConfigError(f"expected 1 worker or more, got {self.workers}.")

    def results(self, tasks: Sequence[Task]) -> Generator[Event, None, None]:
        """The events of all groups; see `Engine`."""
        yield from _Driver(self, tasks).events()


class _Driver:
    """Gives tasks to workers, and follows them to their end."""

    def __init__(self, engine: SideBySide, tasks: Sequence[Task]) -> None:
        self.engine = engine
        self.waiting = [Underway(task) for task in tasks]
        self.arrived: queue.Queue[tuple[_Worker, Any]] = queue.Queue()
        self.workers: list[_Worker] = []

    def events(self) -> Iterator[Event]:
        """The events of all groups, in the order in which they come."""
        try:
            while self.waiting and len(self.workers) < self.engine.workers:
                self._start()
            while self.workers:
                try:
                    worker, message = self.arrived.get(timeout=LOOK_SECONDS)
                except queue.Empty:
                    yield Waiting()
                    continue
                if isinstance(message, _Gone):
                    yield from self._gone(worker)
                elif isinstance(message, GroupEnded):
                    if self.waiting:
                        worker.give(self.waiting.pop(0))
                    else:
                        worker.release()
                elif isinstance(message, Exception):
                    raise message
                else:
                    yield from worker.group.noted(message)
        finally:
            end_all(self.workers)

    def _start(self) -> None:
        threads = max(1, cores() // self.engine.workers)
        worker = _Worker(
            self.waiting.pop(0), self.arrived, threads, self.engine.checkpoint_every
        )
        self.workers.append(worker)

    def _gone(self, worker: _Worker) -> Iterator[Event]:
        """A worker has ended: another one starts for what is left to do."""
        self.workers.remove(worker)
        group = worker.group
        if group.left():
            together = group.task.group.together
            if worker.was_killed() and together > 1:  # by Linux, where memory is short
                group.halve((together + 1) // 2)
                yield Halved(group.task.group.number, (together + 1) // 2)
            yield from group.after_loss(worker.reason(), ADVICE)
            if group.left():
                self.waiting.insert(0, group)
        worker.close()
        if self.waiting:
            self._start()


class _Gone:
    """The worker has ended."""


class _Worker:
    """A process that trains, and the thread that reads its events."""

    def __init__(
        self,
        group: Underway,
        arrived: queue.Queue[tuple[_Worker, Any]],
        threads: int,
        checkpoint_every: float,
    ) -> None:
        self.said = tempfile.TemporaryFile()
        # -P: where Python looks for modules is what this process has, and no more
        main = f"from {worker_process.__name__} import main; main()"
        program = [sys.executable, "-P", "-c", main]
        self.process = subprocess.Popen(
            [*program, str(checkpoint_every)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            env=environment(threads),
        )
        self.reader = threading.Thread(target=self._read, args=(arrived,), daemon=True)
        self.reader.start()
        self.give(group)

    def give(self, group: Underway) -> None:
        """Let it train a group next."""
        self.group = group
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # the end of the process is noticed elsewhere
            worker_process.send(group.task, self.process.stdin)

    def release(self) -> None:
        """Let it end: what it trains is written, and no group follows."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()

    def close(self) -> None:
        """Close its files, once it has ended."""
        self.release()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.said.close()

    def _read(self, arrived: queue.Queue[tuple[_Worker, Any]]) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                arrived.put((self, pickle.load(self.process.stdout)))
        except (EOFError, OSError, pickle.UnpicklingError):
            pass  # it was cut off
        except Exception as error:  # noqa: BLE001 (the driver raises it)
            arrived.put((self, error))
        self.process.wait()
        arrived.put((self, _Gone()))

    def was_killed(self) -> bool:
        """Whether it ended by SIGKILL."""
        return os.name == "posix" and self.process.returncode == -signal.SIGKILL

    def reason(self) -> str:
        """Why it has ended, in a few words."""
        code = self.process.returncode
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        self.said.seek(0)
        lines = self.said.read().decode(errors="replace").strip().splitlines()
        said = f": {lines[-1].strip().rstrip('.')}" if lines else ""
        return f"its process ended with exit code {code}{said}"


def end_all(workers: Sequence[_Worker]) -> None:
    """Let workers write their checkpoints and end; kill those that do not."""
    for worker in workers:
        worker.release()
    until = time.monotonic() + GRACE_SECONDS
    for worker in workers:
        try:
            worker.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.process.kill()
        worker.close()


def environment(threads: int) -> dict[str, str]:
    """Variables of a worker: so many threads, and the places of this one's modules."""
    given = {name: str(threads) for name in THREADS} | {"JAX_PLATFORMS": "cpu"}
    path = os.pathsep.join(place for place in sys.path if place)
    return given | dict(os.environ) | {"PYTHONPATH": path}
