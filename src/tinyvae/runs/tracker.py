"""What a tracker is told of a run: settings, rows of its history, its outcome."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from tinyvae.answer import Answer
from tinyvae.runs.checkpoints import MemberResult
from tinyvae.runs.run import Run
from tinyvae.training.history import HistoryRow

End = Literal["finished", "failed", "interrupted"]
Scalar = str | int | float | bool
Value = tuple[str, float]  # name and number


class Told(NamedTuple):
    """A row of the history, and whether it is of the VAE that the run keeps.

    Where several members start together, each has rows until one is selected; those of
    the selected one are then told again as rows of the run.
    """

    row: HistoryRow
    kept: bool


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a run, at its last step.

    `scores` are the defined ones, by id. `run` is None where its weights are not at
    hand, as in a sweep; then there are no pictures.
    """

    step: int
    answer: Answer
    test: Mapping[str, float] | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    run: Run | None = None


@runtime_checkable
class TrackedRun(Protocol):
    """A run in a tracker, open to be told more."""

    @property
    def id(self) -> str:
        """By which `Tracker.open` finds it again."""
        ...

    def log(self, rows: Sequence[Told]) -> None:
        """Write rows, each once: those that were told before may come again."""
        ...

    def conclude(self, outcome: Outcome) -> None:
        """Write the answer, the scores and the pictures, in place of former ones."""
        ...

    def close(self, end: End, reason: str = "") -> None:
        """Say how the run ended, and let go of it."""
        ...


@dataclass(frozen=True, eq=False)
class About:
    """A run, or a sweep, as it is told to a tracker.

    `settings` are nested JSON values. `before` is the id of the same run, if it was
    tracked before: it goes on. A member of a sweep has its `sweep`, and an `identity`
    by which it is found again there.
    """

    name: str
    settings: Mapping[str, Any]
    folder: str | Path | None = None
    before: str | None = None
    sweep: TrackedRun | None = None
    identity: str = ""
    is_sweep: bool = False


@runtime_checkable
class Tracker(Protocol):
    """A place that shows runs as they train, such as TensorBoard or MLflow."""

    @property
    def name(self) -> str:
        """The kind and the place, such as tensorboard:logs."""
        ...

    def open(self, about: About) -> TrackedRun | None:
        """Begin a run or go on with it; None if this member is there already, whole."""
        ...


Trackers: TypeAlias = Sequence[Tracker] | Tracker  # several, or one


def told_rows(
    history: Sequence[HistoryRow], members: Sequence[MemberResult], several: bool
) -> list[Told]:
    """Rows in the order in which they are told: more history only adds to the end.

    `members` are the results at the selection, empty before it; `several` says whether
    more than one member started.
    """
    if not several:
        return [Told(row, True) for row in history]
    chosen = next((result.member for result in members if result.chosen), None)
    if chosen is None:
        return [Told(row, False) for row in history]
    last = max((row.step for row in history if row.member != chosen), default=0)
    rivals = [Told(row, False) for row in history if row.step <= last]
    return rivals + [Told(row, True) for row in history if row.member == chosen]


def row_values(row: HistoryRow) -> Iterator[Value]:
    """Name and value of each term of a row; all but weights are in nats."""
    yield "loss", row.loss
    yield "elbo", row.elbo
    yield "reconstruction", row.reconstruction
    yield "kl/total", sum(row.kl)
    for latent, kl in enumerate(row.kl):
        yield f"kl/z{latent}", kl
    yield "weight/kl", row.kl_weight
    for penalty in row.penalties:
        yield f"penalty/{plain_name(penalty.name)}", penalty.value
        yield f"weight/{plain_name(penalty.name)}", penalty.weight


def outcome_values(outcome: Outcome) -> Iterator[Value]:
    """Name and value of each number of an outcome that is defined."""
    answer, fit = outcome.answer, outcome.answer.fit
    for match in answer.matches:
        name = plain_name(match.factor)
        share, readout = match.judged
        yield f"share/{name}", share
        yield f"readout/{name}", readout
    judged = [match for match in answer.matches if match.verdict != "undefined"]
    if judged:
        clear = sum(match.verdict == "clear" for match in judged)
        yield "answer/clear_factors", float(clear)
    if fit is not None:
        yield "answer/elbo", fit.elbo
        yield "answer/reconstruction", fit.reconstruction
        yield "answer/kl", fit.kl
        yield "answer/total_correlation", fit.total_correlation
    for name in ("elbo", "reconstruction", "kl") if outcome.test else ():
        yield f"test/{name}", (outcome.test or {})[name]
    for name, score in outcome.scores.items():
        yield f"score/{plain_name(name)}", score


def defined(values: Iterator[Value]) -> list[Value]:
    """The values that are numbers."""
    return [(name, value) for name, value in values if math.isfinite(value)]


def plain_name(name: str) -> str:
    """A name of letters, digits, dots, dashes and underscores, as all trackers take.

    >>> plain_name("total correlation"), plain_name("x / px")
    ('total_correlation', 'x_px')
    """
    return re.sub(r"[^\w.-]+", "_", name)


def flat_settings(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Scalar]:
    """Settings by their names with dots; lists as JSON, and none that are not set.

    >>> flat_settings({"seed": 0, "network": {"hidden": [16, 8], "latents": None}})
    {'seed': 0, 'network.hidden': '[16, 8]'}
    """
    found: dict[str, Scalar] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat_settings(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            found[prefix + name] = json.dumps(value, ensure_ascii=False)
        elif value is not None:
            found[prefix + name] = value
    return found
