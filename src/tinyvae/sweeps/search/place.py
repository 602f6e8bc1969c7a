"""Where a folder keeps the record of its search. Needs no JAX."""

from __future__ import annotations

from pathlib import Path

RECORD = "search.json"


def has_record(folder: Path) -> bool:
    """Whether a folder holds a search."""
    return (folder / RECORD).is_file()
