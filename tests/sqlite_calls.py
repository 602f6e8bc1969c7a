"""The writes of SQLite, seen and made to fail.

SQLite does its own input and output, in C, through a table of functions (its VFS). Here
the entries that change a disk are replaced by Python functions. This needs no compiler
and no privilege, only that Python uses the shared library of SQLite, as it does on
Debian. Source: https://www.sqlite.org/vfs.html
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
from collections.abc import Callable
from contextlib import contextmanager
from ctypes import POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import Any

OK, IO_ERROR, FULL = 0, 10, 13
# see "Extended Result Codes" of SQLite
WRITE_ERROR, SYNC_ERROR, TRUNCATE_ERROR, DELETE_ERROR = (
    IO_ERROR | (number << 8) for number in (3, 4, 6, 10)
)
CANNOT_OPEN, CREATE = 14, 0x4  # a result; a flag
Call = Callable[..., None]  # raises OSError if the call is to fail
FOR_EVER: list[Any] = []  # a connection that is closed late still calls these


# names are pointers, since SQLite keeps them and reads beyond their end
OPEN = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
DELETE = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
WRITE = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
TRUNCATE = ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)
SYNC = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)


class Methods(Structure):
    """`sqlite3_io_methods`: the functions of an open file."""

    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("others", c_void_p * 13),
    ]


class File(Structure):
    """`sqlite3_file`, as far as it is public."""

    _fields_ = [("methods", POINTER(Methods))]


class Vfs(Structure):
    """`sqlite3_vfs`, as far as it is needed."""

    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("delete", c_void_p),
    ]


def address(function: Any) -> int:
    found = ctypes.cast(function, c_void_p).value
    assert found is not None
    return found


@contextmanager
def watched_sqlite(create: Call, write: Call, cut: Call, sync: Call, delete: Call):
    """Call these before SQLite creates, writes, truncates or deletes a file.

    Files and folders are not flushed in earnest, which takes most of the time.

    `create(path)`, `write(path, offset, content)`, `cut(path, size)`, `sync(path)` and
    `delete(path, sync_folder)`. Where one raises OSError, SQLite sees a call that
    failed.
    """
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = POINTER(Vfs)
    vfs = library.sqlite3_vfs_find(None).contents
    real_open, real_delete = OPEN(vfs.open), DELETE(vfs.delete)
    before = vfs.open, vfs.delete
    paths: dict[int, str] = {}
    kept: dict[int, tuple[Any, ...]] = {}  # what C points to must stay alive

    def result(failure: int, call: Call, *arguments: Any) -> int:
        try:
            call(*arguments)
        except OSError as error:
            return FULL if error.strerror == os.strerror(28) else failure
        return OK

    def methods_of(original: Any) -> Any:
        key = address(original)
        if key in kept:
            return kept[key][0]
        real = original.contents
        real_write, real_cut = WRITE(real.write), TRUNCATE(real.truncate)

        def on_write(file: int, content: int, size: int, offset: int) -> int:
            found = ctypes.string_at(content, size)
            code = result(WRITE_ERROR, write, paths[file], offset, found)
            return code or real_write(file, content, size, offset)

        def on_cut(file: int, size: int) -> int:
            code = result(TRUNCATE_ERROR, cut, paths[file], size)
            return code or real_cut(file, size)

        def on_sync(file: int, flags: int) -> int:
            return result(SYNC_ERROR, sync, paths[file])

        ours = Methods.from_buffer_copy(real)
        functions = WRITE(on_write), TRUNCATE(on_cut), SYNC(on_sync)
        ours.write, ours.truncate, ours.sync = map(address, functions)
        kept[key] = (ctypes.pointer(ours), functions)
        kept[address(kept[key][0])] = kept[key]
        return kept[key][0]

    def on_open(me: int, name: int | None, file: int, flags: int, out: Any) -> int:
        path = None if name is None else os.fsdecode(ctypes.string_at(name))
        if path is not None and flags & CREATE and not os.path.exists(path):
            code = result(CANNOT_OPEN, create, path)
            if code:
                ctypes.cast(file, POINTER(c_void_p))[0] = None
                return CANNOT_OPEN
        code = real_open(me, name, file, flags, out)
        if code == OK and path is not None:
            paths[file] = path
            opened = ctypes.cast(file, POINTER(File)).contents
            opened.methods = methods_of(opened.methods)
        return code

    def on_delete(me: int, name: int, sync_folder: int) -> int:
        path = os.fsdecode(ctypes.string_at(name))
        if os.path.exists(path):
            code = result(DELETE_ERROR, delete, path, bool(sync_folder))
            if code:
                return DELETE_ERROR
        return real_delete(me, name, 0)

    hooks = OPEN(on_open), DELETE(on_delete)
    FOR_EVER.append((hooks, kept))
    vfs.open, vfs.delete = map(address, hooks)
    try:
        yield
    finally:
        vfs.open, vfs.delete = before
