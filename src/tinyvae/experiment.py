"""The whole chain in one function: world, objective, seed -> run."""

from __future__ import annotations

import time
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.models import BySize
from tinyvae.models.vae import Network
from tinyvae.objectives import RECIPE, Objective
from tinyvae.runs.checkpoints import Session, read_checkpoint, write_checkpoint
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.runs.config import RunConfig, config_from_mapping
from tinyvae.runs.environment import describe_environment
from tinyvae.runs.guard import Warn, warned
from tinyvae.runs.members import Watcher, prepare, train_members
from tinyvae.runs.of_run import answer_of, held_out_fit
from tinyvae.runs.opened import open_world
from tinyvae.runs.run import Run
from tinyvae.runs.tracker import Trackers
from tinyvae.runs.tracking import listed_trackers, tracking
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import member_vae
from tinyvae.worlds import WORLDS, Circles, Pictures, World
from tinyvae.worlds.world import check_world

CHECKPOINT_SECONDS = 10.0


def train(
    world: World | Any = None,
    objective: Objective | str | None = None,
    *,
    network: Network | BySize | str | None = None,
    training: TrainingConfig | None = None,
    seed: int = 0,
    members: int = 4,
    samples: int | None = None,
    trackers: Trackers = (),
) -> Run:
    """Train a VAE on a world and answer which latent is which factor.

    Nothing is written; `run_experiment` with a folder saves the run.

    Args:
        world: source of the pictures; 32x32 circles by default. Anything but a world
            (an array, a data frame, a folder, a list of paths) is read as `Pictures`.
        objective: what training minimises, or its kind, such as "beta-vae"; by default
            the recipe, `CoarseToFine()`.
        network: encoder and decoder, or their kind; by default chosen by the pictures.
        training: steps, batch size and learning rate.
        seed: determines all random numbers.
        members: VAEs that start together; the one of lowest loss continues alone.
        samples: train on this number of fixed pictures instead of drawing new ones at
            each step.
        trackers: where the run is shown while it trains: `tinyvae.TensorBoard("logs")`,
            `tinyvae.MLflow()`, or a list of them.

    Returns: the finished run; `run.answer` is the answer.
    Raises: ConfigError if an argument cannot be used.
    """
    config = RunConfig(
        Circles() if world is None else as_world(world),
        RECIPE if objective is None else by_name("objective", objective),
        BySize() if network is None else by_name("network", network),
        TrainingConfig() if training is None else training,
        seed=seed,
        members=members,
        samples=samples,
    )
    return run_experiment(config, trackers=trackers)


def as_world(given: Any) -> Any:
    """A world as it is; anything else as `Pictures`.

    Raises: ConfigError if it is a class, a world that lacks something, or the name of a
    world.
    """
    if isinstance(given, World | type) or is_dataclass(given):
        check_world(given)
        return given
    kind = WORLDS.get(given, Pictures) if isinstance(given, str) else Pictures
    if kind is not Pictures and not Path(given).exists():
        raise ConfigError(
            f"expected a world or pictures, got the text {given!r}, which is no folder."
            f" The world of this name is tv.{kind.__name__}()."
        )
    return Pictures(given)


def by_name(section: str, given: Any) -> Any:
    """The default settings of a kind that is given by its name; others as they are.

    Raises: ConfigError if there is no such kind.
    """
    if not isinstance(given, str):
        return given
    return getattr(config_from_mapping({section: given}), section)


def run_experiment(
    config: RunConfig,
    folder: Path | None = None,
    watch: Watcher | None = None,
    *,
    checkpoint_every: float = CHECKPOINT_SECONDS,
    trackers: Trackers = (),
    warn: Warn = warned,
) -> Run:
    """Train, evaluate and answer; continues from the folder's checkpoint if any.

    With a folder, checkpoints are written to it at a fixed interval of seconds during
    training; `save_run` writes the rest. A tracker that fails does not end the
    training: `warn` is given a sentence on it.

    Raises: NonFiniteLoss if every member's loss became non-finite.
    """
    trackers = listed_trackers(trackers)
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
