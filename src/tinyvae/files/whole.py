"""Files that are whole or absent, and JSON in them, read back checked.

No file is ever half written: each is written under a temporary name, flushed to disk
and then renamed; and the folder is flushed, without which a power cut may undo the
renaming.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tinyvae.errors import RunFolderError

FORMAT = 2  # of the files of a run
READABLE_FORMATS = (1, 2)  # format 1 had one world, one likelihood and one penalty
PICTURE_FORMATS = ("png", "pdf", "svg")


def make_folder(folder: Path) -> None:
    """Make a folder and its parents if they do not exist.

    Raises: RunFolderError if it cannot be made.
    """
    try:
        absent = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for place in absent:
            flush_folder(place.parent)
    except OSError as error:
        raise RunFolderError(
            f"cannot make the folder {folder}: {error.strerror}. Choose another --out."
        ) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary name, flush to disk, rename."""
    try:
        with writing_whole(path) as stream:
            stream.write(content)
    except OSError as error:
        raise RunFolderError(
            f"cannot write {path}: {error.strerror}. Its previous version is intact; "
            "free some space, or choose another folder with --out."
        ) from error


@contextmanager
def writing_whole(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose content is the file at the end of the block, or never.

    Raises: OSError if it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power cut.

    Raises: OSError if they cannot be written.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_file(path: Path) -> None:
    """Remove a file, if there is one.

    Raises: RunFolderError if it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"cannot remove {path}: {error.strerror}. It is needed no more; mend the "
            "cause (rights of the folder, a broken disk), and continue with --resume."
        ) from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, whole or not at all; it must not contain NaN."""
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
            "found none. `tinyvae train` writes run folders; continue an interrupted "
            f"run with `tinyvae train --resume --out {path.parent}`."
        ) from None
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected JSON, got {error}. "
            "Train again, or copy the run again from its source."
        ) from None
    if not isinstance(content, dict) or content.get("format") not in READABLE_FORMATS:
        found = content.get("format") if isinstance(content, dict) else content
        raise RunFolderError(
            f"{path}: expected a file of format 1 to {FORMAT} that tinyvae wrote, "
            f"got format {found!r}."
        )
    return content
