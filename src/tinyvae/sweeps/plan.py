"""Groups of members that train together: they share all shapes.

Objectives of one kind share a group although their numbers differ, since these are
arguments of the compiled loop, as seeds are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax

from tinyvae.errors import ConfigError
from tinyvae.runs.config import RunConfig
from tinyvae.sweeps.members import Member, canonical
from tinyvae.training.selection import selection_step


@dataclass(frozen=True)
class Group:
    """Members that one task trains, by its position in the plan.

    `together` is the number that trains at once: all of them, unless memory was found
    not to be enough.
    """

    number: int
    members: tuple[Member, ...]
    together: int


@dataclass(frozen=True)
class Sizes:
    """How large groups may be.

    Args:
        together: most runs that train together; None measures what is fast.
        memory: bytes that a group may take; None takes half of what is free.
        reuse: new members take the size of earlier groups of their shapes, if there are
            any, and measure nothing.
    """

    together: int | None = None
    memory: int | None = None
    reuse: bool = False

    def __post_init__(self):
        for name, value in (("together", self.together), ("memory", self.memory)):
            if value is not None and value < 1:
                raise ConfigError(f"expected {name} of at least 1, got {value}.")


def shape_of(config: RunConfig) -> str:
    """What members of one group have in common, as a text.

    All settings but the seed and the numbers of the objective; and the step at which
    one VAE of each run continues alone, which may depend on those numbers. Runs on a
    fixed number of pictures share them only if they have the same seed.
    """
    settings = canonical(config)
    if config.samples is None:
        settings.pop("seed")
    static = jax.tree.structure(config.objective)
    settings["objective"] = [config.objective.kind, str(static)]
    settings["selection"] = selection_step(config.objective, config.training)
    return json.dumps(settings, sort_keys=True)


def by_shape(members: Sequence[Member]) -> list[list[Member]]:
    """The members in lists of the same shape, in the order of first mention."""
    found: dict[str, list[Member]] = {}
    for member in members:
        found.setdefault(shape_of(member.config), []).append(member)
    return list(found.values())


def sizes_by_shape(groups: Sequence[Group]) -> dict[str, int]:
    """The largest number that trains together in groups of each shape."""
    found: dict[str, int] = {}
    for group in groups:
        shape = shape_of(group.members[0].config)
        found[shape] = max(group.together, found.get(shape, 0))
    return found


def plan_groups(
    members: Sequence[Member],
    size_of: Callable[[Sequence[Member]], int],
    *,
    first: int = 0,
) -> list[Group]:
    """Groups of all members, numbered from `first`.

    Args:
        members: to be trained.
        size_of: the largest group of members that share their shapes.
        first: number of the first group.
    """
    parts = [
        part for alike in by_shape(members) for part in split(alike, size_of(alike))
    ]
    return [
        Group(number, tuple(part), len(part))
        for number, part in enumerate(parts, first)
    ]


def split(members: Sequence[Member], size: int) -> list[list[Member]]:
    """The members in parts of at most `size`, as equal as possible.

    Parts of one size share one compiled program.
    """
    count = math.ceil(len(members) / max(1, size))
    ends = [len(members) * part // count for part in range(count + 1)]
    return [list(members[a:b]) for a, b in zip(ends, ends[1:], strict=False)]


def work_of(config: RunConfig) -> int:
    """Pictures that a run trains on: all its VAEs to the selection, then one."""
    training = config.training
    rivals = config.members - 1
    steps = training.steps
    if rivals:
        steps += rivals * selection_step(config.objective, training)
    return steps * training.batch_size
