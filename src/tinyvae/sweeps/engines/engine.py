"""The interface of an engine: groups in, events out. It never touches the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Event


@dataclass(frozen=True)
class Task:
    """A group to be trained.

    Args:
        group: its members, also those that are in the ledger already.
        done: identities of members that are in the ledger, and need not be measured.
        checkpoints: folder that an unfinished training is written to, and continued
            from; None writes nothing.
        weights: URL that the run folder of each member is written below; None writes
            none.
        pictures_per_second: that its members train on together, and
        memory: bytes that they take, if that was measured.
    """

    group: Group
    done: frozenset[str] = frozenset()
    checkpoints: Path | None = None
    weights: str | None = None
    pictures_per_second: float | None = None
    memory: int = 0


@runtime_checkable
class Engine(Protocol):
    """Trains and measures the members of groups, here or elsewhere.

    An engine may train several groups at once. It reports each member, except those of
    `done`, exactly once, as `Done` or as `Failed`. An attribute `stop_seconds` says how
    long the driver waits for its end after Ctrl-C, if that takes longer than usual.
    """

    def results(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """The events of all groups. Closing the iterator ends the training.

        The driver pulls events in a thread of its own, one at a time. It can stop only
        between two of them: an engine that waits for others reports `Waiting`.
        """
        ...
