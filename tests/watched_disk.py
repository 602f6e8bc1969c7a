"""A folder whose every change is noted, and can be made to fail.

`watched_disk` notes each call that changes files below a folder: of Python and of
SQLite. From the notes `Replay` makes the folder as a process left it that was killed
between any two calls, and `after_power_cut` as a disk may hold it that lost power then.
Meanwhile nothing is flushed in earnest, which would take most of the time.
"""

from __future__ import annotations

import io
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sqlite_calls import watched_sqlite


class Call(NamedTuple):
    """A call that changes a disk; paths are relative to the watched folder.

    `what` is create, write (content at offset), cut (to size `offset`), sync, rename
    (to `other`), delete, make folder, remove folder, sync folder; or a mark, which is
    what a test says of the moment.
    """

    what: str
    path: str
    offset: int = 0
    content: bytes = b""
    other: str = ""


Fails = Callable[[int, Call], int | None]  # place of the call -> errno, or None


@dataclass
class Disk:
    """The calls so far, and which of them fail."""

    root: Path
    fails: Fails | None = None
    calls: list[Call] = field(default_factory=list)
    failed: list[Call] = field(default_factory=list)

    def note(self, what: str, path: str | Path, **more: Any) -> None:
        """Note a call that is about to be made. Raises: OSError where it fails."""
        relative = os.path.relpath(path, self.root)
        if relative.startswith(".."):
            return
        call = Call(what, relative, **more)
        if self.fails is not None:
            number = self.fails(len(self.calls) + len(self.failed), call)
            if number is not None:
                self.failed.append(call)
                raise OSError(number, os.strerror(number), str(path))
        self.calls.append(call)

    def mark(self, text: str) -> None:
        """Note something about this moment."""
        self.calls.append(Call("mark", text))


@contextmanager
def watched_disk(root: Path, fails: Fails | None = None) -> Iterator[Disk]:
    """Note each change of files below a folder, until the end of the block."""
    disk = Disk(root.resolve(), fails)
    sqlite = watched_sqlite(
        lambda path: disk.note("create", path),
        lambda path, offset, c: disk.note("write", path, offset=offset, content=c),
        lambda path, size: disk.note("cut", path, offset=size),
        lambda path: _sqlite_syncs(disk, path),
        lambda path, sync: _sqlite_deletes(disk, path, sync),
    )
    with sqlite, pytest.MonkeyPatch.context() as patch:
        _watch_python(disk, patch)
        yield disk


def _sqlite_syncs(disk: Disk, path: str) -> None:
    disk.note("sync", path)
    if path.endswith("-journal"):  # SQLite flushes the folder of a new journal too
        disk.note("sync folder", os.path.dirname(path))


def _sqlite_deletes(disk: Disk, path: str, sync_folder: bool) -> None:
    disk.note("delete", path)
    if sync_folder:
        disk.note("sync folder", os.path.dirname(path))


