"""The engine of a name: this process, or a Ray cluster."""

from __future__ import annotations

from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines.engine import Engine
from tinyvae.sweeps.engines.local import LocalEngine
from tinyvae.sweeps.engines.ray import RayEngine
from tinyvae.sweeps.engines.ray_cluster import ray_package
from tinyvae.sweeps.members import Worlds

NAMES = ("local", "ray")


def engine_of(
    engine: Engine | str, worlds: Worlds, *, checkpoint_every: float
) -> Engine:
    """The engine itself, or that of a name.

    Args:
        engine: an engine or a name.
        worlds: pictures that are open already, for the engine of this process.
        checkpoint_every: seconds between checkpoints, for an engine by its name.

    Raises: ConfigError on another name, or if Ray is asked for and not installed.
    """
    if engine == "local":
        return LocalEngine(worlds, checkpoint_every=checkpoint_every)
    if engine == "ray":
        engine = RayEngine(checkpoint_every=checkpoint_every)
    if isinstance(engine, str):
        raise ConfigError(
            f"expected an engine among {', '.join(NAMES)}, got {engine!r}."
        )
    if isinstance(engine, RayEngine):
        ray_package()  # before anything is planned or written
    return engine
