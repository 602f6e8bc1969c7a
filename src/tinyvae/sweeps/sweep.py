"""Sweeps from start to end: plan, train in groups, and record; `tinyvae.sweep`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.files.whole import make_folder, remove_file
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.guard import Warn, warned
from tinyvae.runs.tracker import Trackers
from tinyvae.runs.tracking import listed_trackers
from tinyvae.sweeps.adding import lines_on_added
from tinyvae.sweeps.capacity import capacity_from_json
from tinyvae.sweeps.engines.choosing import engine_of
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.local import CHECKPOINT_SECONDS
from tinyvae.sweeps.keeping import Keep, check_keep, line_on_unkept, record, tidy
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.ledger_writing import (
    LedgerWriter,
    check_no_ledger,
    continue_ledger,
)
from tinyvae.sweeps.live import LiveFile
from tinyvae.sweeps.lock import only_writer
from tinyvae.sweeps.members import Member, Worlds, members_of
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.planning import Note, planned
from tinyvae.sweeps.progress import Meter, SweepWatcher
from tinyvae.sweeps.pulling import STOP_SECONDS, pulled
from tinyvae.sweeps.results import Done, Event, Failed, Halved, Started
from tinyvae.sweeps.spec import SweepBlock, SweepSpec, parse_seeds
from tinyvae.sweeps.spec_reading import read_spec, spec_from_mapping
from tinyvae.sweeps.table import SweepTable, load_sweep
from tinyvae.sweeps.tracking import SweepTracking, sweep_tracking
from tinyvae.sweeps.weights import place_for_weights

CHECKPOINTS = "checkpoints"


def sweep(
    spec: SweepSpec | SweepBlock | Mapping[str, Any] | str | Path | None = None,
    *,
    out: str | Path,
    resume: bool = False,
    retry: bool = False,
    keep: Keep | None = None,
    together: int | None = None,
    watch: SweepWatcher | None = None,
    engine: Engine | str = "local",
    workers: int | None = None,
    weights: str | Path | None = None,
    trackers: Trackers = (),
    **block: Any,
) -> SweepTable:
    """Train every member of a spec, and return the table of all results.

    Members that share shapes train together. Every result is in `out` as soon as it is
    there, so that an interrupted sweep continues with `resume=True`.

    Args:
        spec: a `SweepSpec` or `SweepBlock`, a TOML file, or its settings as a nested
            mapping.
        out: folder of the sweep.
        resume: continue the sweep in `out`, with the members of the spec added.
        retry: train members again that failed.
        keep: weights to keep as run folders: all, best (of each setting the seed of
            highest ELBO), none. By default none, or what was kept so far.
        together: most runs that train together; by default what is fast and fits.
        watch: is called with the progress.
        engine: where groups are trained: local (on this machine), ray (on a Ray
            cluster), or an engine such as `tinyvae.RayEngine(address, cpus=2)`.
        workers: processes of this machine that train groups side by side; 1 is this
            process. By default one for each core, or 1 where training is short.
        weights: path or URL for the weights to keep (file:///shared/x, s3://bucket/x),
            instead of `out`; whoever trains a member writes it there.
        trackers: where each member is shown once it has ended, such as
            `tinyvae.TensorBoard("logs")` and `tinyvae.MLflow()`.
        **block: the arguments of a `SweepBlock`, instead of a spec: `objectives=...`,
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
    if not isinstance(out, str | Path):
        raise ConfigError(f"out: expected the folder of the sweep, got {out!r}.")
    if block:
        if "seeds" in block:
            block["seeds"] = parse_seeds(block["seeds"])
        spec = SweepBlock(**block)
    known = None if spec is None else as_spec(spec)
    run_sweep(
        known,
        Path(out),
        resume=resume,
        retry=retry,
        keep=keep,
        sizes=Sizes(together),
        watch=watch,
        engine=engine,
        workers=workers,
        weights=weights,
        trackers=trackers,
    )
    return load_sweep(out)


def as_spec(spec: SweepSpec | SweepBlock | Mapping[str, Any] | str | Path) -> SweepSpec:
    """A spec of what describes one.

    Raises: ConfigError if it cannot be read, or if a setting is wrong.
    """
    if isinstance(spec, SweepSpec):
        return spec
    if isinstance(spec, SweepBlock):
        return SweepSpec((spec,))
    return spec_from_mapping(spec) if isinstance(spec, Mapping) else read_spec(spec)


def run_sweep(
    spec: SweepSpec | None,
    folder: Path,
    *,
    resume: bool = False,
    retry: bool = False,
    keep: str | None = None,
    sizes: Sizes | None = None,
    watch: SweepWatcher | None = None,
    engine: Engine | str = "local",
    workers: int | None = None,
    weights: str | Path | None = None,
    checkpoint_every: float = CHECKPOINT_SECONDS,
    note: Note | None = None,
    trackers: Trackers = (),
    warn: Warn = warned,
) -> None:
    """Plan what is not planned, train what is not trained, and record everything.

    `checkpoint_every` (seconds) holds for an engine that is given by its name. A
    tracker that fails does not end the sweep: `warn` is given a sentence on it.

    Raises: RunFolderError if the folder holds a sweep and is not to be continued, or if
    another process writes it.
    """
    if keep is not None:
        check_keep(keep)
    trackers = listed_trackers(trackers)
    worlds = Worlds()
    chosen = engine_of(
        engine, worlds, checkpoint_every=checkpoint_every, workers=workers
    )
    members = [] if spec is None else members_of(spec.configs(), worlds)
    if note is not None:
        for line in worlds.what_was_read():
            note(line)
    if not resume:
        check_no_ledger(folder)
    if spec is None:
        open_ledger(folder).close()  # raises where there is nothing to continue
    make_folder(folder)
    use_compilation_cache()
    with only_writer(folder):
        if note is not None and spec is not None and has_ledger(folder):
            for line in lines_on_added(folder, members):
                note(line)
        if note is not None and keep is not None and has_ledger(folder):
            with open_ledger(folder) as ledger:
                unkept = line_on_unkept(ledger, keep)
            if unkept is not None:
                note(unkept)
        train_members(
            folder,
            spec,
            members,
            worlds=worlds,
            engine=chosen,
            retry=retry,
            keep=keep,
            weights=weights,
            sizes=sizes,
            watch=watch,
            note=note,
            trackers=trackers,
            warn=warn,
        )


def train_members(
    folder: Path,
    spec: SweepSpec | None,
    members: Sequence[Member],
    *,
    worlds: Worlds,
    engine: Engine,
    retry: bool = False,
    keep: str | None = None,
    weights: str | Path | None = None,
    sizes: Sizes | None = None,
    watch: SweepWatcher | None = None,
    note: Note | None = None,
    trackers: Trackers = (),
    warn: Warn = warned,
) -> None:
    """Plan these members if they are not planned, and train all that have not ended.

    The caller holds the lock of the folder. `spec` is written into a new ledger.
    """
    ledger = continue_ledger(folder) if has_ledger(folder) else None
    try:
        before = "none" if ledger is None else ledger.read.facts()["keep"]
        kept = keep or before
        ledger = planned(
            ledger, folder, spec, members, worlds, sizes or Sizes(), kept, note
        )
        place = weights_of(ledger, kept, weights)
        tidy(ledger, kept, place)
        ledger.reset_running()
        if retry:
            ledger.plan_again("failed")
        with sweep_tracking(trackers, ledger, warn) as tracked:
            finish(ledger, engine, kept, watch, place, tracked)
        tidy(ledger, kept, place)  # what lost workers have left
    finally:
        if ledger is not None:
            ledger.close()


def weights_of(ledger: LedgerWriter, keep: str, asked: str | Path | None) -> str | None:
    """The URL below which weights are written; None where they go into the folder.

    It is noted in the ledger, so that a sweep that continues has the same.

    Raises: ConfigError if it cannot be written, or if no weights are kept.
    """
    before = ledger.read.facts().get("weights")
    if asked is not None:
        if keep == "none":
            raise ConfigError(
                f"--weights: expected --keep all or best with it, got {asked} for "
                "weights, none of which are kept."
            )
        place = place_for_weights(str(asked), before)
        if place != before:
            ledger.set_fact("weights", place)
        return place
    return None if keep == "none" else before


def tasks_of(ledger: LedgerWriter, weights: str | None = None) -> list[Task]:
    """The groups that have members still to be trained or measured."""
    entries = [*ledger.read.entries("done"), *ledger.read.entries("failed")]
    ended = frozenset(entry.identity for entry in entries)
    measured = ledger.read.measured()
    tasks = []
    for group in ledger.groups():
        if all(member.identity in ended for member in group.members):
            continue
        task = Task(group, ended, ledger.folder.absolute() / CHECKPOINTS, weights)
        capacity = capacity_from_json(measured.get(group.number))
        if capacity is not None and capacity.tried:
            speed = capacity.nearest().pictures_per_second
            task = replace(task, pictures_per_second=speed, memory=capacity.memory())
        tasks.append(task)
    return tasks


def finish(
    ledger: LedgerWriter,
    engine: Engine,
    keep: str,
    watch: SweepWatcher | None,
    weights: str | None,
    tracked: SweepTracking,
) -> None:
    """Train and record all members that have not ended."""
    tasks = tasks_of(ledger, weights)
    make_folder(ledger.folder / CHECKPOINTS)
    for part in (ledger.folder / CHECKPOINTS).glob(".*.part"):
        remove_file(part)
    counts = ledger.read.counts()
    meter = Meter(tasks, sum(counts.values()), counts["done"], counts["failed"])
    if watch is not None:
        watch(meter.progress)
    seconds = getattr(engine, "stop_seconds", STOP_SECONDS)
    live = LiveFile(ledger.folder)
    try:
        with pulled(lambda: engine.results(tasks), seconds) as events:
            for event in recorded(ledger, events, keep):
                progress = meter.after(event)
                live.tell(progress)
                if isinstance(event, Done | Failed):
                    tracked.tell(event.identity)
                if watch is not None:
                    watch(progress)
    finally:
        live.remove()
    for path in (ledger.folder / CHECKPOINTS).glob("*"):
        remove_file(path)


def recorded(
    ledger: LedgerWriter, events: Iterator[Event], keep: str
) -> Iterator[Event]:
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
