"""What a sweep would take: members, groups, time and memory, from a short measurement.

Nothing is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tinyvae.machine import cores
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.environment import describe_environment
from tinyvae.sweeps.capacity import WORTH_SECONDS, measure_capacity
from tinyvae.sweeps.engines.local import measured
from tinyvae.sweeps.group import begin, vaes_of
from tinyvae.sweeps.members import Member, Worlds, members_of
from tinyvae.sweeps.plan import Sizes, by_shape, split, work_of
from tinyvae.sweeps.pulling import interruptible
from tinyvae.sweeps.spec import SweepSpec
from tinyvae.wording import counted, duration


@dataclass(frozen=True)
class ShapeForecast:
    """What the members of one shape would take."""

    title: str
    members: int
    groups: int
    together: int
    memory: int  # bytes of a group
    training_seconds: float  # of all members, on this machine
    measuring_seconds: float
    compiling_seconds: float  # once; less where a cache has the programs

    @property
    def seconds(self) -> float:
        """Of training, measuring and compiling."""
        return self.training_seconds + self.measuring_seconds + self.compiling_seconds

    def __str__(self) -> str:
        return (
            f"{self.title}: {counted(self.members, 'member')} in "
            f"{counted(self.groups, 'group')} of up to {self.together}, "
            f"{self.memory / 1e6:,.0f} MB; about {duration(self.training_seconds)} to "
            f"train, {duration(self.measuring_seconds)} to measure and "
            f"{duration(self.compiling_seconds)} to compile"
        )


@dataclass(frozen=True)
class Forecast:
    """What a sweep would take on this machine."""

    asked: int  # runs that the spec names
    shapes: tuple[ShapeForecast, ...]

    @property
    def members(self) -> int:
        """Runs of the spec, each counted once."""
        return sum(shape.members for shape in self.shapes)

    @property
    def seconds(self) -> float:
        """Of all groups, one after another."""
        return sum(shape.seconds for shape in self.shapes)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "asked": self.asked,
            "members": self.members,
            "groups": sum(shape.groups for shape in self.shapes),
            "memory": max(shape.memory for shape in self.shapes),
            "seconds": self.seconds,
            "shapes": [vars(shape) for shape in self.shapes],
        }

    def __str__(self) -> str:
        twice = self.asked - self.members
        lines = [str(shape) for shape in self.shapes]
        groups = sum(shape.groups for shape in self.shapes)
        lines.append(
            f"in all {counted(self.members, 'member')}"
            + (f" ({twice} of the spec come twice)" if twice else "")
            + f" in {counted(groups, 'group')}, at most "
            f"{max(s.memory for s in self.shapes) / 1e6:,.0f} MB; about "
            f"{duration(self.seconds)} on this machine, one group after another"
        )
        if self.seconds > WORTH_SECONDS and groups > 1 and cores() > 1:
            lines.append("groups that train side by side (--workers) need less")
        return "\n".join(lines)


def forecast(
    spec: SweepSpec, sizes: Sizes, *, note: Callable[[str], None] | None = None
) -> Forecast:
    """What the members of a spec would take, each shape measured for some seconds.

    Raises: ConfigError or DataError if the pictures of one cannot be read.
    """
    use_compilation_cache()
    worlds = Worlds()
    shapes = by_shape(members_of(spec.configs(), worlds))
    if note is not None:
        for line in worlds.what_was_read():
            note(line)
    found = []
    for count, alike in enumerate(shapes, 1):
        if note is not None:
            note(f"measuring shape {count} of {len(shapes)}")
        measure = partial(_of_shape, alike, worlds, sizes)
        found.append(interruptible(measure))
    return Forecast(len(spec), tuple(found))


def _of_shape(alike: Sequence[Member], worlds: Worlds, sizes: Sizes) -> ShapeForecast:
    opened = [worlds.opened(member.config) for member in alike]
    capacity = measure_capacity(opened, sizes, thorough=True)
    best = capacity.nearest()
    work = sum(work_of(member.config) for member in alike)
    session = begin(opened[:1])
    vae, environment = vaes_of(session)[0], describe_environment()
    measuring = []
    for _ in range(2):  # the first one compiles
        started = time.perf_counter()
        measured(opened[0], alike[0], session.runs[0], vae, 0.0, environment)
        measuring.append(time.perf_counter() - started)
    compiling = best.compiling_seconds + max(0.0, measuring[0] - measuring[1])
    first = alike[0].config
    return ShapeForecast(
        f"{first.world.kind}, {first.objective.kind}, {first.network.describe()}",
        len(alike),
        len(split(alike, capacity.together)),
        capacity.together,
        capacity.memory(),
        work / best.pictures_per_second,
        measuring[1] * len(alike),
        compiling,
    )
