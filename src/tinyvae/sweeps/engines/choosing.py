"""The engine of a name: this machine, or a Ray cluster."""

from __future__ import annotations

from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines.engine import Engine
from tinyvae.sweeps.engines.ray import RayEngine
from tinyvae.sweeps.engines.ray_cluster import ray_package
from tinyvae.sweeps.engines.this_machine import ThisMachine
from tinyvae.sweeps.members import Worlds

NAMES = ("local", "ray")


def engine_of(
    engine: Engine | str,
    worlds: Worlds,
    *,
    checkpoint_every: float,
    workers: int | None = None,
) -> Engine:
    """The engine itself, or that of a name.

    Args:
        engine: an engine or a name.
        worlds: pictures that are open already, for the engine of this machine.
        checkpoint_every: seconds between checkpoints, for an engine by its name.
        workers: processes of this machine that train; None decides.

    Raises: ConfigError on another name, if workers are asked of another engine, or if
    Ray is asked for and not installed.
    """
    if engine == "local":
        return ThisMachine(worlds, workers, checkpoint_every)
    if workers is not None:
        raise ConfigError(
            f"workers: expected the engine local with them, got {workers} for "
            f"{engine!r}."
        )
    if engine == "ray":
        engine = RayEngine(checkpoint_every=checkpoint_every)
    if isinstance(engine, str):
        raise ConfigError(
            f"expected an engine among {', '.join(NAMES)}, got {engine!r}."
        )
    if isinstance(engine, RayEngine):
        ray_package()  # before anything is planned or written
    return engine
