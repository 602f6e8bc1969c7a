"""Tells trackers of a sweep: each member is a run, once its result is in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from tinyvae.answer import Answer
from tinyvae.runs.guard import Guard, Warn
from tinyvae.runs.tracker import (
    About,
    End,
    Outcome,
    Told,
    TrackedRun,
    Tracker,
    Trackers,
)
from tinyvae.runs.tracking import listed_trackers
from tinyvae.sweeps.ledger import Entry
from tinyvae.sweeps.ledger_writing import LedgerWriter
from tinyvae.training.history import row_from_json

TRACKED = "tracked"  # the fact of the ledger with the ids of the sweep in trackers
ENDED = ("done", "failed")


class SweepTracking:
    """Tells trackers of the members of a sweep, from its ledger.

    Members that ended before are told at the beginning, so that a tracker has all of
    them, whenever the process was killed or the tracker was away.

    Args:
        trackers: that are told.
        ledger: of the sweep.
        warn: is given a sentence when a tracker fails.
    """

    def __init__(
        self, trackers: Sequence[Tracker], ledger: LedgerWriter, warn: Warn
    ) -> None:
        self._ledger = ledger
        self._guards = [Guard(tracker, warn) for tracker in trackers]
        self._sweeps: dict[str, TrackedRun] = {}  # by the name of the tracker
        for guard in self._guards:
            guard.attempt(partial(self._everything, guard.tracker))

    def tell(self, identity: str) -> None:
        """Tell of a member whose result is in the ledger."""
        if self._guards:
            entry = self._ledger.read.entry(identity)
            for guard in self._guards:
                guard.attempt(partial(self._tell, guard.tracker, entry))

    def close(self, end: End, reason: str = "") -> None:
        """Tell how the sweep ended; a tracker that failed is told everything again."""
        for guard in self._guards:
            if guard.failed and end == "finished":
                guard.once_more()
                guard.attempt(partial(self._everything, guard.tracker))
            if (sweep := self._sweeps.get(guard.tracker.name)) is not None:
                guard.attempt(partial(sweep.close, end, reason))

    def _everything(self, tracker: Tracker) -> None:
        """Open the sweep, and tell of all members that have ended."""
        facts, name = self._ledger.read.facts(), tracker.name
        ids: dict[str, str] = facts.get(TRACKED) or {}
        spec = facts.get("spec")
        folder = self._ledger.folder.absolute()
        about = About(
            folder.name,
            spec if isinstance(spec, Mapping) else {},
            folder,
            ids.get(name),
            is_sweep=True,
        )
        found = tracker.open(about)
        if found is None:
            return
        self._sweeps[name] = found
        if ids.get(name) != found.id:
            self._ledger.set_fact(TRACKED, ids | {name: found.id})
        for state in ENDED:
            for entry in self._ledger.read.entries(state):
                self._tell(tracker, entry)

    def _tell(self, tracker: Tracker, entry: Entry) -> None:
        about = About(
            member_name(entry),
            entry.settings,
            self._place(entry),
            sweep=self._sweeps[tracker.name],
            identity=entry.identity,
        )
        run = tracker.open(about)
        if run is None:
            return
        run.log(self._rows(entry))
        if entry.state == "failed":
            run.close("failed", entry.reason or "")
            return
        outcome = self._outcome(entry)
        if outcome is not None:
            run.conclude(outcome)
        run.close("finished")

    def _rows(self, entry: Entry) -> list[Told]:
        rows = [row_from_json(row) for row in self._ledger.read.history(entry.identity)]
        several = len({row.member for row in rows}) > 1  # of a member that failed
        return [Told(row, not several) for row in rows]

    def _outcome(self, entry: Entry) -> Outcome | None:
        ledger = self._ledger.read
        answer = ledger.answer(entry.identity)
        if answer is None:
            return None
        scores = {
            str(score["id"]): float(score["value"])
            for score in ledger.whole_scores(entry.identity) or ()
            if score["value"] is not None
        }
        step, test = entry.step or 0, answer.get("test")
        return Outcome(step, Answer.from_json(answer), test, scores)

    def _place(self, entry: Entry) -> str | None:
        """The run folder of a member whose weights are kept."""
        if entry.kept is None or "://" in entry.kept:
            return entry.kept
        return str(self._ledger.folder.absolute() / entry.kept)


@contextmanager
def sweep_tracking(
    trackers: Trackers, ledger: LedgerWriter, warn: Warn
) -> Iterator[SweepTracking]:
    """Trackers that are told of a sweep, until the block ends, and of how it ends."""
    tracked = SweepTracking(listed_trackers(trackers), ledger, warn)
    try:
        yield tracked
    except KeyboardInterrupt:
        tracked.close("interrupted")
        raise
    except Exception as error:
        tracked.close("failed", str(error))
        raise
    tracked.close("finished")


def member_name(entry: Entry) -> str:
    """`WORLD-OBJECTIVE-seedN-IDENTITY`, as the run folder of a member is named."""
    world: Any = entry.settings.get("world", {})
    kinds = (str(world.get("kind", "")), entry.objective)
    names = "-".join(kind.rpartition(":")[2] for kind in kinds)
    return f"{names}-seed{entry.seed}-{entry.identity[:8]}"
