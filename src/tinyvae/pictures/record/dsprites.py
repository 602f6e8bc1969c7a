"""dSprites: white shapes on black, from the user's own .npz or .hdf5 file."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np

from tinyvae.errors import DataError
from tinyvae.factors import Factor
from tinyvae.pictures.array_files import declared_arrays, npz_source, small_array
from tinyvae.pictures.hdf5 import data_sets, hdf5_source, read_set
from tinyvae.pictures.source import Blocks, Known

NAMES = ("color", "shape", "scale", "orientation", "posX", "posY")
SHAPES = ("square", "ellipse", "heart")
VALUES, CLASSES = "latents_values", "latents_classes"


def dsprites_source(path: Path) -> Blocks | None:
    """dSprites, if a file has its arrays `imgs` and `latents_values`.

    Values are those of the file: orientation in radians covers one turn of 2 pi, and
    its last value equals its first; x and y lie in [0, 1]. All shapes are white.

    Raises: DataError if the arrays do not fit together.
    Source: Matthey et al. (2017), https://github.com/deepmind/dsprites-dataset.
    """
    if path.suffix.lower() == ".npz" and zipfile.is_zipfile(path):
        declared = declared_arrays(path)
        if not {"imgs", VALUES} <= set(declared):
            return None
        values = small_array(path, VALUES)
        known = _known(path, values, declared["imgs"][0][0])
        return npz_source(path, "imgs", zero_or_one=True, known=known)
    if path.suffix.lower() in (".h5", ".hdf5") and path.is_file():
        sets = data_sets(path)
        name = next((n for n in ("latents/values", VALUES) if n in sets), None)
        if "imgs" not in sets or name is None:
            return None
        known = _known(path, read_set(path, name), sets["imgs"][0][0])
        return hdf5_source(path, "imgs", zero_or_one=True, known=known)
    return None


def _known(path: Path, values: np.ndarray, count: int) -> Known:
    if values.shape != (count, len(NAMES)):
        raise DataError(
            f"{path}: expected {VALUES} of shape (sample, {len(NAMES)}) = ({count}, "
            f"{len(NAMES)}), as dSprites has them, got {values.shape}."
        )
    columns: dict[str, np.ndarray] = dict(
        zip(NAMES, values.T.astype(np.float64), strict=True)
    )
    columns["shape"] = columns["shape"] - 1  # 1, 2, 3 in the file
    factors = []
    for name in NAMES:
        if name == "shape":
            levels = (0.0, 1.0, 2.0)
            factors.append(Factor(name, levels, kind="categorical", levels=SHAPES))
        elif name == "orientation":
            turned = np.unique(np.mod(columns[name], 2 * math.pi)).tolist()
            factors.append(Factor(name, tuple(turned), "rad", "circular", 2 * math.pi))
        else:
            factors.append(Factor(name, tuple(np.unique(columns[name]).tolist())))
    return Known(columns, tuple(factors))
