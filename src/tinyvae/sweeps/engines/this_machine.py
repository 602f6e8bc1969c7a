"""The engine of this machine: groups in this process, or side by side in several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import jax

from tinyvae.errors import ConfigError
from tinyvae.machine import cores, free_memory
from tinyvae.sweeps.capacity import WORTH_SECONDS
from tinyvae.sweeps.engines.beside import Beside
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.local import CHECKPOINT_SECONDS, LocalEngine
from tinyvae.sweeps.engines.side_by_side import SideBySide
from tinyvae.sweeps.members import Worlds
from tinyvae.sweeps.plan import work_of
from tinyvae.sweeps.results import Event

PROCESS_BYTES = 800e6  # of a worker, beside what its group takes
MEMBERS_OF_PROCESS = 4  # to measure, for which it is worth to start another process


@dataclass(frozen=True, eq=False)
class ThisMachine:
    """Trains groups on this machine, as many side by side as is fast.

    Args:
        worlds: pictures that are open already.
        workers: processes that train; 1 is this process. None decides by the time that
            training takes, cores and memory.
        checkpoint_every: seconds between checkpoints of a group.
    """

    worlds: Worlds
    workers: int | None = None
    checkpoint_every: float = CHECKPOINT_SECONDS
    stop_seconds: ClassVar[float] = SideBySide.stop_seconds

    def __post_init__(self):
        if self.workers is not None and self.workers < 1:
            raise ConfigError(f"--workers: expected 1 or more, got {self.workers}.")

    def results(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """The events of all groups; see `Engine`.

        Raises: ConfigError if several workers are asked for a class of a script.
        """
        workers = self.workers or good_workers(tasks)
        if workers > 1 and any(map(in_script, tasks)):
            raise ConfigError(
                f"expected 1 worker, got {workers}: other processes do not find a "
                "class that is written in the script itself. Move it to a module, or "
                "take workers=1."
            )
        every = self.checkpoint_every
        for_each = map
        if self.workers is None and (processes := good_processes(tasks)) > 1:
            for_each = Beside(processes)
        engine: Engine = LocalEngine(
            self.worlds, checkpoint_every=every, for_each=for_each
        )
        if min(workers, len(tasks)) > 1:
            engine = SideBySide(workers, checkpoint_every=every)
        yield from engine.results(tasks)


def good_workers(tasks: Sequence[Task]) -> int:
    """Processes that train these groups fast: 1 for a short training, or on a GPU."""
    if jax.default_backend() != "cpu" or any(map(in_script, tasks)):
        return 1
    seconds = 0.0
    for task in tasks:
        if task.pictures_per_second is None:
            return 1
        pictures = sum(work_of(member.config) for member in task.group.members)
        seconds += pictures / task.pictures_per_second
    if seconds < WORTH_SECONDS:
        return 1
    each = max(task.memory for task in tasks) + PROCESS_BYTES
    return max(1, min(cores(), len(tasks), int(free_memory() / each)))


def good_processes(tasks: Sequence[Task]) -> int:
    """Processes that measure fast what a GPU trains; 1 is this process."""
    if jax.default_backend() == "cpu":
        return 1
    members = sum(len(task.group.members) - len(task.done) for task in tasks)
    fit = int(free_memory() / PROCESS_BYTES)
    return max(1, min(cores(), members // MEMBERS_OF_PROCESS, fit))


def in_script(task: Task) -> bool:
    """Whether a group has a class that only this process can find."""
    return any(
        type(part).__module__ == "__main__"
        for member in task.group.members
        for part in (member.config.world, member.config.objective)
    )
