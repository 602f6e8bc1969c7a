"""One writer for each sweep: a lock that the system releases however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinyvae.errors import RunFolderError

LOCK = ".lock"
PATIENCE = 0.5  # seconds; a reader that asks holds the lock for an instant


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder.

    Raises: RunFolderError if another process holds it.
    """
    path = folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RunFolderError(
            f"cannot write {path}: {error.strerror}. Choose another --out."
        ) from None
    try:
        _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)  # which releases the lock


def _take(descriptor: int, path: Path) -> None:
    try:
        if not _locked(descriptor, fcntl.LOCK_EX, PATIENCE):
            holder = _text(descriptor)
            raise RunFolderError(
                f"{path.parent} is in use by another process ({holder or 'unknown'}). "
                "Wait for its end, stop it, or choose another --out. `tinyvae sweep "
                "status` shows how far it is."
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, this_process().encode(), 0)
    except OSError as error:
        raise RunFolderError(
            f"cannot lock {path}: {error.strerror}. What was recorded before is "
            "intact; free some space or choose another --out, and continue with "
            "--resume."
        ) from error


def this_process() -> str:
    """This process and its machine, as the lock names its holder."""
    return f"process {os.getpid()} of {os.uname().nodename}"


def has_writer(folder: Path) -> bool:
    """Whether a process holds the lock of a folder."""
    return writer_of(folder) is not None


def writer_of(folder: Path) -> str | None:
    """The process that holds the lock of a folder, as `this_process` names it."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        if _locked(descriptor, fcntl.LOCK_SH, 0.0):
            return None
        return _text(descriptor)
    finally:
        os.close(descriptor)


def _text(descriptor: int) -> str:
    return os.pread(descriptor, 100, 0).decode(errors="replace").strip()


def _locked(descriptor: int, operation: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
