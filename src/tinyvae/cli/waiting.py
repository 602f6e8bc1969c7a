"""Progress of a command that takes more than two seconds, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from tinyvae.cli.app import talk

PATIENCE = 2.0  # seconds without a word
BETWEEN_LINES = 5.0  # seconds, where no bar can be redrawn
Watch = Callable[[str], None]  # called before each step, with what it does


@contextmanager
def waiting(num_steps: int) -> Iterator[Watch]:
    """Something to call before each step; it shows progress after two seconds.

    On a terminal a bar with the time, removed at the end; elsewhere lines.
    """
    if sys.stderr.isatty():
        with _bar(num_steps) as watch:
            yield watch
    else:
        yield _lines(num_steps)


@contextmanager
def _bar(num_steps: int) -> Iterator[Watch]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=num_steps)
    done = 0

    def watch(step: str) -> None:
        nonlocal done
        bar.update(task, description=step, completed=done)
        done += 1

    timer = Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()
        timer.join()
        bar.stop()


def _lines(num_steps: int) -> Watch:
    started = time.perf_counter()
    last, done = started, 0

    def watch(step: str) -> None:
        nonlocal last, done
        now = time.perf_counter()
        quiet = PATIENCE if last == started else BETWEEN_LINES
        if now - last > quiet:
            talk(f"{step} ({done} of {num_steps} done, {now - started:.0f} s)")
            last = now
        done += 1

    return watch
