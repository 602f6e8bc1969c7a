"""What a run keeps of pictures: arrays from Python, and digests of all pictures.

`pictures.npz` holds pictures that were arrays in Python, with names and labels;
`picture_labels.csv` holds labels from Python for pictures in files; and
`pictures_seen.npz` a digest of each picture and its labels, to notice changes.
"""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.errors import RunFolderError
from tinyvae.files.whole import flush_folder, write_whole, writing_whole
from tinyvae.notes import shown
from tinyvae.pictures.array_files import declared_arrays, small_array
from tinyvae.pictures.reading import Reading
from tinyvae.tables.table import NAME_COLUMN
from tinyvae.wording import counted

KEPT_PICTURES = "pictures.npz"
KEPT_LABELS = "picture_labels.csv"
SEEN = "pictures_seen.npz"


def keep_pictures(folder: Path, reading: Reading) -> None:
    """Write the pictures, their names and their labels, whole or not at all.

    Raises: RunFolderError if the disk is full or not writable.
    """
    path = folder / KEPT_PICTURES
    try:
        with (
            writing_whole(path) as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive,
        ):
            _write_pictures(archive, reading)
            _write_array(archive, "names", np.array(list(reading.names), str))
            if reading.table is not None:
                columns = _texts(reading.table.columns)
                _write_array(archive, "label_names", np.array(list(columns), str))
                _write_array(archive, "labels", np.array(list(columns.values())).T)
    except OSError as error:
        raise RunFolderError(
            f"cannot write {path}: {error.strerror}. Free some space, or choose "
            "another folder with --out."
        ) from error


def keep_labels(folder: Path, reading: Reading) -> None:
    """Write the labels as a CSV file whose first column names the picture.

    Raises: RunFolderError if the disk is full or not writable.
    """
    columns = _texts(reading.table.columns if reading.table is not None else {})
    columns.pop(NAME_COLUMN, None)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([NAME_COLUMN, *columns])
    writer.writerows(zip(reading.names, *columns.values(), strict=True))
    write_whole(folder / KEPT_LABELS, text.getvalue().encode())


def keep_again(folder: Path, before: Path | None, name: str, reading: Reading) -> None:
    """Keep what another folder, of a run or a sweep, has kept under this name.

    Both may have the same file, which is never changed; elsewhere it is written anew.

    Raises: RunFolderError if the disk is full or not writable.
    """
    path = folder / name
    if before is not None and before.resolve() == folder.resolve():
        return
    if before is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            os.link(before / name, path)
            flush_folder(folder)
            return
    if name == KEPT_PICTURES:
        keep_pictures(folder, reading)
    else:
        keep_labels(folder, reading)


def keep_list(folder: Path, reading: Reading) -> None:
    """Write a digest of each picture, with names and labels."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        digests=reading.store.digests,
        names=np.array(list(reading.names), str),
        values=reading.values,
        factors=np.array([factor.name for factor in reading.factors], str),
    )
    write_whole(folder / SEEN, content.getvalue())


def changes(folder: Path | None, reading: Reading) -> str:
    """Description of how the pictures differ from those at the start of the run."""
    if folder is None or not (folder / SEEN).is_file():
        return "pictures, names or labels differ from those at the run's start"
    path = folder / SEEN
    declared_arrays(path)
    names = [str(name) for name in small_array(path, "names")]
    before = dict(zip(names, small_array(path, "digests").tolist(), strict=True))
    now = dict(zip(reading.names, reading.store.digests.tolist(), strict=True))
    new = [name for name in now if name not in before]
    gone = [name for name in before if name not in now]
    other = [name for name in now if name in before and now[name] != before[name]]
    found = {"new": new, "gone": gone, "changed": other}
    parts = [f"{len(n)} {word} ({shown(n)})" for word, n in found.items() if n]
    if parts:
        return f"the pictures are not those of the run's start: {', '.join(parts)}"
    if names != list(reading.names):
        return "the pictures are in another order than at the run's start"
    return _label_changes(path, reading)


def _label_changes(path: Path, reading: Reading) -> str:
    factors = [str(name) for name in small_array(path, "factors")]
    present = [factor.name for factor in reading.factors]
    if factors != present:
        return (
            f"the labels were {', '.join(factors)} at the run's start, and are "
            f"{', '.join(present)}"
        )
    same = np.isclose(small_array(path, "values"), reading.values, equal_nan=True)
    rows = np.flatnonzero(~same.all(axis=1))
    listed = shown([reading.names[row] for row in rows.tolist()])
    changed = counted(len(rows), "picture")
    return f"the labels of {changed} have changed since the run began ({listed})"


def _write_pictures(archive: zipfile.ZipFile, reading: Reading) -> None:
    store = reading.store
    shape = (store.shape[0], store.shape[2]) if reading.form.vectors else store.shape
    of_bits = store.peak == 1 and store.dtype == np.uint8
    dtype = np.dtype(bool) if of_bits else store.dtype
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": shape,
    }
    with archive.open("images.npy", "w", force_zip64=True) as stream:
        np.lib.format.write_array_header_2_0(stream, header)
        _write_rows(stream, reading, dtype)


def _write_rows(stream: Any, reading: Reading, dtype: np.dtype) -> None:
    count = reading.store.shape[0]
    for start in range(0, count, 1000):
        rows = np.arange(start, min(start + 1000, count))
        stream.write(reading.store.read(rows).astype(dtype).tobytes())


def _write_array(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
        np.lib.format.write_array(stream, array, allow_pickle=False)


def _texts(columns: Mapping[str, np.ndarray]) -> dict[str, list[str]]:
    """Cells as texts that read back the same; "" if missing."""
    return {name: [_text(cell) for cell in cells] for name, cells in columns.items()}


def _text(cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell))
    if not isinstance(cell, float | np.floating):
        return str(cell)
    short = f"{cell:.15g}"  # 1 rather than 1.0, as in the names of levels
    return short if float(short) == cell else repr(float(cell))
