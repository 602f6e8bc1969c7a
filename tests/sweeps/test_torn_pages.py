"""A ledger whose last pages are torn is as it was at a commit, or it is refused."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import tinyvae as tv
from tinyvae.errors import DataError, RunFolderError
from tinyvae.sweeps.ledger_file import LEDGER
from tinyvae.sweeps.ledger_writing import continue_ledger
from watched_disk import Replay, watched_disk
from watched_sweep import SWEEP, Watched

SECTOR, PAGE = 512, 4096  # bytes: what a disk writes at once, and SQLite
LAST = 3 * PAGE


def damages(content: bytes) -> Iterator[bytes]:
    """The last pages cut off, zeroed, or with one bit flipped, in each sector."""
    rng = random.Random(0)
    for place in range(max(0, len(content) - LAST), len(content), SECTOR):
        yield content[:place]
        yield content[:place] + bytes(SECTOR) + content[place + SECTOR :]
        flipped = bytearray(content)
        byte = min(place + rng.randrange(SECTOR), len(content) - 1)
        flipped[byte] ^= 1 << rng.randrange(8)
        yield bytes(flipped)


def everything(folder: Path) -> list:
    """All that can be read of a sweep."""
    table = tv.load_sweep(folder)
    rows = [[(name, repr(cell)) for name, cell in row.items()] for row in table]
    done = [place for place, state in enumerate(table["state"]) if state == "done"]
    details = [(table.answer(p).to_json(), repr(table.history(p))) for p in done]
    return [rows, repr(details)]


def after(watched: Watched, place: int, folder: Path) -> Replay:
    """The folder as it was after so many calls."""
    replay = Replay(folder)
    for call in watched.calls[:place]:
        replay.make(call)
    return replay


def at_commit(watched: Watched, ended: int) -> int:
    """The place at which so many members were reported."""
    marks = [call.what == "mark" and call.path == str(ended) for call in watched.calls]
    return marks.index(True)


def refused(folder: Path) -> bool:
    """Whether a writer refuses the ledger."""
    try:
        continue_ledger(folder).close()
    except RunFolderError as error:
        return "Restore it from a copy, or start" in str(error)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("name", [LEDGER, f"{LEDGER}-journal"])
def test_a_torn_page_is_undone_or_refused(name, watched, tmp_path):
    place = at_commit(watched, 3)
    if name != LEDGER:  # while the pages of the third member are written
        while watched.calls[place].path != f"{SWEEP}/{LEDGER}":
            place -= 1
        place -= 2
    replay = after(watched, place, tmp_path / "whole")
    content = (replay.root / SWEEP / name).read_bytes()
    now = everything(replay.copied_to(tmp_path / "now") / SWEEP)
    third = after(watched, at_commit(watched, 3), tmp_path / "third").root
    committed = [now, everything(third / SWEEP)]
    found = {"refused": 0, "as it was": 0}
    for damaged in damages(content):
        folder = replay.copied_to(tmp_path / "torn")
        (folder / SWEEP / name).write_bytes(damaged)
        with watched_disk(folder):
            readable = None
            try:
                readable = everything(folder / SWEEP)
            except (RunFolderError, DataError):
                found["refused"] += 1
            assert readable is None or readable in committed
            if readable is not None and not refused(folder / SWEEP):
                watched.check(folder, 2)
                found["as it was"] += 1
    assert min(found.values()) > 0
