"""Small runs that are told to trackers: interrupted, continued, finished."""

from pathlib import Path

import pytest

import tinyvae as tv
from tinyvae.runs.checkpoints import CHECKPOINT
from tinyvae.runs.members import Progress
from tinyvae.runs.tracker import Tracker

CONFIG = tv.RunConfig(
    tv.Circles(8, radius=(2, 3)),
    tv.CoarseToFine(),
    tv.FullyConnected(hidden=(8,), latents=2),
    tv.TrainingConfig(steps=60, batch_size=16),
    members=2,
)


def stopped_at(step: int):
    """A watcher that presses Ctrl-C once this step is done."""

    def watch(progress: Progress) -> None:
        if progress.step >= step:
            raise KeyboardInterrupt

    return watch


def interrupted_run(folder: Path, trackers: list[Tracker], step: int = 50) -> None:
    """A run that Ctrl-C has ended."""
    with pytest.raises(KeyboardInterrupt):
        tv.run_experiment(CONFIG, folder, stopped_at(step), trackers=trackers)


def killed_run(folder: Path, trackers: list[Tracker]) -> None:
    """A run that was killed before its first checkpoint: trackers know more of it."""
    interrupted_run(folder, trackers)
    (folder / CHECKPOINT).unlink()


def continued_run(folder: Path, trackers: list[Tracker]) -> tv.Run:
    """The run of this folder, trained to its end and saved."""
    run = tv.run_experiment(CONFIG, folder, trackers=trackers)
    tv.save_run(run, folder)
    return run


def chosen_member(run: tv.Run) -> int:
    return next(result.member for result in run.members if result.chosen)
