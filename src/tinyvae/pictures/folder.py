"""Pictures in a folder, flat or one subfolder per class, or in a list of paths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.notes import Note, shown
from tinyvae.pictures.source import Files, Known
from tinyvae.wording import counted

ENDINGS = frozenset(
    ".png .jpg .jpeg .jpe .jfif .tif .tiff .bmp .webp .gif .pgm .ppm .pnm".split()
)
CLASS = "class"  # name of the label that subfolders give


def folder_source(folder: Path, labels: Path | None = None) -> Files:
    """The pictures of a folder, in the order of their names.

    Pictures are in the folder itself, or in subfolders named after their class. The
    table of their `labels` may be there, too.

    Raises: DataError if there are none, or some are here and some in subfolders.
    """
    names, sizes, others, hidden = _walk(folder)
    if labels is not None:
        others = [n for n in others if (folder / n).resolve() != labels.resolve()]
    if not names:
        found = f"{len(others)} other files ({shown(others)})" if others else "no file"
        raise DataError(
            f"{folder}: expected pictures (PNG, JPEG, TIFF, BMP, WebP), got {found}."
        )
    here = [name for name in names if "/" not in name]
    if here and len(here) < len(names):
        below = [name for name in names if "/" in name]
        raise DataError(
            f"{folder}: expected pictures in the folder itself or in one subfolder per "
            f"class, got both: {shown(here, 1)} and {shown(below, 1)}. Move one kind "
            "elsewhere."
        )
    classes = {} if here else {CLASS: _column([n.split("/")[0] for n in names])}
    notes = [Note("pictures", f"{counted(len(names), 'file')} in {folder}")]
    if others:
        notes.append(
            Note(
                "left out",
                f"{counted(len(others), 'file')} other than pictures",
                tuple(others),
            )
        )
    if hidden:
        notes.append(Note("left out", f"{len(hidden)} hidden files", tuple(hidden)))
    return Files(
        what=str(folder),
        names=names,
        encoded=lambda row: folder / names[row],
        identity=(str(folder.resolve()), *sizes),
        known=Known(classes),
        notes=tuple(notes),
    )


def list_source(paths: Sequence[str | Path]) -> Files:
    """The pictures of a list of paths, in order; named by file name if unique.

    Raises: DataError if a path does not exist, or occurs twice.
    """
    files = [Path(path).expanduser() for path in paths]
    states = []
    for row, path in enumerate(files):
        try:
            state = path.stat()
        except OSError as error:
            raise DataError(
                f"row {row} of the list of paths: expected a picture, got {path}: "
                f"{error.strerror}."
            ) from None
        if path.is_dir():
            raise DataError(
                f"row {row} of the list of paths: expected a picture, got the folder "
                f"{path}. Pass a single folder as a text, not in a list."
            )
        states.append(f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}")
    names = [path.name for path in files]
    if len(set(names)) < len(names):
        names = [path.as_posix() for path in files]
    if len(set(names)) < len(names):
        first = next(name for name in names if names.count(name) > 1)
        raise DataError(f"expected each path once, got {first} twice.")
    return Files(
        what=f"a list of {len(files)} paths",
        names=names,
        encoded=lambda row: files[row],
        identity=tuple(states),
        notes=(Note("pictures", f"{counted(len(files), 'file')} from a list"),),
        in_order=True,
    )


def _walk(folder: Path) -> tuple[list[str], list[str], list[str], list[str]]:
    """Pictures, their states, other files and hidden files, by path from here."""
    found: dict[str, str] = {}
    others: list[str] = []
    hidden: list[str] = []

    def refuse(error: OSError) -> None:
        raise DataError(
            f"cannot read the folder {error.filename}: {error.strerror}. "
            "Check its permissions."
        ) from None

    for place, subfolders, files in os.walk(folder, onerror=refuse):
        hidden_below = [n for n in subfolders if n.startswith((".", "__MACOSX"))]
        subfolders[:] = sorted(set(subfolders) - set(hidden_below))
        for name in files:
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if name.startswith("."):
                hidden.append(relative)
            elif path.suffix.lower() not in ENDINGS:
                others.append(relative)
            else:
                found[relative] = _state(path, relative)
    names = sorted(found)
    return names, [found[name] for name in names], sorted(others), sorted(hidden)


def _state(path: Path, name: str) -> str:
    try:
        state = path.stat()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}.") from None
    return f"{name}|{state.st_size}|{state.st_mtime_ns}"


def _column(texts: Sequence[str]) -> np.ndarray:
    column = np.empty(len(texts), object)
    column[:] = texts
    return column
