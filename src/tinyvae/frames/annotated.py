"""AnnData: codes in `obsm`, covariates in `obs`; in memory or in a file .h5ad."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tinyvae.errors import DataError
from tinyvae.frames.codes import Codes, Columns, as_matrix
from tinyvae.frames.rows import row_names


def is_anndata(held: Any) -> bool:
    """Whether an object has the parts of an AnnData."""
    return all(hasattr(held, part) for part in ("obs", "obsm", "obs_names"))


def codes_of_anndata(data: Any, entry: Columns | None = None) -> Codes:
    """The entry of `obsm` that holds the codes; the only one if none is named.

    Raises: DataError listing the entries if it is not there, or one must be chosen.
    """
    entries = [str(name) for name in data.obsm]
    if entry is None:
        if len(entries) != 1:
            raise DataError(
                f"expected the entry of obsm that holds the codes, got none, and there "
                f"are {', '.join(entries) or 'no entries'}. Name one: "
                f"codes={entries[0]!r} (--codes {entries[0]})."
                if entries
                else "expected codes in obsm, got an AnnData without entries there."
            )
        entry = entries[0]
    name = entry if isinstance(entry, str) else ",".join(entry)
    if name not in entries:
        raise DataError(
            f"expected an entry of obsm among {', '.join(entries)}, got {name!r}."
        )
    held = data.obsm[name]
    names = tuple(str(column) for column in getattr(held, "columns", ()))
    return Codes(np.asarray(as_matrix(held)), names, row_names(data))


def read_h5ad(path: Path) -> Any:
    """The AnnData in a file; its matrix X stays on disk.

    Raises: DataError if anndata is not installed, or the file cannot be read.
    """
    try:
        import anndata
    except ImportError:
        raise DataError(
            f"{path}: a file .h5ad needs the package anndata, which is not installed: "
            "pip install 'tinyvae[anndata]'."
        ) from None
    if not path.is_file():
        raise DataError(f"expected a file .h5ad, got {path}, which does not exist.")
    try:
        with warnings.catch_warnings():
            # what anndata says of its own future and of the file's age
            warnings.simplefilter("ignore")
            return anndata.read_h5ad(path, backed="r")
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(f"{path} is not a file .h5ad: {error}.") from None
