"""The ledger of a sweep, read: its members, and all that came of them.

It can be read while another process writes it, and needs no JAX.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyvae.errors import RunFolderError
from tinyvae.sweeps.ledger_file import LEDGER, LedgerFile, has_ledger

STATES = ("planned", "running", "done", "failed")


@dataclass(frozen=True)
class Entry:
    """A member of the ledger: what is planned, and what has come of it.

    `factors` is the number of factors that have a verdict, `clear` of those that are
    clear; None until the member is done. ELBO and loss are in nats.
    """

    position: int
    identity: str
    settings: Mapping[str, Any]
    world: str
    objective: str
    seed: int
    group: int
    state: str
    step: int | None
    reason: str | None
    verdict: str | None
    factors: int | None
    clear: int | None
    elbo: float | None
    test_elbo: float | None
    loss: float | None
    training_seconds: float | None
    measuring_seconds: float | None
    ended: str | None
    kept: str | None


class Ledger:
    """What the ledger in a folder holds. `open_ledger` opens it."""

    def __init__(self, file: LedgerFile) -> None:
        self.file = file

    @property
    def folder(self) -> Path:
        """The folder of the sweep."""
        return self.file.folder

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def facts(self) -> dict[str, Any]:
        """The facts about the sweep: format, spec, versions, what is kept."""
        with self.file.reading() as cursor:
            rows = cursor.execute("SELECT name, value FROM facts").fetchall()
            return {name: json.loads(value) for name, value in rows}

    def entries(self, state: str | None = None) -> list[Entry]:
        """All members in the order of the spec, or those in one state."""
        if state is None:
            return self._entries("1", ())
        return self._entries("state = ?", (state,))

    def entry(self, identity: str) -> Entry:
        """One member.

        Raises: KeyError if there is none with this identity.
        """
        found = self._entries("identity = ?", (identity,))
        if not found:
            raise KeyError(f"expected a member of the sweep, got {identity!r}.")
        return found[0]

    def kept(self) -> list[Entry]:
        """The members whose weights are kept."""
        return self._entries("kept IS NOT NULL", ())

    def _entries(self, where: str, values: Sequence[Any]) -> list[Entry]:
        query = f"SELECT * FROM members WHERE {where} ORDER BY position"
        with self.file.reading() as cursor:
            return [
                Entry(*row[:2], json.loads(row[2]), *row[3:])  # type: ignore[call-arg]
                for row in cursor.execute(query, values).fetchall()
            ]

    def counts(self) -> dict[str, int]:
        """Number of members in each state."""
        found = dict(
            self.file.rows("SELECT state, COUNT(*) FROM members GROUP BY state")
        )
        return {state: found.get(state, 0) for state in STATES}

    def mean_seconds(self) -> float | None:
        """Seconds that a member took, training and measuring; None before the first."""
        query = "SELECT AVG(training_seconds + measuring_seconds) FROM members"
        return self.file.rows(f"{query} WHERE state = 'done'")[0][0]

    def measured(self) -> dict[int, Any]:
        """What the size of each group rests on (JSON values), by its number."""
        with self.file.reading() as cursor:
            rows = cursor.execute("SELECT number, measured FROM groups").fetchall()
            return {number: json.loads(text) for number, text in rows}

    def answers(self) -> dict[str, list[tuple[str, int | None, Any, Any, str]]]:
        """Factor, latent, share, readout and verdict, of each factor, by identity."""
        found: dict[str, list[Any]] = {}
        for identity, *row in self.file.rows(
            "SELECT answers.* FROM answers ORDER BY identity, factor"
        ):
            found.setdefault(identity, []).append(tuple(row))
        return found

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Value of each score (None: undefined) by its id, by identity."""
        found: dict[str, dict[str, float | None]] = {}
        for identity, score, value in self.file.rows(
            "SELECT identity, id, value FROM scores"
        ):
            found.setdefault(identity, {})[score] = value
        return found

    def answer(self, identity: str) -> dict[str, Any] | None:
        """The whole answer of a member as JSON values; None if it has none."""
        return self._detail("answer", identity)

    def whole_scores(self, identity: str) -> list[dict[str, Any]] | None:
        """The scores of a member with their parts, as JSON values; None without."""
        return self._detail("scores", identity)

    def history(self, identity: str) -> list[dict[str, Any]]:
        """The history of the selected VAE, as `row_from_json` takes; empty without.

        Of a member that failed, that of all its VAEs.
        """
        return self._detail("history", identity) or []

    def candidates(self, identity: str) -> list[dict[str, Any]]:
        """The VAEs that started together: number, chosen, selection loss, verdict."""
        return self._detail("candidates", identity) or []

    def _detail(self, column: str, identity: str) -> Any:
        with self.file.reading() as cursor:
            query = f"SELECT {column} FROM details WHERE identity = ?"
            row = cursor.execute(query, (identity,)).fetchone()
            blob = row[0] if row else None
            return None if blob is None else json.loads(zlib.decompress(blob))


def open_ledger(folder: str | Path) -> Ledger:
    """The ledger in a folder, to be read; also while another process writes it.

    Raises: RunFolderError if there is none, or if it is damaged.
    """
    return Ledger(open_file(Path(folder)))


def open_file(folder: Path, *, write: bool = False) -> LedgerFile:
    """The file of a ledger, checked; for a writer, all of it.

    Raises: RunFolderError if there is none, or if it is damaged.
    """
    if not has_ledger(folder):
        raise RunFolderError(
            f"expected the folder of a sweep, got {folder}, which has no {LEDGER}. "
            "`tinyvae sweep --out FOLDER` makes one."
        )
    file = LedgerFile(folder)
    file.check(whole=write)
    if not write:
        file.only_read()
    return file
