"""A sweep that ends at any write, flush or rename goes on to the same table.

Every call that changes the disk is noted (`watched_disk`). A process that is killed
leaves what the calls up to then have made; so each of these folders is made, half of a
write included, and the sweep continued in it. The same for a cut of power, which loses
what was not flushed; and for calls that fail.
"""

import errno
import random
import re

import pytest

from tinyvae.errors import RunFolderError
from watched_disk import Replay, after_power_cut, content_of, fail_at, watched_disk
from watched_sweep import SWEEP

CAUSE = re.compile(r"Input/output|disk I/O|unable to open|No space left|is full")
ADVICE = re.compile("--resume|--out")


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
        if call.what == "write" and len(call.content) >= 512:
            copy = Replay(replay.copied_to(tmp_path / "half"))
            copy.make(call, 0.5)
            watched.check(copy.root, ended)
        replay.make(call)
        if not call.what.startswith("sync"):  # which changes nothing for a kill
            watched.check(replay.copied_to(tmp_path / "killed"), ended)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 0])
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
