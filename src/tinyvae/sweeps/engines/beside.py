"""Where what follows training is computed: in this process, or in others beside it.

A GPU trains a member sooner than one core measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.config import RunConfig
from tinyvae.runs.opened import Opened
from tinyvae.sweeps.engines.side_by_side import THREADS
from tinyvae.sweeps.members import Worlds

# They begin with half a minute of loading and compiling, so they outlive the training
# of the next group.
IDLE_SECONDS = 300
ONE_THREAD = dict.fromkeys(THREADS, "1") | {"JAX_PLATFORMS": "cpu"}


@dataclass(frozen=True)
class Beside:
    """Calls a function for each run of a group, as the built-in `map` does.

    It does so in several processes of one thread each, on the CPU. If one of them ends,
    this process goes on alone.

    Args:
        processes: how many.
    """

    processes: int

    def __call__(
        self, function: Callable, opened: Sequence[Opened], /, *others: Sequence[Any]
    ) -> Iterator[Any]:
        """The results, in order; each of `others` has an entry for each run."""
        from joblib.externals.loky import get_reusable_executor

        executor = get_reusable_executor(
            self.processes, timeout=IDLE_SECONDS, env=ONE_THREAD
        )
        waiting = [
            executor.submit(_call, function, run.config, *arguments)
            for run, *arguments in zip(opened, *others, strict=True)
        ]
        try:
            for place, result in enumerate(waiting):
                try:
                    yield result.result()
                except BrokenExecutor:
                    rest = (each[place:] for each in (opened, *others))
                    yield from map(function, *rest)
                    return
        finally:
            for result in waiting:
                result.cancel()


def _call(function: Callable, config: RunConfig, *arguments: Any) -> Any:
    """What one of the processes does: it opens the pictures for itself."""
    use_compilation_cache()
    return function(_worlds().opened(config), *arguments)


@cache
def _worlds() -> Worlds:
    return Worlds()
