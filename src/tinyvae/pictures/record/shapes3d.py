"""Shapes3D: an object in a coloured room, from the user's own .h5 file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.pictures.hdf5 import data_sets, hdf5_source, read_set
from tinyvae.pictures.record.grid import levels
from tinyvae.pictures.source import Blocks, Known

NAMES = ("floor hue", "wall hue", "object hue", "scale", "shape", "orientation")
SHAPES = ("0", "1", "2", "3")  # the file does not name them


def shapes3d_source(path: Path) -> Blocks | None:
    """Shapes3D, if a file .h5 has `shapes` in its name, `images` and six `labels`.

    Values are those of the file: hues have period 1; the orientation runs from -30 to
    30 degrees and is not circular.

    Raises: DataError if the labels do not fit the pictures.
    Source: Burgess & Kim (2018), https://github.com/deepmind/3d-shapes.
    """
    if path.suffix.lower() not in (".h5", ".hdf5") or "shapes" not in path.name.lower():
        return None
    sets = data_sets(path)
    if not {"images", "labels"} <= set(sets) or sets["labels"][0][1:] != (len(NAMES),):
        return None
    count = sets["images"][0][0]
    values = read_set(path, "labels").astype(np.float64)
    if len(values) != count:
        raise DataError(
            f"{path}: expected as many rows of labels as pictures, {count}, got "
            f"{len(values)}."
        )
    columns: dict[str, np.ndarray] = dict(zip(NAMES, values.T, strict=True))
    factors = tuple(_factor(name, column) for name, column in columns.items())
    return hdf5_source(path, "images", known=Known(columns, factors))


def _factor(name: str, column: np.ndarray) -> Factor:
    if name == "shape":
        return levels(name, *SHAPES)
    distinct = tuple(np.unique(column).tolist())
    if name.endswith("hue"):
        return Factor(name, distinct, "", "circular", 1.0)
    return Factor(name, distinct, "deg" if name == "orientation" else "")
