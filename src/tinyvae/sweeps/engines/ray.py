"""The engine of a Ray cluster: each group is a task, trained again if it is lost."""

from __future__ import annotations

import inspect
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from tinyvae import __version__
from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.engines.local import CHECKPOINT_SECONDS
from tinyvae.sweeps.engines.ray_cluster import (
    connected,
    fits,
    loss_text,
    place_text,
    ray_package,
    room_text,
)
from tinyvae.sweeps.engines.ray_worker import (
    Conditions,
    own_pictures,
    train,
    with_world,
)
from tinyvae.sweeps.engines.underway import Underway
from tinyvae.sweeps.results import Event, Halved, Waiting

MOST_UNDERWAY = 256  # groups that are given to the cluster at once
LOOK_SECONDS = 0.1
GRACE_SECONDS = 0.2  # that groups which are stopped have to write their checkpoint
PATIENCE = 5.0  # seconds without any group training until the reason is looked for
ADVICE = "Look at memory and logs of the nodes."
# of the driver; they hold for workers too
SAME_EVERYWHERE = ("XLA_FLAGS", "NPROC")


@dataclass(eq=False)
class OnCluster(Underway):
    """A group that was given to the cluster, with its events."""

    pictures: Any = None  # reference to its own pictures in the cluster
    stream: Any = None


