"""Tells trackers of a run while it trains; one that fails never stops the training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.files.whole import FORMAT, read_json, write_json
from tinyvae.runs.checkpoints import MemberResult, Session
from tinyvae.runs.config import RunConfig, config_to_json
from tinyvae.runs.folder import TRACKED, kinds_of
from tinyvae.runs.guard import Guard, Warn, warned
from tinyvae.runs.run import Run
from tinyvae.runs.scoring import UNMEASURABLE, score
from tinyvae.runs.tracker import (
    About,
    End,
    Outcome,
    Told,
    TrackedRun,
    Tracker,
    Trackers,
    told_rows,
)
from tinyvae.training.history import HistoryRow

Remember = Callable[[str, str], None]  # name of a tracker, and id of the run in it


def listed_trackers(trackers: Any) -> tuple[Tracker, ...]:
    """The trackers of a list, or one that is given alone.

    Raises: ConfigError if something is no tracker.
    """
    several = isinstance(trackers, Iterable) and not isinstance(trackers, str | Tracker)
    listed: tuple[Any, ...] = tuple(trackers) if several else (trackers,)
    for tracker in listed:
        if not isinstance(tracker, Tracker) or isinstance(tracker, type):
            raise ConfigError(
                'trackers: expected a list such as [tv.TensorBoard("logs"), '
                f"tv.MLflow()], got {tracker!r}{' in it' if several else ''}."
            )
    return listed


class Follower:
    """Tells one tracker of one run.

    All that was told is kept, for a tracker that fails and comes back.
    """

    def __init__(
        self, tracker: Tracker, about: About, warn: Warn, remember: Remember
    ) -> None:
        self._guard, self._about, self._remember = Guard(tracker, warn), about, remember
        self._run: TrackedRun | None = None
        self._rows: list[Told] = []
        self._outcome: Outcome | None = None
        self._guard.attempt(self._open)

    def log(self, rows: Sequence[Told]) -> None:
        """Tell more rows."""
        self._rows += rows
        if (run := self._run) is not None:
            self._guard.attempt(lambda: run.log(rows))

    def conclude(self, outcome: Outcome) -> None:
        """Tell what came of the run."""
        self._outcome = outcome
        if (run := self._run) is not None:
            self._guard.attempt(lambda: run.conclude(outcome))

    def close(self, end: End, reason: str = "") -> None:
        """Tell how the run ended; a tracker that failed is told everything again."""
        self._close(end, reason)
        if self._guard.failed and end == "finished":
            self._guard.once_more()
            self._guard.attempt(self._everything)
            self._close(end, reason)

    def _close(self, end: End, reason: str) -> None:
        if (run := self._run) is not None:
            self._guard.attempt(lambda: run.close(end, reason))

    def _open(self) -> None:
        self._run = self._guard.tracker.open(self._about)
        if self._run is not None:
            self._about = replace(self._about, before=self._run.id)
            self._remember(self._guard.tracker.name, self._run.id)

    def _everything(self) -> None:
        if self._run is not None:
            with suppress(Exception):  # it failed, and may hold files that are open
                self._run.close("failed")
        self._run = None
        self._open()
        if self._run is not None:
            self._run.log(self._rows)
            if self._outcome is not None:
                self._run.conclude(self._outcome)


class Tracking:
    """Tells all trackers of one run.

    Args:
        followers: one for each tracker.
        several: whether more than one member starts.
    """

    def __init__(self, followers: Sequence[Follower], several: bool) -> None:
        self._followers, self._several = followers, several
        self._told = 0  # rows

    def follow(self, session: Session) -> None:
        """Tell the rows of a training that were not told yet."""
        self.rows(session.history, session.members)

    def rows(
        self, history: Sequence[HistoryRow], members: Sequence[MemberResult]
    ) -> None:
        """Tell the rows of this history that were not told yet."""
        if not self._followers:
            return
        new = told_rows(history, members, self._several)[self._told :]
        self._told += len(new)
        for follower in self._followers if new else ():
            follower.log(new)

    def conclude(self, run: Run) -> None:
        """Tell the answer, the scores and the pictures of a trained run."""
        if not self._followers:
            return
        outcome = outcome_of(run)
        for follower in self._followers:
            follower.conclude(outcome)

    def close(self, end: End, reason: str = "") -> None:
        """Tell how the run ended."""
        for follower in self._followers:
            follower.close(end, reason)


@contextmanager
def tracking(
    trackers: Sequence[Tracker],
    config: RunConfig,
    folder: Path | None = None,
    warn: Warn = warned,
) -> Iterator[Tracking]:
    """Trackers that are told of one run, until the end of the block and of how it ends.

    With a folder, the run goes on in the trackers that were told of it before.
    """
    ids = read_ids(folder)

    def remember(name: str, found: str) -> None:
        if folder is not None and ids.get(name) != found:
            ids[name] = found
            write_json(folder / TRACKED, {"format": FORMAT, "runs": ids})

    name = f"{kinds_of(config)}-seed{config.seed}"
    if folder is not None:
        name = folder.absolute().name or name
    settings = config_to_json(config)
    place = None if folder is None else folder.absolute()
    followers = [
        Follower(
            tracker, About(name, settings, place, ids.get(tracker.name)), warn, remember
        )
        for tracker in trackers
    ]
    told = Tracking(followers, config.members > 1)
    try:
        yield told
    except KeyboardInterrupt:
        told.close("interrupted")
        raise
    except Exception as error:
        told.close("failed", str(error))
        raise
    told.close("finished")


def read_ids(folder: Path | None) -> dict[str, str]:
    """The ids of a run in the trackers that were told of it, by their names.

    Raises: RunFolderError if their file is damaged.
    """
    if folder is None or not (folder / TRACKED).exists():
        return {}
    found = read_json(folder / TRACKED).get("runs", {})
    return {str(name): str(one) for name, one in found.items()}


def track_run(run: Run, trackers: Trackers, warn: Warn = warned) -> None:
    """Tell trackers of a run that has ended, such as one of `tinyvae.load_run`."""
    with tracking(listed_trackers(trackers), run.config, run.folder, warn) as told:
        told.rows(run.history, run.members)
        told.conclude(run)


def outcome_of(run: Run) -> Outcome:
    """The outcome of a run, with every score that is defined."""
    try:
        found = score(run)
    except UNMEASURABLE:
        found = {}
    values = {name: float(one.value) for name, one in found.items()}
    scores = {name: value for name, value in values.items() if math.isfinite(value)}
    return Outcome(run.config.training.steps, run.answer, run.test, scores, run)
