"""What a sweep that continues adds: to which spec options apply, and which members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.objectives.naming import objective_name
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.members import Member
from tinyvae.sweeps.plan import by_shape
from tinyvae.wording import counted

MOST_SHAPES = 5  # that are told one by one
MOST_SEEDS = 5
INSTEAD = (
    "Give the whole spec with --resume (a TOML file), or in Python "
    "tv.sweep(spec, out=..., resume=True)."
)


def begun_settings(folder: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The settings of the spec that a sweep began with, and the options over them.

    Raises: ConfigError if the folder records none; RunFolderError if it is no sweep.
    """
    with open_ledger(folder) as ledger:
        source = ledger.facts().get("spec")
    if not isinstance(source, Mapping):
        raise ConfigError(
            "--resume with options: expected a sweep that records its spec, got "
            f"{folder}, which was made from objects of Python. {INSTEAD}"
        )
    if "search" in source:
        raise ConfigError(
            "--resume with options: expected a sweep, got a search, whose settings are "
            f"those of its trials: {folder}. {INSTEAD}"
        )
    settings = {name: value for name, value in source.items() if name != "changes"}
    return settings, source.get("changes", {})


def lines_on_added(folder: Path, members: Sequence[Member]) -> list[str]:
    """What these members add to the sweep in a folder, a line for each shape."""
    with open_ledger(folder) as ledger:
        there = {entry.identity for entry in ledger.entries()}
    new = [member for member in members if member.identity not in there]
    if not new:
        return [f"adds no member: {counted(len(members), 'member')} there already"]
    shapes = by_shape(new)
    lines = [
        f"adds {counted(len(alike), 'member')}: {_described(alike)}"
        for alike in shapes[:MOST_SHAPES]
    ]
    rest = shapes[MOST_SHAPES:]
    if rest:
        others = counted(sum(map(len, rest)), "member")
        lines.append(f"adds {others} of {counted(len(rest), 'other shape')}")
    return lines


def _described(alike: Sequence[Member]) -> str:
    """What members of one shape are, in one line."""
    first = alike[0].config
    size = getattr(first.world, "size", None)
    sides = size if isinstance(size, tuple) else (size, size)
    world = first.world.kind
    if size is not None:
        world = f"{'x'.join(map(str, sides))} {world}"
    names = list(dict.fromkeys(objective_name(one.config.objective) for one in alike))
    objective = names[0]
    if len(names) > 1:
        objective = f"{first.objective.title}, {counted(len(names), 'setting')}"
    seeds = list(dict.fromkeys(one.config.seed for one in alike))
    which = counted(len(seeds), "seed")
    if len(seeds) <= MOST_SEEDS:
        which = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    steps = counted(first.training.steps, "step")
    return f"{world}; {objective}; {first.network.describe()}; {steps}; {which}"
