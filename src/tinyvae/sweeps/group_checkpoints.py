"""Checkpoints of a group, from which its training continues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
from safetensors import SafetensorError, safe_open

from tinyvae.errors import RunFolderError
from tinyvae.files.whole import remove_file
from tinyvae.runs.checkpoints import MemberResult
from tinyvae.runs.opened import Opened
from tinyvae.runs.trees import read_tree, write_tree
from tinyvae.sweeps.group import Divergence, GroupSession, RunState, begin
from tinyvae.training.history import row_from_json, row_to_json


def write_group(path: Path, session: GroupSession, identities: Sequence[str]) -> None:
    """Write the whole session into one file, whole or not at all.

    Raises: RunFolderError if the disk is full or not writable.
    """
    runs = json.dumps([_to_json(run) for run in session.runs])
    write_tree(
        path,
        session.state,
        runs=runs,
        identities=json.dumps(list(identities)),
        seconds=json.dumps([session.seconds, session.compile_seconds]),
    )


def read_group(
    path: Path, opened: Sequence[Opened], identities: Sequence[str]
) -> GroupSession | None:
    """The session of these members; None if there is none, or none that can be read.

    A file that is damaged or of other members is removed, since training can begin
    again.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as stream:
            metadata = stream.metadata() or {}
        if json.loads(metadata["identities"]) != list(identities):
            raise ValueError("a checkpoint of other members")
        runs = tuple(_from_json(run) for run in json.loads(metadata["runs"]))
        # checkpoints of earlier versions have no times
        seconds, compiling = map(float, json.loads(metadata.get("seconds", "[0, 0]")))
        state = read_tree(path, _expected(opened, runs))
        return GroupSession(state, runs, seconds, compiling)
    except (
        OSError, SafetensorError, RunFolderError, ValueError, KeyError, TypeError
    ):  # fmt: skip
        remove_file(path)
        return None


def _expected(opened: Sequence[Opened], runs: Sequence[RunState]) -> Any:
    """Shapes of the state of these runs."""
    whole = jax.eval_shape(lambda: begin(opened).state)
    count = sum(len(run.numbers) for run in runs)

    def of_count(leaf: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
        if not leaf.shape:  # the step
            return leaf
        return jax.ShapeDtypeStruct((count, *leaf.shape[1:]), leaf.dtype)

    return jax.tree.map(of_count, whole)


def _to_json(run: RunState) -> dict[str, Any]:
    return {
        "numbers": run.numbers,
        "history": [row_to_json(row) for row in run.history],
        "members": [result.to_json() for result in run.members],
        "divergence": run.divergence,
    }


def _from_json(data: dict[str, Any]) -> RunState:
    divergence = data["divergence"]
    return RunState(
        tuple(int(number) for number in data["numbers"]),
        tuple(row_from_json(row) for row in data["history"]),
        tuple(MemberResult.from_json(result) for result in data["members"]),
        None if divergence is None else Divergence(int(divergence[0]), divergence[1]),
    )
