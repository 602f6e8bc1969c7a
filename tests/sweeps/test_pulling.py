"""Events arrive in order, errors too, and an early stop closes the engine."""

import threading
import time

import pytest

from tinyvae.sweeps.pulling import interruptible, pulled
from tinyvae.sweeps.results import Halved

EVENTS = [Halved(group, 1) for group in range(5)]


def test_events_arrive_in_order():
    with pulled(lambda: iter(EVENTS)) as events:
        assert list(events) == EVENTS


def test_an_error_of_the_engine_is_raised_after_the_events_before_it():
    def broken():
        yield EVENTS[0]
        raise ValueError("broken")

    with pulled(broken) as events:
        assert next(events) == EVENTS[0]
        with pytest.raises(ValueError, match="broken"):
            next(events)


def test_an_early_stop_closes_the_engine():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield EVENTS[0]
        finally:
            closed.set()

    with pulled(endless) as events:
        assert next(events) == EVENTS[0]
    assert closed.wait(5)


def test_an_early_stop_does_not_wait_for_long_work():
    release = threading.Event()

    def busy():
        yield EVENTS[0]
        release.wait(60)
        yield EVENTS[1]

    started = time.monotonic()
    with pulled(busy) as events:
        next(events)
    assert time.monotonic() - started < 5
    release.set()


def test_an_engine_is_at_most_two_events_ahead():
    made = []

    def counting():
        for event in EVENTS:
            made.append(event)
            yield event

    with pulled(counting) as events:
        next(events)
        time.sleep(0.5)
        assert len(made) <= 3
        assert list(events) == EVENTS[1:]


def test_work_in_a_thread_returns_or_raises():
    assert interruptible(lambda: 3) == 3

    def broken():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        interruptible(broken)
