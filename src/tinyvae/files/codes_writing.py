"""Codes written to a file: npz, CSV or Parquet, read again by `read_codes`."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor, FactorTable
from tinyvae.files.npz import write_npz
from tinyvae.files.whole import write_whole
from tinyvae.tables.table import NAME_COLUMN


@dataclass(frozen=True, eq=False)
class EncodedTable:
    """Codes of pictures, with the names and factors of these pictures.

    `names` is empty if the pictures have none. `table` holds the factors of the same
    rows, NaN where unknown. Quantised latents have no `log_variance`. `seen` is what
    training saw of the factors, and `told` what the network was told of the world.
    """

    codes: Float[np.ndarray, "sample latent"]
    log_variance: Float[np.ndarray, "sample latent"] | None = None
    names: Sequence[str] | None = None
    table: FactorTable | None = None
    active: Bool[np.ndarray, " latent"] | None = None
    notes: tuple[str, ...] = ()
    seen: str = "none"
    told: str = ""


def write_codes(path: Path, encoded: EncodedTable) -> None:
    """Write codes; the ending of the path decides the format.

    Raises: ConfigError on another ending, RunFolderError if it cannot be written.
    """
    ending = path.suffix.lower()
    if ending == ".npz":
        _write_npz(path, encoded)
    elif ending == ".csv":
        _write_csv(path, encoded)
    elif ending == ".parquet":
        _write_parquet(path, encoded)
    else:
        raise ConfigError(f"expected a file .npz, .csv or .parquet, got {path}.")


def _write_npz(path: Path, encoded: EncodedTable) -> None:
    arrays = {"codes": encoded.codes}
    if encoded.log_variance is not None:
        arrays["log_variance"] = encoded.log_variance
    if encoded.names is not None:
        arrays["names"] = np.array(list(encoded.names), str)
    if encoded.active is not None:
        arrays["active"] = encoded.active
    table = encoded.table
    if table is not None and table.factors:
        arrays["factors"] = table.values
        arrays["factor_names"] = np.array(table.names)
        arrays["factor_kinds"] = np.array([kind_text(f) for f in table.factors])
        if table.complete:  # so that the rows count as the whole population
            arrays["probability"] = table.probability
    if encoded.seen != "none":
        arrays["supervision"] = np.array(encoded.seen)
    if encoded.told:
        arrays["told"] = np.array(encoded.told)
    write_npz(path, **arrays)


def kind_text(factor: Factor) -> str:
    """The kind of a factor as settings and files write it, such as circular:360."""
    return factor.kind if factor.period is None else f"circular:{factor.period:g}"


def _columns(encoded: EncodedTable) -> dict[str, list[object]]:
    """Columns of the table: names, codes, and factors in readable form."""
    columns: dict[str, list[object]] = {}
    if encoded.names is not None:
        columns[NAME_COLUMN] = list(encoded.names)
    for latent, values in enumerate(encoded.codes.T):
        columns[f"z{latent}"] = [float(f"{value:.9g}") for value in values]
    if encoded.table is not None:
        for factor, values in zip(
            encoded.table.factors, encoded.table.values.T, strict=True
        ):
            columns[factor.name] = [_cell(factor, value) for value in values]
    return columns


def _cell(factor: Factor, value: float) -> object:
    if np.isnan(value):
        return None
    return factor.levels[int(value)] if factor.levels else float(value)


def _write_csv(path: Path, encoded: EncodedTable) -> None:
    columns = _columns(encoded)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow(["" if cell is None else cell for cell in row])
    write_whole(path, text.getvalue().encode())


def _write_parquet(path: Path, encoded: EncodedTable) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(pa.table(_columns(encoded)), content)
    write_whole(path, content.getvalue())
