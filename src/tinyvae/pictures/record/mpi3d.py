"""MPI3D: a robot arm that holds objects, from the user's own .npz file."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tinyvae.errors import DataError
from tinyvae.pictures.array_files import declared_arrays, npz_source
from tinyvae.pictures.record.grid import grid_known, levels, steps
from tinyvae.pictures.source import Blocks

COLOURS = ("white", "green", "red", "blue", "brown", "olive")
SHAPES = ("cone", "cube", "cylinder", "hexagonal", "pyramid", "sphere")
COMPLEX_COLOURS = ("yellow", "green", "olive", "red")
COMPLEX_SHAPES = ("coffee-cup", "tennis-ball", "croissant", "beer-cup")
REST = (
    steps("size", 2),
    steps("camera height", 3),  # 0: top, 2: bottom
    levels("background colour", "purple", "sea green", "salmon"),
    steps("horizontal axis", 40),
    steps("vertical axis", 40),
)
FEW_COLOURS = ("green", "red", "blue", "brown")
FEW_SHAPES = ("cone", "cube", "hexagonal prism", "sphere")
ALL = (levels("colour", *COLOURS), levels("shape", *SHAPES), *REST)
FEW = (levels("colour", *FEW_COLOURS), levels("shape", *FEW_SHAPES), *REST)
COMPLEX = (levels("colour", *COMPLEX_COLOURS), levels("shape", *COMPLEX_SHAPES), *REST)
GRIDS = {1_036_800: ALL, 460_800: FEW}


def mpi3d_source(path: Path) -> Blocks | None:
    """MPI3D, if a file .npz has `mpi3d` in its name and an array `images`.

    The file holds no factors: they follow from the order, with the vertical axis
    fastest. 1 036 800 pictures show six colours and shapes; 460 800 show four: those of
    the complex objects if `complex` is in the name, else those of the first edition.

    Raises: DataError if the file holds another number of pictures.
    Source: Gondal et al. (2019), arXiv:1906.03292, https://github.com/rr-learning/
    disentanglement_dataset.
    """
    if path.suffix.lower() != ".npz" or "mpi3d" not in path.name.lower():
        return None
    if not zipfile.is_zipfile(path) or "images" not in (found := declared_arrays(path)):
        return None
    count = found["images"][0][0]
    if count not in GRIDS:
        raise DataError(
            f"{path}: expected the pictures of MPI3D, {' or '.join(map(str, GRIDS))} "
            f"of them, got {count}, whose factors are unknown. To use other pictures, "
            "rename the file and give labels."
        )
    factors = GRIDS[count]
    if factors is FEW and "complex" in path.name.lower():
        factors = COMPLEX
    return npz_source(path, "images", known=grid_known(factors))
