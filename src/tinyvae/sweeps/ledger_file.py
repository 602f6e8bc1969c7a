"""The ledger of a sweep: one SQLite file with every member, and all that came of it.

One process writes, in short transactions; others may read at any time. The journal is
SQLite's rollback journal, rather than a write-ahead log: a killed process or a torn
page is undone by the next that opens the file; at rest the ledger is one file, which
can be copied; and it works on network file systems, where a write-ahead log does not.
It is flushed in full at each commit, and its folder too (EXTRA), without which a power
cut may bring back a journal that was removed, and so undo the commit. Commits are rare
enough (one for each member) for the cost, a few milliseconds, not to matter.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tinyvae.errors import RunFolderError
from tinyvae.sweeps.ledger_digests import check_details, check_digests, seal_whole

LEDGER = "ledger.sqlite"
LEDGER_FORMAT = 1
BUSY_SECONDS = 30.0  # that a reader or the writer waits for the other

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
    kept TEXT                       -- folder or URL of the run, if its weights are kept
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


class LedgerFile:
    """The file of a ledger, opened; every error says what to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection = _connected(folder / LEDGER)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def create(self, facts: Mapping[str, Any]) -> None:
        """Make the tables, with facts about the sweep; within `writing`."""
        for statement in SCHEMA.split(";"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {LEDGER_FORMAT}")
        for name, value in {"format": LEDGER_FORMAT, **facts}.items():
            row = (name, json_text(value))
            self._connection.execute("INSERT INTO facts VALUES (?, ?)", row)
        seal_whole(self._connection.cursor())

    def check(self, *, whole: bool) -> None:
        """Refuse a file of another format, or whose members are not as they were.

        If `whole`, all of the file is checked.

        Raises: RunFolderError.
        """
        ((found,),) = self.rows("PRAGMA user_version")
        if found != LEDGER_FORMAT:
            raise RunFolderError(
                f"{self.folder / LEDGER}: expected a ledger of format {LEDGER_FORMAT} "
                f"that tinyvae wrote, got format {found}."
            )
        with self.reading() as cursor:
            if whole:
                rows = cursor.execute("PRAGMA integrity_check(1)").fetchall()
                if rows != [("ok",)]:
                    raise sqlite3.DatabaseError(rows[0][0])
                check_details(cursor)
            check_digests(cursor)

    def only_read(self) -> None:
        """Refuse to write from now on."""
        self._connection.execute("PRAGMA query_only = ON")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query gives."""
        with explained(self.folder / LEDGER):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """A cursor; what is wrong in what it gives is a damage of the file."""
        with explained(self.folder / LEDGER):
            try:
                yield self._connection.cursor()
            except (ValueError, TypeError) as error:
                raise sqlite3.DatabaseError(str(error)) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """A transaction: everything in it is written, or nothing."""
        with explained(self.folder / LEDGER):
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
def explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into one that says what to do."""
    try:
        yield
    # a message of SQLite may quote damaged bytes, which are then no text
    except (sqlite3.DatabaseError, zlib.error, UnicodeDecodeError) as error:
        # the statement does not fit the tables, so these are not as they were made
        wrong = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        if isinstance(error, sqlite3.OperationalError) and not wrong:
            raise RunFolderError(
                f"cannot write or read {path}: {error}. What was recorded before is "
                "intact; mend the cause (a full disk, rights of the folder, another "
                "program that holds the file) and continue with --resume."
            ) from error
        raise RunFolderError(
            f"{path} is damaged: {error}. Restore it from a copy, or start the "
            "sweep again in another folder."
        ) from error


def has_ledger(folder: Path) -> bool:
    """Whether a folder holds a ledger; a half-made one does not count.

    Raises: RunFolderError if its file is not a ledger, or cannot be read.
    """
    path = folder / LEDGER
    if not path.is_file():
        return False
    with explained(path), closing(_connected(path)) as connection:
        query = "SELECT COUNT(*) FROM sqlite_master"
        return connection.execute(query).fetchone()[0] > 0


def _connected(path: Path) -> sqlite3.Connection:
    with explained(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def packed(content: Any) -> bytes:
    """JSON values as compressed bytes."""
    return zlib.compress(json.dumps(content).encode())


def json_text(content: Any) -> str:
    """JSON values as a text."""
    return json.dumps(content, ensure_ascii=False)
