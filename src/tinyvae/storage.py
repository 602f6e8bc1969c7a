"""Files that are whole or absent: JSON, arrays and history, read back checked.

No file is ever half written: each goes to a temporary name, is flushed to disk and then
renamed. Nothing here is pickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from safetensors import SafetensorError
from safetensors.numpy import load, save

from tinyvae.errors import RunFolderError
from tinyvae.history import HistoryRow, row_from_json

FORMAT = 1
Tree = TypeVar("Tree")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, if they are not there.

    Raises: RunFolderError if that cannot be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"cannot make the folder {folder}: {error.strerror}. Choose another --out."
        ) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary name, flush to disk, rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunFolderError(
            f"cannot write {path}: {error.strerror}. What was there before is intact; "
            "free some space, or choose another folder with --out."
        ) from error
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # so that the rename itself survives a power cut
    finally:
        os.close(descriptor)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, whole or not at all; NaN has no place in it."""
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    write_whole(path, (text + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file of a run folder.

    Raises: RunFolderError if it is missing, damaged, or of an unknown format.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RunFolderError(
            f"{path.parent} is not a finished run: expected a file {path.name} in it, "
            "found none. A run folder is what `tinyvae train` writes; one that was "
            "interrupted goes on with `tinyvae train --resume`."
        ) from None
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected JSON, got {error}. "
            "Train again, or copy the run again from where it came."
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else content
        raise RunFolderError(
            f"{path}: expected a file of format {FORMAT} that tinyvae wrote, "
            f"got format {found!r}."
        )
    return content


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
            f"got {len(arrays)}; the first that differs is {strange!r}."
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
    """Write the history, one JSON object a line."""
    lines = (json.dumps(row._asdict()) + "\n" for row in rows)
    write_whole(path, "".join(lines).encode())


def read_history(path: Path) -> list[HistoryRow]:
    """The history that `write_history` wrote.

    Raises: RunFolderError if the file is missing or damaged.
    """
    try:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
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
