"""Checkpoints of an unfinished training, from which it can continue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from tinyvae.answer import Answer
from tinyvae.errors import RunFolderError
from tinyvae.runs.trees import read_tree, write_tree
from tinyvae.training.history import HistoryRow, row_from_json, row_to_json
from tinyvae.training.state import TrainingState, keep_member

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class MemberResult:
    """One of several members of a run, at the step of the selection.

    `selection_loss` is in nats; None if the loss was not finite, in which case there is
    no answer either.
    """

    member: int
    chosen: bool
    selection_loss: float | None
    answer: Answer | None

    def to_json(self) -> dict[str, Any]:
        """The result as plain JSON types."""
        answer = self.answer.to_json() if self.answer is not None else None
        return {**vars(self), "answer": answer}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> MemberResult:
        """The result written by `to_json`; an error if it has another form."""
        answer = data["answer"]
        return cls(
            int(data["member"]),
            bool(data["chosen"]),
            data["selection_loss"],
            Answer.from_json(answer) if answer is not None else None,
        )


@dataclass(frozen=True, eq=False)
class Session:
    """An unfinished training: everything that it needs to continue.

    `numbers` are the members that still train, in the order of the leading axis of
    `state`; `members` describes all of them, once one is selected.
    """

    state: TrainingState
    numbers: tuple[int, ...]
    history: tuple[HistoryRow, ...] = ()
    members: tuple[MemberResult, ...] = ()


def write_checkpoint(folder: Path, session: Session) -> None:
    """Write state, history and selection into one file, so that they always agree."""
    metadata = {
        "numbers": json.dumps(session.numbers),
        "history": json.dumps([row_to_json(row) for row in session.history]),
        "members": json.dumps([result.to_json() for result in session.members]),
    }
    write_tree(folder / CHECKPOINT, session.state, **metadata)


def read_checkpoint(folder: Path, start: TrainingState) -> Session | None:
    """The session of an unfinished training; None if there is no checkpoint.

    `start` is the state of all members before training: its shapes are checked.

    Raises: RunFolderError if the checkpoint is damaged or does not fit.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as stream:
            metadata = stream.metadata() or {}
        numbers = tuple(int(number) for number in json.loads(metadata["numbers"]))
        history = tuple(row_from_json(row) for row in json.loads(metadata["history"]))
        members = tuple(
            MemberResult.from_json(result) for result in json.loads(metadata["members"])
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected a checkpoint that tinyvae wrote, "
            f"got {error!r}. Remove the file to start again."
        ) from None
    state = read_tree(path, start if len(numbers) > 1 else keep_member(start, 0))
    return Session(state, numbers, history, members)