@dataclass(frozen=True)
class RayEngine:
    """Trains groups as tasks of a Ray cluster, as many at once as there is room for.

    A group whose node or worker is lost is trained again, elsewhere; members that were
    reported are not. After three losses without a result in between, its members fail.

    Args:
        address: HOST:PORT of the cluster, or auto: that of this machine. By default
            that of RAY_ADDRESS, or one that is started on this machine for the time.
        cpus: CPUs of a group, which are also the threads that it takes.
        gpus: GPUs of a group; a part of one lets groups share it.
        checkpoint_every: seconds between checkpoints, where nodes share the folder of
            the sweep.

    Raises: ConfigError if a number is out of range.
    """

    address: str | None = None
    stop_seconds: ClassVar[float] = 5.0  # a cluster of this machine shuts down in 1
    cpus: float = 1.0
    gpus: float = 0.0
    checkpoint_every: float = field(default=CHECKPOINT_SECONDS, kw_only=True)

    def __post_init__(self):
        if not self.cpus >= 0 or not self.gpus >= 0 or not self.cpus + self.gpus > 0:
            raise ConfigError(
                f"expected CPUs or GPUs for a group, got cpus={self.cpus}, "
                f"gpus={self.gpus}."
            )

    def results(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """The events of all groups; see `Engine`.

        Raises: ConfigError if Ray is not installed, or there is no cluster.
        """
        if not tasks:
            return
        ray = ray_package()
        with connected(ray, self.address) as started_here:
            if started_here and not fits(ray, self.cpus, self.gpus):
                raise ConfigError(
                    f"expected --cpus and --gpus of a group that this machine has, got "
                    f"{place_text(self.cpus, self.gpus)}. It has {room_text(ray)}."
                )
            yield from _Driver(ray, self, tasks).events()


class _Driver:
    """Gives groups to the cluster, and follows them to their end."""

    def __init__(self, ray: Any, engine: RayEngine, tasks: Sequence[Task]) -> None:
        self.ray = ray
        self.engine = engine
        self.tasks = list(tasks)
        self.underway: list[OnCluster] = []
        self.pictures: dict[Any, tuple[Any, Any]] = {}
        self.marker = f".shared-{secrets.token_hex(8)}"
        self.conditions = Conditions(
            environment(engine),
            engine.checkpoint_every,
            self.marker,
            __version__,
        )
        # what checks shapes may hide from Ray that this is a generator
        self.train = ray.remote(inspect.unwrap(train))
        self.quiet_since = time.monotonic()

    def events(self) -> Iterator[Event]:
        """The events of all groups, in the order in which they come."""
        self._mark_checkpoints()
        try:
            while self.tasks or self.underway:
                self._give_out()
                streams = [group.stream for group in self.underway]
                ready, _ = self.ray.wait(streams, timeout=LOOK_SECONDS)
                if not ready:
                    yield Waiting(self._lacking())
                    continue
                place = next(k for k, s in enumerate(streams) if s is ready[0])
                group = self.underway.pop(place)
                self.underway.append(group)  # the others come first now
                ended = yield from self._next_of(group)
                if ended:
                    self.underway.remove(group)
        finally:
            for group in self.underway:
                self._cancel(group)
            if self.underway:
                time.sleep(GRACE_SECONDS)

    def _mark_checkpoints(self) -> None:
        for folder in {task.checkpoints for task in self.tasks}:
            if folder is not None:
                (folder / self.marker).touch()

    def _give_out(self) -> None:
        while self.tasks and len(self.underway) < MOST_UNDERWAY:
            task, pictures = self._with_pictures(self.tasks.pop(0))
            self.underway.append(group := OnCluster(task, pictures=pictures))
            self._start(group)

    def _with_pictures(self, task: Task) -> tuple[Task, Any]:
        """A task, and its own pictures, which travel once to each node."""
        world = own_pictures(task)
        if world is None:
            return task, None
        if world not in self.pictures:
            world.read()
            self.pictures[world] = (world, self.ray.put(world))
        world, reference = self.pictures[world]
        return with_world(task, world), reference

    def _start(self, group: OnCluster) -> None:
        bare = group.task
        if group.pictures is not None:
            world = own_pictures(bare)
            bare = with_world(bare, replace(world))  # which drops what was read
        group.trains = False
        task = self.train.options(
            name=f"tinyvae group {bare.group.number}",
            num_cpus=self.engine.cpus,
            num_gpus=self.engine.gpus,
            num_returns="streaming",
            max_retries=0,  # Ray's own would report what was reported already
        )
        group.stream = task.remote(bare, group.pictures, self.conditions)

    def _next_of(self, group: OnCluster) -> Iterator[Event]:
        """The next event of a group that has one; returns whether it was the last."""
        exceptions = self.ray.exceptions
        try:
            event = self.ray.get(next(group.stream))
        except StopIteration:
            if not group.left():
                return True
            return (yield from self._lost(group, "its worker ended without results"))
        except exceptions.RayTaskError as error:
            raise error.cause or error from None
        except exceptions.RayError as error:
            self._cancel(group)
            together = group.task.group.together
            if isinstance(error, exceptions.OutOfMemoryError) and together > 1:
                group.halve((together + 1) // 2)
                yield Halved(group.task.group.number, (together + 1) // 2)
            return (yield from self._lost(group, loss_text(self.ray, error)))
        group.trains = True
        self.quiet_since = time.monotonic()
        yield from group.noted(event)
        return False

    def _lost(self, group: OnCluster, reason: str) -> Iterator[Event]:
        """Train a lost group again, or give it up; returns whether that is its end."""
        yield from group.after_loss(reason, ADVICE)
        if not group.left():
            return True
        self._start(group)
        return False

    def _lacking(self) -> str:
        """What the cluster lacks, if no group has trained for a while."""
        quiet = time.monotonic() - self.quiet_since > PATIENCE
        if not quiet or any(group.trains for group in self.underway):
            return ""
        cpus, gpus = self.engine.cpus, self.engine.gpus
        place = place_text(cpus, gpus)
        if fits(self.ray, cpus, gpus):
            return f"waiting for {place} to be free"
        return f"waiting for a node with {place}: the cluster has none"

    def _cancel(self, group: OnCluster) -> None:
        with suppress(Exception):
            self.ray.cancel(group.stream)


def environment(engine: RayEngine) -> dict[str, str]:
    """Variables of a worker: as many threads as CPUs, and only its part of a GPU."""
    found = {"NPROC": str(max(1, int(engine.cpus)))}
    if not engine.gpus:
        found["JAX_PLATFORMS"] = "cpu"
    elif engine.gpus < 1:
        # JAX takes three quarters of a GPU at its start
        found["XLA_PYTHON_CLIENT_MEM_FRACTION"] = f"{0.75 * engine.gpus:.3f}"
    return found | {n: os.environ[n] for n in SAME_EVERYWHERE if n in os.environ}
