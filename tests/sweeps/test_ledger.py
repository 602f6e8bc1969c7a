"""The ledger: whole or not at all, read while it is written, one writer."""

import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

import tinyvae as tv
from tinyvae.errors import RunFolderError
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_digests import seal
from tinyvae.sweeps.ledger_file import LEDGER, has_ledger
from tinyvae.sweeps.ledger_writing import (
    LedgerWriter,
    Plan,
    continue_ledger,
    create_ledger,
)
from tinyvae.sweeps.lock import has_writer, only_writer
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.plan import Group
from tinyvae.sweeps.results import Failed

MEMBERS = members_of([tv.RunConfig(tv.Circles(8), seed=s) for s in range(4)], Worlds())


def plan(members=MEMBERS, first: int = 0) -> Plan:
    groups = [
        Group(first + place, (member,), 1) for place, member in enumerate(members)
    ]
    positions = {member.identity: place for place, member in enumerate(members)}
    return Plan(groups, positions, {}, {})


@pytest.fixture
def ledger(tmp_path) -> LedgerWriter:
    return create_ledger(tmp_path, {"spec": {"seeds": "0:4"}}, plan())


def test_what_is_planned_comes_back(ledger, tmp_path):
    with open_ledger(tmp_path) as found:
        assert found.facts() == {"format": 1, "spec": {"seeds": "0:4"}}
        assert [e.identity for e in found.entries()] == [m.identity for m in MEMBERS]
        assert [e.seed for e in found.entries()] == [0, 1, 2, 3]
        assert {e.objective for e in found.entries()} == {"coarse-to-fine"}
    groups = continue_ledger(tmp_path).groups()
    assert [group.members[0].config for group in groups] == [m.config for m in MEMBERS]


def test_states_follow_one_another(ledger):
    first, second, third = (member.identity for member in MEMBERS[:3])
    ledger.mark_running([first, second, third])
    ledger.record(Failed(first, 7, "too bold"))
    counts = {"planned": 1, "running": 2, "done": 0, "failed": 1}
    assert ledger.read.counts() == counts
    entry = ledger.read.entry(first)
    assert (entry.state, entry.step, entry.reason) == ("failed", 7, "too bold")
    ledger.reset_running()
    assert ledger.read.counts()["planned"] == 3
    ledger.plan_again("failed")
    assert ledger.read.counts()["planned"] == 4
    assert ledger.read.entry(first).reason is None


def test_new_groups_come_after_the_old_ones(ledger):
    more = members_of([tv.RunConfig(tv.Circles(8), seed=9)], Worlds())
    ledger.add(plan(more, first=4))
    assert [entry.seed for entry in ledger.read.entries()] == [0, 1, 2, 3, 9]
    assert [entry.group for entry in ledger.read.entries()] == [0, 1, 2, 3, 4]


def test_a_member_cannot_come_twice(ledger):
    with pytest.raises(RunFolderError, match="UNIQUE constraint"):
        ledger.add(plan(MEMBERS[:1], first=4))
    assert len(ledger.read.entries()) == 4


def test_a_halved_group_stays_halved(ledger, tmp_path):
    ledger.halve(2, 5)
    assert [group.together for group in continue_ledger(tmp_path).groups()][2] == 5


def test_readers_cannot_write(ledger, tmp_path):
    found = open_ledger(tmp_path)
    with (
        pytest.raises(RunFolderError, match="readonly"),
        found.file.writing() as cursor,
    ):
        cursor.execute("DELETE FROM members")


def test_readers_see_the_state_before_an_unfinished_transaction(ledger, tmp_path):
    with ledger.file.writing() as cursor:
        cursor.execute("UPDATE members SET state = 'failed'")
        seal(cursor, [member.identity for member in MEMBERS])
        with open_ledger(tmp_path) as found:
            assert found.counts()["planned"] == 4
    with open_ledger(tmp_path) as found:
        assert found.counts()["failed"] == 4


def test_a_ledger_is_not_made_twice(ledger, tmp_path):
    with pytest.raises(RunFolderError, match="already holds a sweep"):
        create_ledger(tmp_path, {}, plan())


@pytest.mark.parametrize("content", [b"", b"not a database, but long" * 50])
def test_what_is_no_ledger_is_refused(content, tmp_path):
    (tmp_path / LEDGER).write_bytes(content)
    message = "is damaged" if content else "expected the folder of a sweep"
    with pytest.raises(RunFolderError, match=message):
        open_ledger(tmp_path)


def test_a_ledger_of_another_format_is_refused(ledger, tmp_path):
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(RunFolderError, match=r"of format 1 .* got format 7"):
        open_ledger(tmp_path)


def test_a_torn_page_is_found_before_anything_is_written(ledger, tmp_path):
    ledger.close()
    path = tmp_path / LEDGER
    content = bytearray(path.read_bytes())
    content[-2048:] = os.urandom(2048)
    content[4096 * 3 : 4096 * 3 + 512] = bytes(512)
    path.write_bytes(content)
    with pytest.raises(RunFolderError, match="is damaged"):
        continue_ledger(tmp_path)


def test_a_full_disk_loses_nothing(ledger, tmp_path):
    file = ledger.file
    pages = file.rows("PRAGMA page_count")[0][0]
    file.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(RunFolderError, match="full.*intact.*--resume"):
        ledger.record(Failed(MEMBERS[0].identity, 1, os.urandom(20_000).hex()))
    assert ledger.read.counts()["planned"] == 4
    file.rows(f"PRAGMA max_page_count = {pages * 100}")
    ledger.record(Failed(MEMBERS[0].identity, 1, os.urandom(20_000).hex()))
    assert ledger.read.counts()["failed"] == 1


def die_within_a_transaction(folder: str) -> None:
    writer = continue_ledger(Path(folder))
    with writer.file.writing() as cursor:
        # more than the cache holds, so that pages of the file are overwritten
        cursor.execute("PRAGMA cache_size = 2")
        cursor.execute("UPDATE members SET reason = hex(randomblob(40000))")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_killed_within_a_transaction_changes_nothing(ledger, tmp_path):
    before = ledger.read.entries()
    ledger.close()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=die_within_a_transaction, args=(str(tmp_path),))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert (tmp_path / f"{LEDGER}-journal").exists()
    with open_ledger(tmp_path) as found:
        assert found.entries() == before
    assert continue_ledger(tmp_path).read.entries() == before


def hold(folder: str, seconds: float) -> None:
    with only_writer(Path(folder)):
        time.sleep(seconds)


def test_a_lock_ends_with_its_process(tmp_path):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=hold, args=(str(tmp_path), 600))
    process.start()
    end = time.monotonic() + 60
    while not has_writer(tmp_path) and time.monotonic() < end:
        time.sleep(0.1)
    with (
        pytest.raises(RunFolderError, match=f"in use by .*process {process.pid} of"),
        only_writer(tmp_path),
    ):
        pass
    process.kill()
    process.join(60)
    assert not has_writer(tmp_path)
    with only_writer(tmp_path):
        assert has_writer(tmp_path)


def test_a_half_made_ledger_does_not_count(tmp_path):
    sqlite3.connect(tmp_path / LEDGER).close()
    assert not has_ledger(tmp_path)
    create_ledger(tmp_path, {}, plan())
    assert has_ledger(tmp_path)
