"""The record of a search, `search.json`: its spec, and the settings of each trial.

It is written whole before the members of a trial are trained. What came of them is in
the ledger alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.files.whole import write_json
from tinyvae.sweeps.search.place import RECORD, has_record
from tinyvae.sweeps.search.spec import SEARCH, SearchSpec, search_from_mapping

RECORD_FORMAT = 1
MAY_CHANGE = ("trials", "at_once")  # between the parts of one search


@dataclass(frozen=True)
class Record:
    """A search so far: batches of trials that were asked for at once."""

    spec: SearchSpec
    batches: tuple[tuple[Mapping[str, Any], ...], ...] = ()

    @property
    def trials(self) -> tuple[Mapping[str, Any], ...]:
        """The values of each trial, in the order of their numbers."""
        return tuple(values for batch in self.batches for values in batch)

    def batch_begin(self, number: int) -> int:
        """The first trial of the batch that a trial belongs to."""
        begin = 0
        for batch in self.batches:
            if number < begin + len(batch):
                return begin
            begin += len(batch)
        return begin

    def with_batch(self, batch: Sequence[Mapping[str, Any]]) -> Record:
        """With one more batch."""
        return replace(self, batches=(*self.batches, tuple(batch)))

    def write(self, folder: Path) -> None:
        """Write it whole into the folder.

        Raises: RunFolderError if it cannot be written.
        """
        content = {
            "format": RECORD_FORMAT,
            "spec": self.spec.to_json(),
            "batches": [list(map(dict, batch)) for batch in self.batches],
        }
        write_json(folder / RECORD, content)


def read_record(folder: Path) -> Record:
    """The record in a folder.

    Raises: RunFolderError if there is none, or if it is damaged.
    """
    path = folder / RECORD
    if not has_record(folder):
        raise RunFolderError(
            f"expected the folder of a search, got {folder}, which has no {RECORD}. "
            "`tinyvae sweep search SPEC.toml --out FOLDER` makes one."
        )
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != RECORD_FORMAT:
            raise ConfigError(f"got format {content['format']!r}")
        batches = tuple(tuple(map(dict, batch)) for batch in content["batches"])
        return Record(search_from_mapping(content["spec"]), batches)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RunFolderError(
            f"{path} is damaged: expected a search of format {RECORD_FORMAT}, {error}. "
            "Its members are in the ledger: `tinyvae sweep table` shows them."
        ) from None


def continued(record: Record, spec: SearchSpec) -> Record:
    """The record with a spec that asks for more trials of the same search.

    Raises: ConfigError if it is another search.
    """
    old, new = (_fixed(one.to_json()) for one in (record.spec, spec))
    for name in old.keys() | new.keys():
        if old.get(name) != new.get(name):
            raise ConfigError(
                f"{name}: expected that of the search in the folder, "
                f"{json.dumps(old.get(name))}, got {json.dumps(new.get(name))}. Only "
                f"{' and '.join(MAY_CHANGE)} may change; for another search choose "
                "another --out."
            )
    return replace(record, spec=spec)


def _fixed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What may not change in a search, by name."""
    found = {name: value for name, value in spec.items() if name != SEARCH}
    for name, value in spec[SEARCH].items():
        if name not in MAY_CHANGE:
            found[f"{SEARCH}.{name}"] = value
    return found
