"""The ledger of a sweep: one SQLite file with every member, and all that came of it.

One process writes, in short transactions; others may read at any time. The journal is
SQLite's rollback journal, flushed in full at each commit, rather than a write-ahead
log: a killed process or a torn page is undone by the next that opens the file; at rest
the ledger is one file, which can be copied; and it works on network file systems, where
a write-ahead log does not. Commits are rare enough (one for each member) for its cost,
a few milliseconds, not to matter.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.runs.run import Run
from tinyvae.sweeps.members import Member, member_from_json
from tinyvae.sweeps.members import canonical as canonical_settings
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Done, Failed
from tinyvae.training.history import HistoryRow, row_from_json, row_to_json

LEDGER = "ledger.sqlite"
LEDGER_FORMAT = 1
BUSY_SECONDS = 30.0  # that a reader or the writer waits for the other
STATES = ("planned", "running", "done", "failed")

SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE groups (
    number INTEGER PRIMARY KEY,
    together INTEGER NOT NULL,      -- members that train at once
    measured TEXT                   -- JSON: what the size rests on
);
CREATE TABLE members (
    position INTEGER PRIMARY KEY,   -- in the order of the spec
    identity TEXT NOT NULL UNIQUE,  -- digest of the settings
    settings TEXT NOT NULL,         -- JSON, as config.json of a run
    world TEXT NOT NULL DEFAULT '', -- folder of its own pictures
    objective TEXT NOT NULL,
    seed INTEGER NOT NULL,
    group_number INTEGER NOT NULL REFERENCES groups(number),
    state TEXT NOT NULL DEFAULT 'planned',
    step INTEGER,                   -- of the end of training
    reason TEXT,                    -- of a failure
    verdict TEXT,
    factors INTEGER,                -- that have a verdict
    clear INTEGER,                  -- of these
    elbo REAL,                      -- nats, on the pictures of the answer
    test_elbo REAL,                 -- nats, on held-out pictures
    loss REAL,                      -- of the last record, nats
    training_seconds REAL,
    measuring_seconds REAL,
    ended TEXT,                     -- UTC
    kept TEXT                       -- folder of the run, if its weights are kept
);
CREATE INDEX members_state ON members(state);
CREATE TABLE answers (
    identity TEXT NOT NULL REFERENCES members(identity),
    factor TEXT NOT NULL,
    latent INTEGER, share REAL, readout REAL, verdict TEXT NOT NULL,
    PRIMARY KEY (identity, factor)
) WITHOUT ROWID;
CREATE TABLE scores (
    identity TEXT NOT NULL REFERENCES members(identity),
    id TEXT NOT NULL,
    value REAL, undefined TEXT,
    PRIMARY KEY (identity, id)
) WITHOUT ROWID;
CREATE TABLE details (
    identity TEXT PRIMARY KEY REFERENCES members(identity),
    answer BLOB, scores BLOB, history BLOB, candidates BLOB  -- JSON under zlib
) WITHOUT ROWID;
"""


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


@dataclass(frozen=True)
class Plan:
    """Groups to be trained, and what stands beside them in the ledger.

    Args:
        groups: numbered from the first number that is free.
        positions: of each member in the order of the spec, from 0, by identity.
        measured: what the size of a group rests on (JSON values), by its number.
        worlds: folder of the own pictures of a member, by identity.
    """

    groups: Sequence[Group]
    positions: Mapping[str, int]
    measured: Mapping[int, Any]
    worlds: Mapping[str, str]


