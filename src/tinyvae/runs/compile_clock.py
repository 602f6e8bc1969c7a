"""The seconds that JAX compiles, so that other work is timed without them."""

from __future__ import annotations

import threading
import time
from functools import cache

import jax

COMPILING = "/jax/core/compile/"  # tracing, lowering, compiling or reading the cache


class _OfThread(threading.local):
    """What a thread has compiled: events of JAX begin and end in it, nested."""

    depth = 0
    started = 0.0
    seconds = 0.0


_here = _OfThread()


def compile_seconds() -> float:
    """Seconds that JAX has compiled in this thread; only differences mean something.

    Tracing, lowering, compiling, and reading compiled programs from the cache. The
    first call in a process starts the count.
    """
    _listen()
    return _here.seconds


def seconds_without_compiling() -> float:
    """A clock like `time.perf_counter` that stands still while this thread compiles."""
    return time.perf_counter() - compile_seconds()


@cache
def _listen() -> None:
    jax.monitoring.register_scalar_listener(_begins)
    jax.monitoring.register_event_duration_secs_listener(_ends)


# JAX reports each beginning as a scalar and each end as a duration. The duration is by
# the wall clock and counts what is nested twice, so it is measured here instead.
def _begins(event: str, value: float | int, **_: str | int) -> None:
    if event.startswith(COMPILING):
        if _here.depth == 0:
            _here.started = time.perf_counter()
        _here.depth += 1


def _ends(event: str, duration_secs: float, **_: str | int) -> None:
    if event.startswith(COMPILING) and _here.depth > 0:
        _here.depth -= 1
        if _here.depth == 0:
            _here.seconds += time.perf_counter() - _here.started
