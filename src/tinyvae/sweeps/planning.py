"""Planning: members into groups, and both into the ledger, before any is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tinyvae.files.whole import make_folder
from tinyvae.runs.environment import describe_environment
from tinyvae.sweeps.capacity import Capacity, measure_capacity
from tinyvae.sweeps.ledger_writing import LedgerWriter, Plan, create_ledger
from tinyvae.sweeps.members import IDENTITY_LENGTH, Member, Worlds
from tinyvae.sweeps.plan import (
    Group,
    Sizes,
    by_shape,
    shape_of,
    sizes_by_shape,
    split,
)
from tinyvae.sweeps.pulling import interruptible
from tinyvae.sweeps.spec import SweepSpec
from tinyvae.wording import counted
from tinyvae.worlds.world import KeepsPictures

WORLDS = "worlds"
Note = Callable[[str], None]


def planned(
    ledger: LedgerWriter | None,
    folder: Path,
    spec: SweepSpec | None,
    members: Sequence[Member],
    worlds: Worlds,
    sizes: Sizes,
    keep: str,
    note: Note | None,
) -> LedgerWriter:
    """The ledger with all of these members; those that are new get new groups."""
    first, known = 0, {}
    if ledger is not None:
        there = {entry.identity for entry in ledger.read.entries()}
        members = [member for member in members if member.identity not in there]
        groups = ledger.groups()
        first = len(groups)
        if not members:
            return ledger
        known = sizes_by_shape(groups) if sizes.reuse else {}
    plan = plan_members(
        members, folder, worlds, sizes, first=first, note=note, known=known
    )
    if ledger is not None:
        ledger.add(plan)
        return ledger
    facts = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "spec": None if spec is None else spec.source,
        "keep": keep,
        "environment": describe_environment(),
    }
    return create_ledger(folder, facts, plan)


def plan_members(
    members: Sequence[Member],
    folder: Path | None,
    worlds: Worlds,
    sizes: Sizes,
    *,
    first: int = 0,
    note: Note | None = None,
    known: Mapping[str, int] | None = None,
) -> Plan:
    """Groups of members, their sizes measured; own pictures are kept in the folder.

    `known` are sizes by shape that need not be measured.
    """
    shapes = by_shape(members)
    groups: list[Group] = []
    measured: dict[int, Any] = {}
    for count, alike in enumerate(shapes, 1):
        size = (known or {}).get(shape_of(alike[0].config))
        if size is not None:
            capacity = Capacity(size)
        else:
            if note is not None:
                many = counted(len(alike), "member")
                note(f"measuring shape {count} of {len(shapes)} ({many})")
            opened = [worlds.opened(member.config) for member in alike]
            measure = partial(measure_capacity, opened, sizes)
            capacity = interruptible(measure)
        for part in split(alike, capacity.together):
            number = first + len(groups)
            groups.append(Group(number, tuple(part), len(part)))
            measured[number] = capacity.to_json()
    kept = {} if folder is None else keep_worlds(members, folder)
    groups = [
        replace(g, members=tuple(kept.get(m.identity, (m, ""))[0] for m in g.members))
        for g in groups
    ]
    return Plan(
        groups,
        {member.identity: place for place, member in enumerate(members)},
        measured,
        {identity: place for identity, (_, place) in kept.items()},
    )


def keep_worlds(
    members: Sequence[Member], folder: Path
) -> dict[str, tuple[Member, str]]:
    """Members of own pictures as they are found from the folder, and where there."""
    kept: dict[str, tuple[Member, str]] = {}
    worlds: dict[Any, tuple[Any, str]] = {}
    for member in members:
        world = member.config.world
        if not isinstance(world, KeepsPictures):
            continue
        if world not in worlds:
            digest = hashlib.sha256(repr(world).encode()).hexdigest()
            place = f"{WORLDS}/{digest[:IDENTITY_LENGTH]}"
            make_folder(folder / place)
            worlds[world] = (world.keep(folder / place), place)
        found, place = worlds[world]
        config = replace(member.config, world=found)
        kept[member.identity] = (replace(member, config=config), place)
    return kept
