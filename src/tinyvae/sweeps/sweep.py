"""Sweeps from start to end: plan, train in groups, and record; `tinyvae.sweep`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.files.whole import make_folder
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.environment import describe_environment
from tinyvae.sweeps.capacity import Capacity, measure_capacity
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.keeping import Keep, check_keep, record, tidy
from tinyvae.sweeps.ledger import Ledger, Plan, has_ledger
from tinyvae.sweeps.lock import only_writer
from tinyvae.sweeps.members import Member, Worlds, keep_pictures, members_of
from tinyvae.sweeps.plan import Group, by_shape, split
from tinyvae.sweeps.progress import Meter, SweepWatcher
from tinyvae.sweeps.pulling import pulled
from tinyvae.sweeps.results import Done, Event, Failed, Halved, Started
from tinyvae.sweeps.spec import Block, Spec, parse_seeds
from tinyvae.sweeps.spec_reading import read_spec, spec_from_mapping
from tinyvae.sweeps.table import SweepTable, load_sweep

CHECKPOINTS = "checkpoints"
WORLDS = "worlds"
Note = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """How large groups may be.

    Args:
        together: most runs that train together; None measures what is fast.
        memory: bytes that a group may take; None takes half of what is free.
    """

    together: int | None = None
    memory: int | None = None

    def __post_init__(self):
        for name, value in vars(self).items():
            if value is not None and value < 1:
                raise ConfigError(f"expected {name} of at least 1, got {value}.")


def sweep(
    spec: Spec | Block | Mapping[str, Any] | str | Path | None = None,
    *,
    out: str | Path,
    resume: bool = False,
    keep: Keep = "none",
    together: int | None = None,
    watch: SweepWatcher | None = None,
    engine: Engine | None = None,
    **block: Any,
) -> SweepTable:
    """Train every member of a spec, and return the table of all results.

    Members that share shapes train together. Every result is in `out` as soon as it is
    there, so that an interrupted sweep continues with `resume=True`.

    Args:
        spec: a `Spec` or `Block`, a TOML file, or its settings as a nested mapping.
        out: folder of the sweep.
        resume: continue the sweep in `out`, with the members of the spec added.
        keep: weights to keep as run folders: all, best (of each setting the seed of
            highest ELBO), none.
        together: most runs that train together; by default what is fast and fits.
        watch: is called with the progress.
        engine: where groups are trained; by default in this process.
        **block: the arguments of a `Block`, instead of a spec: `objectives=...`,
            `seeds=range(20)`.

    Raises: ConfigError, DataError or RunFolderError if the spec, the pictures or the
    folder cannot be used.
    """
    if spec is None and not block and not resume:
        raise ConfigError(
            "expected a spec, or lists such as objectives=[...] and seeds=range(20), "
            "got neither."
        )
    if spec is not None and block:
        raise ConfigError(
            f"expected a spec or lists, got both a spec and {', '.join(block)}."
        )
    if block:
        if "seeds" in block:
            block["seeds"] = parse_seeds(block["seeds"])
        spec = Block(**block)
    known = None if spec is None else as_spec(spec)
    run_sweep(
        known,
        Path(out),
        resume=resume,
        keep=keep,
        sizes=Sizes(together),
        watch=watch,
        engine=engine,
    )
    return load_sweep(out)


def as_spec(spec: Spec | Block | Mapping[str, Any] | str | Path) -> Spec:
    """A spec of what describes one.

    Raises: ConfigError if it cannot be read, or if a setting is wrong.
    """
    if isinstance(spec, Spec):
        return spec
    if isinstance(spec, Block):
        return Spec((spec,))
    return spec_from_mapping(spec) if isinstance(spec, Mapping) else read_spec(spec)


def run_sweep(
    spec: Spec | None,
    folder: Path,
    *,
    resume: bool = False,
    keep: str = "none",
    sizes: Sizes | None = None,
    watch: SweepWatcher | None = None,
    engine: Engine | None = None,
    note: Note | None = None,
) -> None:
    """Plan what is not planned, train what is not trained, and record everything.

    Raises: RunFolderError if the folder holds a sweep and is not to be continued, or if
    another process writes it.
    """
    check_keep(keep)
    worlds = Worlds()
    members = [] if spec is None else members_of(spec.configs(), worlds)
    if not resume and has_ledger(folder):
        Ledger.create(folder, {})  # raises, saying what to do
    if spec is None:
        Ledger.to_read(folder).close()  # raises where there is nothing to continue
    make_folder(folder)
    use_compilation_cache()
    with only_writer(folder):
        known = has_ledger(folder)
        ledger = Ledger.to_write(folder) if known else None
        try:
            ledger = planned(
                ledger, folder, spec, members, worlds, sizes or Sizes(), keep, note
            )
            tidy(ledger, keep)
            ledger.reset_running()
            finish(ledger, engine or LocalEngine(worlds), keep, watch)
        finally:
            if ledger is not None:
                ledger.close()


def planned(
    ledger: Ledger | None,
    folder: Path,
    spec: Spec | None,
    members: Sequence[Member],
    worlds: Worlds,
    sizes: Sizes,
    keep: str,
    note: Note | None,
) -> Ledger:
    """The ledger with all of these members; those that are new get new groups."""
    first = 0
    if ledger is not None:
        there = {entry.identity for entry in ledger.entries()}
        members = [member for member in members if member.identity not in there]
        first = len(ledger.groups())
        if not members:
            return ledger
    plan = plan_members(members, folder, worlds, sizes, first=first, note=note)
    if ledger is not None:
        ledger.add(plan)
        return ledger
    facts = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "spec": None if spec is None else spec.source,
        "keep": keep,
        "environment": describe_environment(),
    }
    return Ledger.create(folder, facts, plan)


def plan_members(
    members: Sequence[Member],
    folder: Path | None,
    worlds: Worlds,
    sizes: Sizes,
    *,
    first: int = 0,
    note: Note | None = None,
    thorough: bool = False,
) -> Plan:
    """Groups of members, their sizes measured; own pictures are kept in the folder."""
    shapes = by_shape(members)
    groups: list[Group] = []
    measured: dict[int, Any] = {}
    for count, alike in enumerate(shapes, 1):
        if note is not None:
            note(f"measuring shape {count} of {len(shapes)} ({len(alike)} members)")
        capacity = capacity_of(alike, worlds, sizes, thorough=thorough)
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


def capacity_of(
    alike: Sequence[Member], worlds: Worlds, sizes: Sizes, *, thorough: bool = False
) -> Capacity:
    """How many of these members, which share their shapes, train together."""
    if sizes.together is not None and not thorough:
        return Capacity(min(sizes.together, len(alike)))
    opened = [worlds.opened(member.config) for member in alike]
    capacity = measure_capacity(opened, memory=sizes.memory, thorough=thorough)
    if sizes.together is None:
        return capacity
    return replace(capacity, together=min(sizes.together, len(alike)))


def keep_worlds(
    members: Sequence[Member], folder: Path
) -> dict[str, tuple[Member, str]]:
    """Members of own pictures as they are found from the folder, and where there."""
    kept: dict[str, tuple[Member, str]] = {}
    worlds: dict[str, Any] = {}
    for member in members:
        fingerprint = getattr(member.config.world, "fingerprint", "")
        if not fingerprint:
            continue
        place = f"{WORLDS}/{fingerprint}"
        if fingerprint not in worlds:
            make_folder(folder / place)
            worlds[fingerprint] = keep_pictures(member, folder / place).config.world
        config = replace(member.config, world=worlds[fingerprint])
        kept[member.identity] = (replace(member, config=config), place)
    return kept


def tasks_of(ledger: Ledger) -> list[Task]:
    """The groups that have members still to be trained or measured."""
    entries = [*ledger.entries("done"), *ledger.entries("failed")]
    ended = frozenset(entry.identity for entry in entries)
    return [
        Task(group, ended, ledger.folder / CHECKPOINTS)
        for group in ledger.groups()
        if any(member.identity not in ended for member in group.members)
    ]


def finish(
    ledger: Ledger, engine: Engine, keep: str, watch: SweepWatcher | None
) -> None:
    """Train and record all members that have not ended."""
    tasks = tasks_of(ledger)
    make_folder(ledger.folder / CHECKPOINTS)
    for part in (ledger.folder / CHECKPOINTS).glob(".*.part"):
        part.unlink()
    counts = ledger.counts()
    meter = Meter(tasks, sum(counts.values()), counts["done"], counts["failed"])
    if watch is not None:
        watch(meter.progress)
    with pulled(lambda: engine.results(tasks)) as events:
        for event in recorded(ledger, events, keep):
            progress = meter.after(event)
            if watch is not None:
                watch(progress)
    for path in (ledger.folder / CHECKPOINTS).glob("*"):
        path.unlink()


def recorded(ledger: Ledger, events: Iterator[Event], keep: str) -> Iterator[Event]:
    """Each event, after it is in the ledger."""
    for event in events:
        if isinstance(event, Done):
            record(ledger, event, keep)
        elif isinstance(event, Failed):
            ledger.record(event)
        elif isinstance(event, Started):
            ledger.mark_running(event.identities)
        elif isinstance(event, Halved):
            ledger.halve(event.group, event.together)
        yield event
