"""Checkpoints: an unfinished training, so that it can go on where it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open

from tinyvae.errors import RunFolderError
from tinyvae.history import HistoryRow, row_from_json
from tinyvae.storage import read_tree, write_tree
from tinyvae.training import TrainingState

CHECKPOINT = "checkpoint.safetensors"


def write_checkpoint(
    folder: Path, state: TrainingState, history: Sequence[HistoryRow]
) -> None:
    """Write state and history in one file, so that they can never disagree."""
    rows = json.dumps([row._asdict() for row in history])
    write_tree(folder / CHECKPOINT, state, history=rows)


def read_checkpoint(
    folder: Path, like: TrainingState
) -> tuple[TrainingState, list[HistoryRow]] | None:
    """State and history of an unfinished training; None where there is none yet.

    Raises: RunFolderError if the checkpoint is damaged or is another experiment's.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    state = read_tree(path, like)
    try:
        with safe_open(path, framework="numpy") as stream:
            rows = json.loads((stream.metadata() or {})["history"])
        return state, [row_from_json(row) for row in rows]
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected the history of training in it, "
            f"got {error!r}. Remove the file to start again."
        ) from None
