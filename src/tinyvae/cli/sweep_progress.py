"""Progress of a sweep: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tinyvae.cli.app import talk
from tinyvae.sweeps.progress import SweepProgress, SweepWatcher
from tinyvae.wording import duration

BETWEEN_LINES = 10.0  # seconds


@contextmanager
def sweep_display(*, quiet: bool) -> Iterator[SweepWatcher]:
    """Something that shows each progress; failures are shown even where it is quiet."""
    if quiet:
        yield tell_news
    elif sys.stderr.isatty():
        with _bar() as watch:
            yield watch
    else:
        yield _lines()


def tell_news(progress: SweepProgress) -> None:
    """Print what a person should know."""
    if progress.news:
        talk(progress.news)


def _lines() -> SweepWatcher:
    last = 0.0

    def watch(progress: SweepProgress) -> None:
        nonlocal last
        tell_news(progress)
        now = time.monotonic()
        ended = progress.done + progress.failed == progress.members
        if now - last >= BETWEEN_LINES or ended:
            last = now
            talk(progress_text(progress))

    return watch


@contextmanager
def _bar() -> Iterator[SweepWatcher]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("planned", total=None)

        def watch(progress: SweepProgress) -> None:
            if progress.news:
                console.print(progress.news, markup=False, highlight=False)
            bar.update(
                task,
                total=progress.members,
                completed=progress.done + progress.failed,
                description=progress_text(progress),
            )

        yield watch


def progress_text(progress: SweepProgress) -> str:
    """Members, group, rate and time left, on one line."""
    parts = [f"{progress.done} of {progress.members} members done"]
    if progress.failed:
        parts[0] += f", {progress.failed} failed"
    if progress.done + progress.failed < progress.members:
        doing = progress.doing or f"step {progress.step} of {progress.steps}"
        doing = doing if progress.steps or progress.doing else "preparing"
        parts.append(f"group {progress.group + 1} of {progress.groups}: {doing}")
        if progress.members_per_hour is not None:
            parts.append(f"{progress.members_per_hour:,.0f} members/h")
        if progress.seconds_left is not None:
            parts.append(f"{duration(progress.seconds_left)} left")
    return "; ".join(parts)
