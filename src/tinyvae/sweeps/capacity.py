"""How many runs train together: by the memory that they take and measured speed."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from tinyvae import machine
from tinyvae.runs.opened import Opened
from tinyvae.sweeps.group import begin, keys_of, objectives_of
from tinyvae.sweeps.plan import Sizes, work_of
from tinyvae.training.step import advance

SIZES = (1, 4, 16, 64, 256, 1024)  # runs together that are tried, in this order
GAIN = 1.1  # a larger group must be so much faster to be worth its memory
FAILURES = 1  # sizes in a row that are no faster, and that are looked beyond
MEASURED_SECONDS = 0.5  # of training at each size
STRETCH_SECONDS = 0.05  # of them, the least of one timing; the best timing counts
# Measuring (compiling, most of it) may take so large a part of the time to train.
MEASURING_PART = 0.05
# Runs together where measuring would take longer than it could save. A GPU is as fast
# with many as with few.
UNMEASURED = {"cpu": 16, "gpu": 256}
# Of training, from which on it is worth to start other processes, which train groups
# side by side; and to have groups enough for all cores.
WORTH_SECONDS = 60.0
MEMORY_PART = 0.5  # of the memory that is free


@dataclass(frozen=True)
class Tried:
    """Speed and memory of some runs together."""

    runs: int
    memory: int  # bytes, as the compiler counts them
    shared: int  # bytes of the pictures, which do not grow with the runs
    pictures_per_second: float  # trained on, by all VAEs of all runs
    compiling_seconds: float = 0.0  # little where the program was compiled before

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return vars(self)


@dataclass(frozen=True)
class Capacity:
    """The number of runs that train together, and what that rests on."""

    together: int
    tried: tuple[Tried, ...] = ()

    def nearest(self) -> Tried:
        """What was measured at the size nearest to the chosen one."""
        return min(self.tried, key=lambda tried: abs(tried.runs - self.together))

    def memory(self) -> int:
        """Bytes that a group takes."""
        return _memory_at(self.together, self.tried)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "together": self.together,
            "tried": [tried.to_json() for tried in self.tried],
        }


def capacity_from_json(values: Mapping[str, Any] | None) -> Capacity | None:
    """The capacity that `to_json` wrote; None of none."""
    if values is None:
        return None
    tried = tuple(Tried(**each) for each in values["tried"])
    return Capacity(values["together"], tried)


def measure_capacity(
    runs: Sequence[Opened], sizes: Sizes | None = None, *, thorough: bool = False
) -> Capacity:
    """How many of these runs, which share their shapes, should train together.

    Numbers of runs are tried from small to large, until memory is short, speed grows no
    more, or measuring would take longer than is reasonable beside training.

    Args:
        runs: all runs of one shape.
        sizes: limits; a number that is given is measured only if asked to be thorough.
        thorough: measure the chosen number too, to tell how long it takes. The choice
            is the same.
    """
    found = _capacity(runs, sizes or Sizes())
    if not thorough or any(one.runs == found.together for one in found.tried):
        return found
    tried = (*found.tried, _try(runs[: found.together]))
    return Capacity(found.together, tuple(sorted(tried, key=lambda one: one.runs)))


def _capacity(runs: Sequence[Opened], sizes: Sizes) -> Capacity:
    if sizes.together is not None:
        return Capacity(min(sizes.together, len(runs)))
    limit = sizes.memory or free_memory()
    total = sum(work_of(run.config) for run in runs)
    tried: list[Tried] = []
    best, spent, failures = 0.0, 0.0, 0
    for size in SIZES:
        if size > len(runs) or _memory_at(size, tried) > limit:
            break
        started = time.perf_counter()
        tried.append(_try(runs[:size]))
        spent += time.perf_counter() - started
        speed = tried[-1].pictures_per_second
        failures = 0 if speed > GAIN * best else failures + 1
        best = max(best, speed)
        if tried[-1].memory > limit or failures > FAILURES:
            break
        if spent > MEASURING_PART * total / best:
            if failures:
                break
            most = min(len(runs), _most(limit, tried))
            return Capacity(max(size, most), tuple(tried))
    fitting = [one for one in tried if one.memory <= limit] or tried[:1]
    together = _chosen(fitting)
    seconds = total / max(one.pictures_per_second for one in fitting)
    if seconds > WORTH_SECONDS and jax.default_backend() == "cpu":
        together = min(together, math.ceil(len(runs) / machine.cores()))
    return Capacity(together, tuple(tried))


def _chosen(tried: Sequence[Tried]) -> int:
    """The smallest size that no larger one beats clearly."""
    chosen = tried[0]
    for one in tried[1:]:
        if one.pictures_per_second > GAIN * chosen.pictures_per_second:
            chosen = one
    return chosen.runs


def _memory_at(runs: int, tried: Sequence[Tried]) -> int:
    """Bytes at this size, on the line through the last two that were tried.

    Through the only one and the bytes that are shared, if one was tried.
    """
    if not tried:
        return 0
    last = tried[-1]
    if len(tried) == 1:
        return last.shared + (last.memory - last.shared) * runs // last.runs
    before = tried[-2]
    slope = (last.memory - before.memory) / (last.runs - before.runs)
    return int(last.memory + slope * (runs - last.runs))


def _most(limit: int, tried: Sequence[Tried]) -> int:
    """The largest size that fits into memory and is not too many, at least 1."""
    size, enough = 1, UNMEASURED.get(jax.default_backend(), UNMEASURED["cpu"])
    while size < enough and _memory_at(size + 1, tried) <= limit:
        size += 1
    return size


def _try(runs: Sequence[Opened]) -> Tried:
    """Compile the loop for these runs, and train a few steps."""
    started = time.perf_counter()
    session = begin(runs)
    numbers = [run.numbers for run in session.runs]
    config, population = runs[0].config.training, runs[0].training_population()
    arguments = (
        objectives_of(runs, numbers),
        population,
        keys_of(runs, numbers),
    )
    compiled = advance.lower(*arguments, session.state, 1, config=config).compile()
    state = jax.block_until_ready(compiled(*arguments, session.state, 1))
    compiling = time.perf_counter() - started
    steps, num_steps, seconds, rate = 0, 1, 0.0, 0.0
    while seconds < MEASURED_SECONDS and steps < config.steps:
        started = time.perf_counter()
        state = jax.block_until_ready(compiled(*arguments, state, num_steps))
        stretch = time.perf_counter() - started
        seconds += stretch
        steps += num_steps
        # other work on the machine can only slow a stretch down
        rate = max(rate, num_steps / max(stretch, 1e-9))
        if stretch < STRETCH_SECONDS:
            num_steps *= 2
    speed = rate * len(session.numbers()) * config.batch_size
    shared = sum(leaf.nbytes for leaf in jax.tree.leaves(population))
    memory = max(shared, _bytes_of(compiled))
    return Tried(len(runs), memory, shared, speed, round(compiling, 3))


def _bytes_of(compiled: Any) -> int:
    """Memory of a compiled program: arguments, results and what is between."""
    found = compiled.memory_analysis()
    if found is None:  # a backend that does not say
        return 0
    return (
        found.argument_size_in_bytes
        + found.output_size_in_bytes
        + found.temp_size_in_bytes
    )


def free_memory() -> int:
    """Bytes that a group may take: half of what is free on the device."""
    device = jax.devices()[0]
    found = device.memory_stats() if device.platform != "cpu" else None
    if found and "bytes_limit" in found:
        free = found["bytes_limit"] - found.get("bytes_in_use", 0)
        return int(MEMORY_PART * free)
    return int(MEMORY_PART * machine.free_memory())