def _watch_python(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    class Raw(io.FileIO):
        def write(self, content: Any) -> int:
            disk.note(
                "write", str(self.name), offset=self.tell(), content=bytes(content)
            )
            return super().write(content)

    real = {name: getattr(os, name) for name in dir(os)}
    real_open = io.open

    def opened(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode != "wb" or not isinstance(file, str | Path):
            return real_open(file, mode, *rest, **more)
        disk.note("create", file)
        return io.BufferedWriter(Raw(str(file), "wb"))

    def os_open(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_CREAT and not os.path.exists(path):
            disk.note("create", path)
        return real["open"](path, flags, *rest, **more)

    def path_of(descriptor: int) -> str:
        return os.readlink(f"/proc/self/fd/{descriptor}")

    def fsync(descriptor: int) -> None:
        path = path_of(descriptor)
        disk.note("sync folder" if os.path.isdir(path) else "sync", path)

    def pwrite(descriptor: int, content: bytes, offset: int) -> int:
        disk.note("write", path_of(descriptor), offset=offset, content=content)
        return real["pwrite"](descriptor, content, offset)

    def ftruncate(descriptor: int, size: int) -> None:
        disk.note("cut", path_of(descriptor), offset=size)
        real["ftruncate"](descriptor, size)

    def moving(name: str) -> Callable[..., None]:
        def move(source: Any, target: Any, **more: Any) -> None:
            disk.note("rename", source, other=os.path.relpath(target, disk.root))
            real[name](source, target, **more)

        return move

    def removing(name: str, what: str) -> Callable[..., None]:
        def remove(path: Any, *rest: Any, dir_fd: int | None = None) -> None:
            whole = path if dir_fd is None else os.path.join(path_of(dir_fd), path)
            if os.path.lexists(whole) == (what != "make folder"):
                disk.note(what, whole)
            more = {} if dir_fd is None else {"dir_fd": dir_fd}
            real[name](path, *rest, **more)

        return remove

    patch.setattr(io, "open", opened)
    replaced: dict[str, Callable[..., Any]] = {
        "open": os_open, "fsync": fsync, "pwrite": pwrite, "ftruncate": ftruncate,
        "rename": moving("rename"), "replace": moving("replace"),
        "unlink": removing("unlink", "delete"), "remove": removing("remove", "delete"),
        "mkdir": removing("mkdir", "make folder"),
        "rmdir": removing("rmdir", "remove folder"),
    }  # fmt: skip
    for name, function in replaced.items():
        patch.setattr(os, name, function)


class Replay:
    """A folder that follows the calls; each step makes one of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)

    def make(self, call: Call, part: float = 1.0) -> None:
        """Make a call; of a write, only the first part of it."""
        path = self.root / call.path
        if call.what == "create":
            path.write_bytes(b"")
        elif call.what == "write":
            with path.open("r+b") as stream:
                stream.seek(call.offset)
                stream.write(call.content[: int(part * len(call.content))])
        elif call.what == "cut":
            os.truncate(path, call.offset)
        elif call.what == "rename":
            path.replace(self.root / call.other)
        elif call.what == "delete":
            path.unlink()
        elif call.what == "make folder":
            path.mkdir()
        elif call.what == "remove folder":
            path.rmdir()

    def copied_to(self, folder: Path) -> Path:
        """A copy of the folder as it is now."""
        shutil.rmtree(folder, ignore_errors=True)
        return Path(shutil.copytree(self.root, folder))


def content_of(folder: Path) -> dict[str, bytes | None]:
    """All files below a folder with their content, and folders, by relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def after_power_cut(
    calls: Sequence[Call], folder: Path, rng: random.Random | None
) -> None:
    """Make a folder as a disk may hold it that lost power after these calls.

    What was flushed is there. Of what was not, nothing without `rng`; with it, some of
    the writes, and of the changes of each folder the first ones.

    The name of a file is there once its folder has been flushed, as POSIX has it.
    """
    # the last call that flushes each place
    survives = _surviving(calls, rng)
    names: dict[str, int] = {}  # path -> number of the file, as the process sees it
    files: dict[int, bytearray] = {}
    on_disk: dict[str, int | None] = {".": None}  # path -> file, or None: a folder
    for place, call in enumerate(calls):
        if call.what == "create":
            names[call.path] = place
            files[place] = bytearray()
        elif call.what == "rename":
            names[call.other] = names.pop(call.path)
        if call.what in ("write", "cut") and survives[place]:
            _change(files[names[call.path]], call)
        if call.what in NAMING and survives[place]:
            _rename(on_disk, call, names)
        if call.what == "delete":
            names.pop(call.path, None)
    folder.mkdir()
    made = {"."}
    for path, number in sorted(on_disk.items()):
        if (os.path.dirname(path) or ".") not in made or path == ".":
            continue  # its folder was lost
        if number is None:
            (folder / path).mkdir()
            made.add(path)
        else:
            (folder / path).write_bytes(files[number])


NAMING = ("create", "rename", "delete", "make folder", "remove folder")


def _surviving(calls: Sequence[Call], rng: random.Random | None) -> list[bool]:
    """Of each call, whether it reaches the disk."""
    survives = [False] * len(calls)
    flushed_names: set[str] = set()  # folders that are flushed later
    flushed_files: set[str] = set()  # files, by the path that they have then
    for place in reversed(range(len(calls))):
        call = calls[place]
        if call.what == "sync":
            flushed_files.add(call.path)
        elif call.what == "sync folder":
            flushed_names.add(call.path)
        elif call.what in ("write", "cut"):
            survives[place] = call.path in flushed_files or (
                rng is not None and rng.random() < 0.5
            )
        elif call.what in NAMING:
            parent = os.path.dirname(call.path) or "."
            # changes of one folder are kept in order: from the first kept one back
            if parent in flushed_names or (rng is not None and rng.random() < 0.3):
                survives[place] = True
                flushed_names.add(parent)
            if call.what == "rename":
                moved = call.other in flushed_files
                flushed_files.discard(call.other)
                if moved:
                    flushed_files.add(call.path)
            elif call.what == "create":
                flushed_files.discard(call.path)
    return survives


def _change(content: bytearray, call: Call) -> None:
    if call.what == "cut":
        del content[call.offset :]
        content.extend(bytes(call.offset - len(content)))
        return
    end = call.offset + len(call.content)
    content.extend(bytes(max(0, end - len(content))))
    content[call.offset : end] = call.content


def _rename(on_disk: dict[str, int | None], call: Call, names: dict[str, int]) -> None:
    if call.what == "create":
        on_disk[call.path] = names[call.path]
    elif call.what == "rename":
        on_disk.pop(call.path, None)
        on_disk[call.other] = names[call.other]
    elif call.what == "make folder":
        on_disk[call.path] = None
    else:
        on_disk.pop(call.path, None)


def fail_at(place: int, number: int, *, onwards: bool = False) -> Fails:
    """A rule: one call fails; with `onwards` also all later ones that need space."""

    def fails(now: int, call: Call) -> int | None:
        if now == place:
            return number
        needs_space = call.what in ("create", "write", "make folder")
        return number if onwards and now > place and needs_space else None

    return fails
