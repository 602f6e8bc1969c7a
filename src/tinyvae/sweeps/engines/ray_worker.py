"""What a worker of a Ray cluster does: it trains one group, as one machine does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tinyvae import __version__
from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines.engine import Task
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.engines.reporting import reported
from tinyvae.sweeps.results import Event
from tinyvae.worlds.world import KeepsPictures


@dataclass(frozen=True)
class Conditions:
    """How a worker is to train.

    Args:
        environment: variables to set before JAX looks for devices.
        checkpoint_every: seconds between checkpoints.
        marker: name of a file in the folder of checkpoints, which is there only if
            this machine sees the folder of the driver.
        version: of tinyvae, which must be that of the driver.
    """

    environment: Mapping[str, str]
    checkpoint_every: float
    marker: str
    version: str


def train(task: Task, world: Any, conditions: Conditions) -> Iterator[Event]:
    """The events of one group; `world` has the own pictures of its members, if any."""
    if __version__ != conditions.version:
        raise ConfigError(
            f"expected tinyvae {conditions.version}, that of the driver, on all nodes, "
            f"got {__version__} on {os.uname().nodename}. Install the same."
        )
    os.environ.update(conditions.environment)
    shared = task.checkpoints
    if shared is not None and not (shared / conditions.marker).is_file():
        task = replace(task, checkpoints=None)
    engine = LocalEngine(checkpoint_every=conditions.checkpoint_every)
    yield from reported(engine, with_world(task, world))


def with_world(task: Task, world: Any) -> Task:
    """The task with members that have this world; None leaves theirs."""
    if world is None:
        return task
    members = tuple(
        replace(member, config=replace(member.config, world=world))
        for member in task.group.members
    )
    return replace(task, group=replace(task.group, members=members))


def own_pictures(task: Task) -> Any:
    """The world that all members of a group share, if it is of own pictures."""
    world = task.group.members[0].config.world
    return world if isinstance(world, KeepsPictures) else None
