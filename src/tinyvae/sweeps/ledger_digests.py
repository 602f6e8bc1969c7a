"""Digests of what the ledger says of each member, since SQLite's pages have none.

A torn page or a flipped bit may leave a file that SQLite reads without complaint. So
the row of each member, its answers and its scores have a digest, written in the same
transaction; the details have that of zlib.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable

SCHEMA = """
CREATE TABLE IF NOT EXISTS digests (
    identity TEXT PRIMARY KEY, digest INTEGER NOT NULL
) WITHOUT ROWID
"""
PARTS = (
    "SELECT identity, members.* FROM members",
    "SELECT identity, answers.* FROM answers",
    "SELECT identity, scores.* FROM scores",
)
ORDER = " ORDER BY 1, 2, 3"
WHOLE = "the sweep"  # in the place of an identity: tables and facts, which stay
WHOLE_PARTS = (
    "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN "
    "('facts', 'groups', 'members', 'answers', 'scores', 'details')",
    "SELECT name, value, 0 FROM facts",
)


def seal(cursor: sqlite3.Cursor, identities: Iterable[str]) -> None:
    """Write the digests of members that were changed in this transaction."""
    cursor.execute(SCHEMA)
    for identity in identities:
        found = _digests(cursor, " WHERE identity = ?", (identity,))
        cursor.executemany(
            "INSERT OR REPLACE INTO digests VALUES (?, ?)", found.items()
        )


def seal_whole(cursor: sqlite3.Cursor) -> None:
    """Write the digest of the tables and facts, where one of them was changed."""
    cursor.execute(SCHEMA)
    row = (WHOLE, _digest_of_whole(cursor))
    cursor.execute("INSERT OR REPLACE INTO digests VALUES (?, ?)", row)


def check_digests(cursor: sqlite3.Cursor) -> None:
    """Compare all members with their digests, in one look at the file.

    Members without one, of a ledger that was written before there were digests, pass.

    Raises: sqlite3.DatabaseError if one differs.
    """
    cursor.execute("BEGIN")
    try:
        tables = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'digests'"
        if not cursor.execute(tables).fetchone()[0]:
            return
        expected = dict(cursor.execute("SELECT * FROM digests").fetchall())
        found = {**_digests(cursor), WHOLE: _digest_of_whole(cursor)}
    finally:
        cursor.execute("COMMIT")
    for identity, digest in expected.items():
        if found.get(identity) != digest:
            raise sqlite3.DatabaseError(
                f"what it says of {identity} is not as it was written"
            )


def check_details(cursor: sqlite3.Cursor) -> None:
    """Unpack all answers, scores and histories.

    Raises: zlib.error or TypeError if one is damaged.
    """
    for row in cursor.execute(
        "SELECT answer, scores, history, candidates FROM details"
    ):
        for blob in row:
            if blob is not None:
                zlib.decompress(blob)


def _digests(
    cursor: sqlite3.Cursor, where: str = "", values: tuple[str, ...] = ()
) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in PARTS:
        for identity, *row in cursor.execute(part + where + ORDER, values):
            found[identity] = zlib.crc32(repr(row).encode(), found.get(identity, 0))
    return found


def _digest_of_whole(cursor: sqlite3.Cursor) -> int:
    digest = 0
    for part in WHOLE_PARTS:
        for row in cursor.execute(part + ORDER):
            digest = zlib.crc32(repr(row).encode(), digest)
    return digest
