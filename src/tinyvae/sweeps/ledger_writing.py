"""The ledger of a sweep, written: only by the process that holds the lock."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.runs.run import Run
from tinyvae.sweeps.ledger import Ledger, open_file
from tinyvae.sweeps.ledger_digests import seal, seal_whole
from tinyvae.sweeps.ledger_file import (
    LEDGER,
    LedgerFile,
    has_ledger,
    json_text,
    packed,
)
from tinyvae.sweeps.members import Member, canonical, member_from_json
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Done, Failed
from tinyvae.training.history import HistoryRow, row_to_json


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


class LedgerWriter:
    """Writes the ledger in a folder; `read` reads it through the same file.

    Every method is one transaction: it is written whole, or not at all. Use
    `create_ledger` or `continue_ledger`.
    """

    def __init__(self, file: LedgerFile) -> None:
        self.file = file
        self.read = Ledger(file)

    @property
    def folder(self) -> Path:
        """The folder of the sweep."""
        return self.file.folder

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def add(self, plan: Plan) -> None:
        """Add groups of members that are not in the ledger, in their order."""
        with self.file.writing() as cursor:
            self.insert(cursor, plan)

    def insert(self, cursor: sqlite3.Cursor, plan: Plan) -> None:
        """Add groups and members within a transaction."""
        cursor.execute("SELECT COALESCE(MAX(position), -1) FROM members")
        shift = cursor.fetchone()[0] + 1
        for group in plan.groups:
            basis = json_text(plan.measured.get(group.number))
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
                        json_text(settings_of(member)),
                        plan.worlds.get(member.identity, ""),
                        member.config.objective.kind,
                        member.config.seed,
                        group.number,
                    )
                    for member in group.members
                ],
            )
            seal(cursor, [member.identity for member in group.members])

    def set_fact(self, name: str, value: Any) -> None:
        """Write a fact about the sweep (JSON values) in place of the former one."""
        with self.file.writing() as cursor:
            row = (name, json_text(value))
            cursor.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", row)
            seal_whole(cursor)

    def mark_running(self, identities: Sequence[str]) -> None:
        """Say that these members train now."""
        with self.file.writing() as cursor:
            cursor.executemany(
                "UPDATE members SET state = 'running' WHERE identity = ?",
                [(identity,) for identity in identities],
            )
            seal(cursor, identities)

    def reset_running(self) -> None:
        """Say that no member trains now: the process that trained them has ended."""
        self.plan_again("running")

    def plan_again(self, state: str) -> None:
        """Plan the members in this state (`failed`) again."""
        identities = [entry.identity for entry in self.read.entries(state)]
        with self.file.writing() as cursor:
            cursor.execute(
                "UPDATE members SET state = 'planned', step = NULL, reason = NULL, "
                "ended = NULL WHERE state = ?",
                (state,),
            )
            seal(cursor, identities)

    def halve(self, group: int, together: int) -> None:
        """Say that so many members of a group train at once from now on."""
        with self.file.writing() as cursor:
            cursor.execute(
                "UPDATE groups SET together = ? WHERE number = ?", (together, group)
            )

    def record(self, result: Done | Failed, kept: str | None = None) -> None:
        """Write the result of a member, whole or not at all."""
        with self.file.writing() as cursor:
            if isinstance(result, Failed):
                self._record_failed(cursor, result)
            else:
                self._record_done(cursor, result, kept)
            seal(cursor, [result.identity])

    def set_kept(self, identity: str, kept: str | None) -> None:
        """Say where the weights of a member are; None: they are not kept."""
        with self.file.writing() as cursor:
            cursor.execute(
                "UPDATE members SET kept = ? WHERE identity = ?", (kept, identity)
            )
            seal(cursor, [identity])

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
            (result.identity, packed(_history(result.history, None))),
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
            share, readout = match.judged
            cursor.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (
                    identity,
                    match.factor,
                    match.latent,
                    _real(share),
                    _real(readout),
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
                packed(answer),
                packed([score.to_json() for score in result.scores]),
                packed([row_to_json(row) for row in chosen]),
                packed(candidates),
            ),
        )

    def groups(self) -> list[Group]:
        """The groups as they were planned, with all of their members.

        Raises: RunFolderError if the settings of a member cannot be read.
        """
        together = dict(self.file.rows("SELECT number, together FROM groups"))
        members: dict[int, list[Member]] = {number: [] for number in together}
        rows = self.file.rows(
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


def create_ledger(folder: Path, facts: Mapping[str, Any], plan: Plan) -> LedgerWriter:
    """A new ledger with facts (JSON values) about the sweep, and its plan.

    Raises: RunFolderError if the folder holds one, or cannot be written.
    """
    check_no_ledger(folder)
    writer = LedgerWriter(LedgerFile(folder))
    try:
        with writer.file.writing() as cursor:
            writer.file.create(facts)
            writer.insert(cursor, plan)
    except BaseException:
        writer.close()
        raise
    return writer


def continue_ledger(folder: Path) -> LedgerWriter:
    """The ledger of a folder, checked for damage.

    Raises: RunFolderError if there is none, or if it is damaged.
    """
    return LedgerWriter(open_file(folder, write=True))


def check_no_ledger(folder: Path) -> None:
    """Refuse a folder that holds a sweep.

    Raises: RunFolderError.
    """
    if has_ledger(folder):
        raise RunFolderError(
            f"{folder} already holds a sweep. Continue it with --resume, or choose "
            "another --out."
        )


def settings_of(member: Member) -> dict[str, Any]:
    """The settings of a member as a run's config.json holds them."""
    settings = canonical(member.config)
    world = member.config.world
    for name in ("images", "labels"):
        if name not in settings["world"] and hasattr(world, name):
            settings["world"][name] = getattr(world, name)
    return settings


def _chosen_history(run: Run) -> list[HistoryRow]:
    chosen = next((m.member for m in run.members if m.chosen), 0)
    return [row for row in run.history if row.member == chosen]


def _history(rows: Sequence[HistoryRow], number: int | None) -> list[dict[str, Any]]:
    return [row_to_json(row) for row in rows if number in (None, row.member)]


def _real(value: float) -> float | None:
    return float(value) if value == value else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
