"""Data sets of record, read from the user's own copy. One file each."""

from __future__ import annotations

from pathlib import Path

from tinyvae.pictures.record.cars3d import cars3d_source
from tinyvae.pictures.record.dsprites import dsprites_source
from tinyvae.pictures.record.mpi3d import mpi3d_source
from tinyvae.pictures.record.shapes3d import shapes3d_source
from tinyvae.pictures.record.smallnorb import smallnorb_source
from tinyvae.pictures.source import Source

RECORDS = {
    "dSprites": dsprites_source,
    "Shapes3D": shapes3d_source,
    "MPI3D": mpi3d_source,
    "Cars3D": cars3d_source,
    "SmallNORB": smallnorb_source,
}

__all__ = ["RECORDS", "record_source"]


def record_source(path: Path) -> Source | None:
    """The data set of record that a file or folder holds; None if it holds none."""
    for source in RECORDS.values():
        if (found := source(path)) is not None:
            return found
    return None