class Ledger:
    """The ledger in a folder. Only the process that holds the lock may write.

    Use `Ledger.create`, `Ledger.to_write` or `Ledger.to_read`.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    @classmethod
    def create(
        cls, folder: Path, facts: Mapping[str, Any], plan: Plan | None = None
    ) -> Ledger:
        """A new ledger with facts (JSON values) about the sweep, and its plan.

        Raises: RunFolderError if the folder holds one, or cannot be written.
        """
        if has_ledger(folder):
            raise RunFolderError(
                f"{folder} already holds a sweep. Continue it with --resume, or choose "
                "another --out."
            )
        ledger = cls(folder, _connected(folder / LEDGER))
        with ledger._writing() as cursor:
            for statement in SCHEMA.split(";"):
                cursor.execute(statement)
            cursor.execute(f"PRAGMA user_version = {LEDGER_FORMAT}")
            for name, value in {"format": LEDGER_FORMAT, **facts}.items():
                cursor.execute("INSERT INTO facts VALUES (?, ?)", (name, _json(value)))
            if plan is not None:
                ledger._insert(cursor, plan)
        return ledger

    @classmethod
    def to_write(cls, folder: Path) -> Ledger:
        """The ledger of a folder, checked for damage.

        Raises: RunFolderError if there is none, or if it is damaged.
        """
        return cls._opened(folder, check=True)

    @classmethod
    def to_read(cls, folder: Path) -> Ledger:
        """The ledger of a folder, also while another process writes it.

        Raises: RunFolderError if there is none, or if it is damaged.
        """
        ledger = cls._opened(folder, check=False)
        ledger._connection.execute("PRAGMA query_only = ON")
        return ledger

    @classmethod
    def _opened(cls, folder: Path, *, check: bool) -> Ledger:
        path = folder / LEDGER
        if not has_ledger(folder):
            raise RunFolderError(
                f"expected the folder of a sweep, got {folder}, which has no {LEDGER}. "
                "`tinyvae sweep --out FOLDER` makes one."
            )
        ledger = cls(folder, _connected(path))
        with ledger._explained():
            found = ledger._connection.execute("PRAGMA user_version").fetchone()[0]
            if found != LEDGER_FORMAT:
                raise RunFolderError(
                    f"{path}: expected a ledger of format {LEDGER_FORMAT} that tinyvae "
                    f"wrote, got format {found}."
                )
            if check:
                result = ledger._connection.execute("PRAGMA quick_check").fetchone()[0]
                if result != "ok":
                    raise sqlite3.DatabaseError(result)
        return ledger

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # what the driver writes

    def add(self, plan: Plan) -> None:
        """Add groups of members that are not in the ledger, in their order."""
        with self._writing() as cursor:
            self._insert(cursor, plan)

    def _insert(self, cursor: sqlite3.Cursor, plan: Plan) -> None:
        cursor.execute("SELECT COALESCE(MAX(position), -1) FROM members")
        shift = cursor.fetchone()[0] + 1
        for group in plan.groups:
            basis = _json(plan.measured.get(group.number))
            cursor.execute(
                "INSERT INTO groups VALUES (?, ?, ?)",
                (group.number, group.together, basis),
            )
            cursor.executemany(
                "INSERT INTO members (position, identity, settings, world, objective, "
                "seed, group_number) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        shift + plan.positions[member.identity],
                        member.identity,
                        _json(settings_of(member)),
                        plan.worlds.get(member.identity, ""),
                        member.config.objective.kind,
                        member.config.seed,
                        group.number,
                    )
                    for member in group.members
                ],
            )

    def mark_running(self, identities: Sequence[str]) -> None:
        """Say that these members train now."""
        with self._writing() as cursor:
            cursor.executemany(
                "UPDATE members SET state = 'running' WHERE identity = ?",
                [(identity,) for identity in identities],
            )

    def reset_running(self) -> None:
        """Say that no member trains now: the process that trained them has ended."""
        with self._writing() as cursor:
            cursor.execute(
                "UPDATE members SET state = 'planned' WHERE state = 'running'"
            )

    def plan_again(self, state: str) -> None:
        """Plan the members in this state (`failed`) again."""
        with self._writing() as cursor:
            cursor.execute(
                "UPDATE members SET state = 'planned', step = NULL, reason = NULL, "
                "ended = NULL WHERE state = ?",
                (state,),
            )

    def halve(self, group: int, together: int) -> None:
        """Say that so many members of a group train at once from now on."""
        with self._writing() as cursor:
            cursor.execute(
                "UPDATE groups SET together = ? WHERE number = ?", (together, group)
            )

    def record(self, result: Done | Failed, kept: str | None = None) -> None:
        """Write the result of a member, whole or not at all."""
        with self._writing() as cursor:
            if isinstance(result, Failed):
                self._record_failed(cursor, result)
            else:
                self._record_done(cursor, result, kept)

    def set_kept(self, identity: str, kept: str | None) -> None:
        """Say in which folder the weights of a member are; None: they are not kept."""
        with self._writing() as cursor:
            cursor.execute(
                "UPDATE members SET kept = ? WHERE identity = ?", (kept, identity)
            )

    def _record_failed(self, cursor: sqlite3.Cursor, result: Failed) -> None:
        cursor.execute(
            "UPDATE members SET state = 'failed', step = ?, reason = ?, "
            "training_seconds = ?, ended = ? WHERE identity = ?",
            (
                result.step,
                result.reason,
                result.training_seconds,
                _now(),
                result.identity,
            ),
        )
        cursor.execute(
            "INSERT OR REPLACE INTO details (identity, history) VALUES (?, ?)",
            (result.identity, _packed(_history(result.history, None))),
        )

    def _record_done(
        self, cursor: sqlite3.Cursor, result: Done, kept: str | None
    ) -> None:
        run, identity = result.run, result.identity
        judged = [m for m in run.answer.matches if m.verdict != "undefined"]
        fit = run.answer.fit
        chosen = _chosen_history(run)
        cursor.execute(
            "UPDATE members SET state = 'done', step = ?, reason = NULL, verdict = ?, "
            "factors = ?, clear = ?, elbo = ?, test_elbo = ?, loss = ?, "
            "training_seconds = ?, measuring_seconds = ?, ended = ?, kept = ? "
            "WHERE identity = ?",
            (
                run.config.training.steps,
                run.answer.verdict,
                len(judged),
                sum(match.verdict == "clear" for match in judged),
                None if fit is None else fit.elbo,
                None if run.test is None else run.test["elbo"],
                chosen[-1].loss if chosen else None,
                result.training_seconds,
                result.measuring_seconds,
                _now(),
                kept,
                identity,
            ),
        )
        for match in run.answer.matches:
            cursor.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (
                    identity,
                    match.factor,
                    match.latent,
                    _real(match.share),
                    _real(match.readout),
                    match.verdict,
                ),
            )
        for score in result.scores:
            cursor.execute(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?)",
                (identity, score.id, _real(score.value), score.undefined),
            )
        candidates = [
            {
                "member": m.member,
                "chosen": m.chosen,
                "selection_loss": m.selection_loss,
                "verdict": None if m.answer is None else m.answer.verdict,
            }
            for m in run.members
        ]
        answer = {**run.answer.to_json(), "test": run.test}
        cursor.execute(
            "INSERT OR REPLACE INTO details VALUES (?, ?, ?, ?, ?)",
            (
                identity,
                _packed(answer),
                _packed([score.to_json() for score in result.scores]),
                _packed([row_to_json(row) for row in chosen]),
                _packed(candidates),
            ),
        )

    # what anyone reads

    def facts(self) -> dict[str, Any]:
        """The facts about the sweep: format, spec, versions, what is kept."""
        rows = self._rows("SELECT name, value FROM facts")
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
        rows = self._rows(
            f"SELECT * FROM members WHERE {where} ORDER BY position", values
        )
        return [
            Entry(*row[:2], json.loads(row[2]), *row[3:])  # type: ignore[call-arg]
            for row in rows
        ]

    def counts(self) -> dict[str, int]:
        """Number of members in each state."""
        found = dict(self._rows("SELECT state, COUNT(*) FROM members GROUP BY state"))
        return {state: found.get(state, 0) for state in STATES}

    def groups(self) -> list[Group]:
        """The groups as they were planned, with all of their members.

        Raises: RunFolderError if the settings of a member cannot be read.
        """
        together = dict(self._rows("SELECT number, together FROM groups"))
        members: dict[int, list[Member]] = {number: [] for number in together}
        rows = self._rows(
            "SELECT identity, settings, world, group_number FROM members "
            "ORDER BY position"
        )
        for identity, settings, world, number in rows:
            try:
                member = member_from_json(
                    identity, json.loads(settings), self.folder / world
                )
            except (ConfigError, ValueError) as error:
                raise RunFolderError(
                    f"{self.folder / LEDGER} is damaged: the settings of member "
                    f"{identity}: {error}"
                ) from None
            members[number].append(member)
        return [
            Group(number, tuple(members[number]), together[number])
            for number in sorted(together)
        ]

    def measured(self) -> dict[int, Any]:
        """What the size of each group rests on (JSON values), by its number."""
        rows = self._rows("SELECT number, measured FROM groups")
        return {number: json.loads(text) for number, text in rows}

    def answers(self) -> dict[str, list[tuple[str, int | None, Any, Any, str]]]:
        """Factor, latent, share, readout and verdict, of each factor, by identity."""
        found: dict[str, list[Any]] = {}
        for identity, *row in self._rows(
            "SELECT answers.* FROM answers ORDER BY identity, factor"
        ):
            found.setdefault(identity, []).append(tuple(row))
        return found

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Value of each score (None: undefined) by its id, by identity."""
        found: dict[str, dict[str, float | None]] = {}
        for identity, score, value in self._rows(
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

    def history(self, identity: str) -> list[HistoryRow]:
        """The history of the selected VAE of a member; empty if there is none.

        Of a member that failed, that of all its VAEs.
        """
        return [row_from_json(row) for row in self._detail("history", identity) or []]

    def candidates(self, identity: str) -> list[dict[str, Any]]:
        """The VAEs that started together: number, chosen, selection loss, verdict."""
        return self._detail("candidates", identity) or []

    def _detail(self, column: str, identity: str) -> Any:
        rows = self._rows(
            f"SELECT {column} FROM details WHERE identity = ?", (identity,)
        )
        blob = rows[0][0] if rows else None
        return None if blob is None else json.loads(zlib.decompress(blob))

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        """A transaction: everything in it is written, or nothing."""
        with self._explained():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of SQLite into one that says what to do."""
        path = self.folder / LEDGER
        try:
            yield
        except sqlite3.OperationalError as error:
            raise RunFolderError(
                f"cannot write or read {path}: {error}. What was recorded before is "
                "intact; mend the cause (a full disk, rights of the folder, another "
                "program that holds the file) and continue with --resume."
            ) from error
        except (sqlite3.DatabaseError, zlib.error) as error:
            raise RunFolderError(
                f"{path} is damaged: {error}. Restore it from a copy, or start the "
                "sweep again in another folder."
            ) from error


def has_ledger(folder: Path) -> bool:
    """Whether a folder holds a ledger; a half-made one does not count.

    Raises: RunFolderError if its file is not a ledger.
    """
    path = folder / LEDGER
    if not path.is_file():
        return False
    connection = _connected(path)
    try:
        query = "SELECT COUNT(*) FROM sqlite_master"
        return connection.execute(query).fetchone()[0] > 0
    except sqlite3.Error as error:
        raise RunFolderError(
            f"{path} is damaged: {error}. Restore it from a copy, or choose another "
            "folder."
        ) from None
    finally:
        connection.close()


def settings_of(member: Member) -> dict[str, Any]:
    """The settings of a member as a run's config.json holds them."""
    settings = canonical_settings(member.config)
    world = member.config.world
    for name in ("images", "labels"):
        if name not in settings["world"] and hasattr(world, name):
            settings["world"][name] = getattr(world, name)
    return settings


def _connected(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        raise RunFolderError(
            f"{path} is damaged, or cannot be opened: {error}. Restore it from a copy, "
            "or choose another folder."
        ) from None
    return connection


def _chosen_history(run: Run) -> list[HistoryRow]:
    chosen = next((m.member for m in run.members if m.chosen), 0)
    return [row for row in run.history if row.member == chosen]


def _history(rows: Sequence[HistoryRow], number: int | None) -> list[dict[str, Any]]:
    return [row_to_json(row) for row in rows if number in (None, row.member)]


def _packed(content: Any) -> bytes:
    return zlib.compress(json.dumps(content).encode())


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _real(value: float) -> float | None:
    return float(value) if value == value else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
