"""A clock that jumps changes no result, no order, and nothing that is told of time."""

import datetime
import math
import time

import pytest

import tinyvae as tv
from rehearsed import finish
from watched_disk import watched_disk
from watched_sweep import SWEEP

HOUR, DAY = 3600.0, 86_400.0


class JumpingClock:
    """A wall clock that jumps each time it is read, and only ever by the last jump."""

    def __init__(self, jumps: tuple[float, ...]) -> None:
        self.jumps, self.reads, self.real = jumps, 0, time.time

    def __call__(self) -> float:
        self.reads += 1
        return self.real() + self.jumps[self.reads % len(self.jumps)]

    def patched(self, patch: pytest.MonkeyPatch) -> None:
        clock = self

        class Datetime(datetime.datetime):
            @classmethod
            def now(cls, tz=None):
                return cls.fromtimestamp(clock(), tz)

        patch.setattr(time, "time", self)
        for module in ("planning", "ledger_writing"):
            patch.setattr(f"tinyvae.sweeps.{module}.datetime", Datetime)


@pytest.mark.parametrize("jumps", [(0.0, -5 * HOUR), (0.0, 3 * DAY), (2 * DAY, -DAY)])
def test_a_clock_that_jumps_changes_nothing_but_the_dates(jumps, watched, tmp_path):
    seen, clock = [], JumpingClock(jumps)
    with pytest.MonkeyPatch.context() as patch, watched_disk(tmp_path) as disk:
        clock.patched(patch)
        watched.rehearsal.run(tmp_path / SWEEP, watch=seen.append)
        assert finish(watched.rehearsal, tmp_path / SWEEP) == watched.end
    assert clock.reads >= 5  # created, and each end
    seconds = [progress.seconds for progress in seen]
    assert seconds == sorted(seconds)
    assert 0 <= seconds[0] <= seconds[-1] < 600
    left = [p.seconds_left for p in seen if p.seconds_left is not None]
    assert left
    assert all(0 <= one < HOUR for one in left)
    # as many checkpoints as with a steady clock
    written = [c.path for c in disk.calls if c.what == "rename" and "check" in c.path]
    steady = [c for c in watched.calls if c.what == "rename" and "check" in c.path]
    assert len(written) == len(steady)
    table = tv.load_sweep(tmp_path / SWEEP)
    for row in table:
        if row["state"] == "done":
            for name in ("training_seconds", "measuring_seconds"):
                value = row[name]
                assert isinstance(value, float)
                assert math.isfinite(value)
                assert 0 <= value < HOUR


def test_no_interval_is_measured_with_the_wall_clock():
    """`time.time` may jump; it only tells the age of a file, and the date."""
    from pathlib import Path

    source = Path(tv.__file__).parent
    using = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if "time.time()" in path.read_text() or "datetime.now" in path.read_text()
    }
    assert using == {
        "interop/event_files.py",  # when a value was logged
        "interop/mlflow_run.py",  # the same
        "pictures/cache.py",  # the age of what killed processes left
        "sweeps/ledger_writing.py",  # `ended`
        "sweeps/planning.py",  # `created`
    }
