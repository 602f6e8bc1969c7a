"""A sweep that ends at any write, flush or rename goes on to the same table.

Every call that changes the disk is noted (`watched_disk`). A process that is killed
leaves what the calls up to then have made; so each of these folders is made, half of a
write included, and the sweep continued in it. The same for a cut of power, which loses
what was not flushed; and for calls that fail.
"""

import errno
import random
import re
from pathlib import Path

import pytest

from rehearsed import Rehearsal, finish, rows_of
from tinyvae.errors import RunFolderError
from watched_disk import Replay, after_power_cut, content_of, fail_at, watched_disk

SWEEP = "sweep"
CAUSE = re.compile(r"Input/output|disk I/O|unable to open|No space left|is full")
ADVICE = re.compile("--resume|--out")


class Watched:
    """A sweep that was watched from start to end, and what its folder must end as."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rehearsal = Rehearsal()
        self.rehearsal.run(folder / "rehearsal")
        whole = folder / "whole"
        whole.mkdir()
        with watched_disk(whole) as disk:
            # a mark says how many members have ended
            self.rehearsal.run(
                whole / SWEEP, watch=lambda p: disk.mark(str(p.done + p.failed))
            )
        self.calls = disk.calls
        self.content = content_of(whole)
        self.rows = rows_of(whole / SWEEP)
        with watched_disk(whole):
            self.end = finish(self.rehearsal, whole / SWEEP)
        self.ends_well: set[tuple[int, int | None]] = set()

    def ended_before(self, place: int) -> int:
        """Members that were reported before this call."""
        marks = [int(c.path) for c in self.calls[:place] if c.what == "mark"]
        return marks[-1] if marks else 0

    def check(self, folder: Path, ended: int) -> None:
        """A sweep that was stopped has its results, and ends as one that was not.

        What follows depends on the folder alone, so the same folder is tried once.
        """
        if (state_of(folder), ended) in self.ends_well:
            return
        self.ends_well.add((state_of(folder), ended))
        with watched_disk(folder):
            found = rows_of(folder / SWEEP)  # undoes what is half done
            assert len(found) >= ended, f"of {ended} results {len(found)} are there"
            for name, row in found.items():
                rest = {**row, "kept": ""}
                assert rest == {**self.rows[name], "kept": ""}
            state = state_of(folder)
            if (state, None) not in self.ends_well:
                assert finish(self.rehearsal, folder / SWEEP) == self.end
                self.ends_well.add((state, None))


def state_of(folder: Path) -> int:
    return hash(tuple(content_of(folder).items()))


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Watched:
    return Watched(tmp_path_factory.mktemp("faults"))


def test_the_notes_are_complete(watched, tmp_path):
    replay = Replay(tmp_path / "replay")
    for call in watched.calls:
        replay.make(call)
    assert content_of(replay.root) == watched.content
    kinds = {call.what for call in watched.calls}
    assert kinds >= {"create", "write", "sync", "rename", "delete", "sync folder"}
    assert watched.ended_before(len(watched.calls)) == 4


@pytest.mark.slow
def test_a_kill_between_any_two_calls_loses_nothing(watched, tmp_path):
    replay = Replay(tmp_path / "replay")
    for place, call in enumerate(watched.calls):
        ended = watched.ended_before(place)
        if call.what == "write" and len(call.content) > 1:
            copy = Replay(replay.copied_to(tmp_path / "half"))
            copy.make(call, 0.5)
            watched.check(copy.root, ended)
        replay.make(call)
        watched.check(replay.copied_to(tmp_path / "killed"), ended)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_a_power_cut_between_any_two_calls_loses_nothing(seed, watched, tmp_path):
    rng = None if seed is None else random.Random(seed)
    for place in range(len(watched.calls)):
        folder = tmp_path / str(place)
        after_power_cut(watched.calls[:place], folder, rng)
        watched.check(folder, watched.ended_before(place))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "onwards"), [(errno.EIO, False), (errno.ENOSPC, True)]
)
def test_any_call_may_fail(number, onwards, watched, tmp_path):
    """One call fails; or the disk is full from then on, until there is space again."""
    for place, call in enumerate(c for c in watched.calls if c.what != "mark"):
        folder = tmp_path / str(place)
        folder.mkdir()
        ended, said = [0], []

        def watch(progress, ended=ended):
            ended.append(progress.done + progress.failed)

        with watched_disk(folder, fail_at(place, number, onwards=onwards)) as disk:
            try:
                watched.rehearsal.run(folder / SWEEP, watch=watch)
            except RunFolderError as error:
                said.append(str(error))
        assert all(CAUSE.search(text) and ADVICE.search(text) for text in said), said
        assert disk.failed[0].what == call.what
        watched.check(folder, ended[-1])
