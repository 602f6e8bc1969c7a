"""What an engine reports to the driver of a sweep: groups in, these events out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tinyvae.runs.run import Run
from tinyvae.scores.value import Score
from tinyvae.training.history import HistoryRow


@dataclass(frozen=True)
class Started:
    """A group has begun to train."""

    group: int
    identities: tuple[str, ...]


@dataclass(frozen=True)
class Advanced:
    """A group has trained for some steps, or begins to measure its members."""

    group: int
    step: int
    steps: int
    pictures: int  # trained on in these steps, by the members that train together
    pictures_left: int  # that they still train on
    seconds: float  # that these steps took, without compiling
    doing: str = ""  # "" while it trains
    compile_seconds: float = 0.0  # that came before these steps


@dataclass(frozen=True)
class Halved:
    """A group ran out of memory; from now on so many of its members train at once."""

    group: int
    together: int


@dataclass(frozen=True)
class Retried:
    """A group has lost its worker, and begins again elsewhere."""

    group: int
    reason: str


@dataclass(frozen=True)
class Waiting:
    """Nothing came for a moment; an engine that waits gives way to Ctrl-C so."""

    doing: str = ""  # what it waits for, if that is unusual


@dataclass(frozen=True, eq=False)
class Done:
    """A member has been trained and measured.

    `kept` is the URL of its run folder, if the engine has written it there.
    """

    identity: str
    run: Run
    scores: tuple[Score, ...]
    training_seconds: float  # its part of the time of its group, without compiling
    measuring_seconds: float  # without compiling
    kept: str | None = None
    measured_at_once: int = 1  # members of its group, in processes beside one another


@dataclass(frozen=True, eq=False)
class Failed:
    """A member could not be trained or measured."""

    identity: str
    step: int
    reason: str
    history: tuple[HistoryRow, ...] = ()
    training_seconds: float = 0.0


Event: TypeAlias = Started | Advanced | Halved | Retried | Waiting | Done | Failed
