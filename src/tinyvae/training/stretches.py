"""Stretches: training in pieces that are short enough to watch and to interrupt.

A run is a pure function of its keys. The loop is compiled once and takes the number of
steps as an argument, so a stretch can have any length without changing a bit of the
result. Nothing here writes to disk.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import jax

from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import MemberKeys, TrainingState
from tinyvae.training.step import Advance

STRETCH_SECONDS = 0.5  # longest wait of Ctrl-C and of the progress bar


def stretches(
    advance: Advance,
    keys: MemberKeys,
    state: TrainingState,
    config: TrainingConfig,
    until: int,
) -> Iterator[TrainingState]:
    """The state after each stretch of steps, until this number of steps is done.

    A stretch ends where a history row is due, or sooner if steps are slow, so that
    each takes a fraction of a second. Where stretches end changes no bit of the result.
    """
    length = 1
    while int(state.step) < until:
        step = int(state.step)
        to_record = config.record_every - step % config.record_every
        num_steps = min(length, to_record, until - step)
        started = time.perf_counter()
        state = jax.block_until_ready(advance(keys, state, num_steps))
        seconds = time.perf_counter() - started
        if seconds < STRETCH_SECONDS / 2 and num_steps == length:
            length *= 2
        elif seconds > STRETCH_SECONDS:
            length = max(1, length // 2)
        yield state
