"""What the page of a sweep is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tinyvae.files.result_tables import Cell
from tinyvae.runs.config import RunConfig
from tinyvae.sweeps.summary import OverSeeds


@dataclass(frozen=True, eq=False)
class Compared:
    """A sweep, and what its page needs to know beside the rows.

    `configs` are the settings of the first member of each setting, `agreement` the UDR
    of members by identity. `out` is the folder that the page is to lie in.
    """

    summary: OverSeeds
    configs: tuple[RunConfig, ...]
    agreement: Mapping[Cell, float]
    folder: Path
    out: Path
