"""Work on many pictures with one thread per core, with results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from tinyvae.machine import cores

Result = TypeVar("Result")
AT_ONCE = 16  # rows per task
AHEAD = 4  # finished tasks per core that may wait, which limits the memory


def in_order(
    pool: ThreadPoolExecutor, work: Callable[[int], Result], count: int
) -> Iterator[Result]:
    """The result of each row, in order; a limited number is computed ahead."""

    def task(start: int) -> list[Result]:
        return [work(row) for row in range(start, min(start + AT_ONCE, count))]

    waiting: deque[Future[list[Result]]] = deque()
    for start in range(0, count, AT_ONCE):
        waiting.append(pool.submit(task, start))
        if len(waiting) >= AHEAD * cores():
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()
