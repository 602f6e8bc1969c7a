"""The whole chain in one function: world, objective, seed -> run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from tinyvae.models import BySize
from tinyvae.models.vae import Network
from tinyvae.objectives import RECIPE, Objective
from tinyvae.runs.checkpoints import Session, read_checkpoint, write_checkpoint
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.config import RunConfig
from tinyvae.runs.environment import describe_environment
from tinyvae.runs.guard import Warn, warned
from tinyvae.runs.members import Watcher, prepare, train_members
from tinyvae.runs.of_run import answer_of, held_out_fit
from tinyvae.runs.opened import open_world
from tinyvae.runs.run import Run
from tinyvae.runs.tracker import Tracker
from tinyvae.runs.tracking import check_trackers, tracking
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import member_vae
from tinyvae.worlds import Circles, Pictures, World
from tinyvae.worlds.world import check_world

CHECKPOINT_SECONDS = 10.0


def train(
    world: World | Any = None,
    objective: Objective | None = None,
    *,
    network: Network | None = None,
    training: TrainingConfig | None = None,
    seed: int = 0,
    members: int = 4,
    samples: int | None = None,
    trackers: Sequence[Tracker] = (),
) -> Run:
    """Train a VAE on a world and answer which latent is which factor.

    Nothing is written; `run_experiment` with a folder saves the run.

    Args:
        world: source of the pictures; 32x32 circles by default. Anything but a world
            (an array, a data frame, a folder, a list of paths) is read as `Pictures`.
        objective: what training maximises; by default the recipe, `CoarseToFine()`.
        network: encoder and decoder; chosen by the pictures' size by default.
        training: steps, batch size and learning rate.
        seed: determines all random numbers.
        members: VAEs that start together; the one of lowest loss continues alone.
        samples: train on this number of fixed pictures instead of drawing new ones at
            each step.
        trackers: where the run is shown while it trains, such as
            `tinyvae.TensorBoard("logs")` and `tinyvae.MLflow()`.

    Returns: the finished run; `run.answer` is the answer.
    """
    if world is None:
        world = Circles()
    elif not isinstance(world, World):
        if is_dataclass(world):
            check_world(world)  # raises, naming what it misses
        world = Pictures(world)
    config = RunConfig(
        world,
        objective or RECIPE,
        network or BySize(),
        training or TrainingConfig(),
        seed=seed,
        members=members,
        samples=samples,
    )
    return run_experiment(config, trackers=trackers)


def run_experiment(
    config: RunConfig,
    folder: Path | None = None,
    watch: Watcher | None = None,
    *,
    checkpoint_every: float = CHECKPOINT_SECONDS,
    trackers: Sequence[Tracker] = (),
    warn: Warn = warned,
) -> Run:
    """Train, evaluate and answer; continues from the folder's checkpoint if any.

    With a folder, checkpoints are written to it at a fixed interval of seconds during
    training; `save_run` writes the rest. A tracker that fails does not end the
    training: `warn` is given a sentence on it.

    Raises: NonFiniteLoss if every member's loss became non-finite.
    """
    check_trackers(trackers)
    use_compilation_cache()
    started = time.perf_counter()
    opened = open_world(config)
    group = prepare(opened)
    session = Session(group.start, tuple(range(config.members)))
    if folder is not None:
        session = read_checkpoint(folder, group.start) or session
    with tracking(trackers, opened.config, folder, warn) as told:
        told.follow(session)
        session = train_members(
            group, session, folder, watch, checkpoint_every, told.follow
        )
        trained = time.perf_counter()
        if trackers and folder is not None:
            write_checkpoint(folder, session)  # a tracker may be slow
        vae = member_vae(session.state, 0)
        answer = answer_of(vae, opened)
        test = held_out_fit(vae, opened.population)
        times = {
            "training_seconds": round(trained - started, 3),
            "answer_seconds": round(time.perf_counter() - trained, 3),
        }
        run = Run(
            opened.config,
            vae,
            answer,
            session.history,
            session.members,
            describe_environment() | times,
            test,
            folder,
        )
        told.conclude(run)
    return run
