"""The arrays and the history of a run, written whole and read back checked.

Nothing here is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from safetensors import SafetensorError
from safetensors.numpy import load, save

from tinyvae.errors import RunFolderError
from tinyvae.files.whole import write_whole
from tinyvae.training.history import HistoryRow, row_from_json, row_to_json

Tree = TypeVar("Tree")


def write_tree(path: Path, tree: Any, **metadata: str) -> None:
    """Write the arrays of a tree (a VAE, a training state) as safetensors."""
    write_whole(path, save(_named_leaves(tree), metadata))


def read_tree(path: Path, like: Tree) -> Tree:
    """The tree that `write_tree` wrote, with the structure and shapes of `like`.

    Raises: RunFolderError if the file is missing or damaged, or does not fit `like`.
    """
    try:
        arrays = load(path.read_bytes())
    except FileNotFoundError:
        raise RunFolderError(
            f"{path.parent} has no weights: expected a file {path.name} in it."
        ) from None
    except (OSError, SafetensorError, ValueError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected safetensors, got {error}."
        ) from None
    expected = jax.eval_shape(lambda: like)
    names = [
        jax.tree_util.keystr(key)
        for key, _ in jax.tree_util.tree_leaves_with_path(expected)
    ]
    leaves = jax.tree.leaves(expected)
    if set(names) != set(arrays):
        strange = sorted(set(names) ^ set(arrays))[0]
        raise RunFolderError(
            f"{path} does not fit config.json: expected {len(names)} arrays, "
            f"got {len(arrays)}; the first difference is {strange!r}."
        )
    for name, leaf in zip(names, leaves, strict=True):
        found = arrays[name]
        if found.shape != leaf.shape or found.dtype != leaf.dtype:
            raise RunFolderError(
                f"{path} does not fit config.json: expected {name} of shape "
                f"{leaf.shape} and type {leaf.dtype}, "
                f"got {found.shape} and {found.dtype}."
            )
    restored = [jnp.asarray(arrays[name]) for name in names]
    return jax.tree.unflatten(jax.tree.structure(expected), restored)


def _named_leaves(tree: Any) -> dict[str, np.ndarray]:
    leaves: list[tuple[Any, Array]] = jax.tree_util.tree_leaves_with_path(tree)
    return {
        jax.tree_util.keystr(key): np.asarray(leaf, order="C") for key, leaf in leaves
    }


def write_history(path: Path, rows: Iterable[HistoryRow]) -> None:
    """Write the history, one JSON object per line."""
    lines = (json.dumps(row_to_json(row)) + "\n" for row in rows)
    write_whole(path, "".join(lines).encode())


def read_history(path: Path) -> list[HistoryRow]:
    """The history written by `write_history`.

    Raises: RunFolderError if the file is missing or damaged.
    """
    try:
        rows = [
            json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()
        ]
        if not rows:
            raise ValueError("an empty file")
        return [row_from_json(row) for row in rows]
    except FileNotFoundError:
        raise RunFolderError(
            f"{path.parent} has no history: expected a file {path.name} in it."
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected one row of training in each line, "
            f"got {error!r}."
        ) from None
