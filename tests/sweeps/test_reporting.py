"""What a worker reports, and how often."""

from tinyvae.sweeps.engines.reporting import at_modest_rate
from tinyvae.sweeps.results import Advanced, Failed, Started

STEPS = [Advanced(0, step, 40, 5, 100 - 5 * step, 0.5) for step in range(1, 21)]
START, END = Started(0, ("a",)), Failed("a", 20, "it diverged")


def test_steps_that_come_fast_are_reported_as_one():
    found = list(at_modest_rate([START, *STEPS, END], 60.0))
    assert found == [START, STEPS[0], Advanced(0, 20, 40, 95, 0, 9.5), END]


def test_steps_that_come_slowly_are_reported_each():
    assert list(at_modest_rate([START, *STEPS, END], 0.0)) == [START, *STEPS, END]


def test_no_picture_is_counted_twice_or_lost():
    for seconds in (0.0, 1e-6, 60.0):
        found = [e for e in at_modest_rate(STEPS, seconds) if isinstance(e, Advanced)]
        assert sum(event.pictures for event in found) == 100
        assert found[-1].step == 20
