"""Options that say where the groups of a sweep train."""

from __future__ import annotations

from typing import Annotated

import typer

from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines.engine import Engine
from tinyvae.sweeps.engines.ray import RayEngine

WHERE = "Where it trains"  # their panel in the help

EngineOption = Annotated[
    str,
    typer.Option(
        help="Where groups train: local (this machine), ray (a Ray cluster, needs "
        "tinyvae\\[ray]).",
        rich_help_panel=WHERE,
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        help="Processes of this machine that train groups side by side (one for each "
        "core; 1 where training is short).",
        rich_help_panel=WHERE,
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        help="HOST:PORT of the cluster, or auto (RAY_ADDRESS, or one is started on "
        "this machine).",
        rich_help_panel=WHERE,
    ),
]
CpusOption = Annotated[
    float | None,
    typer.Option(help="CPUs of each group (1).", rich_help_panel=WHERE),
]
GpusOption = Annotated[
    float | None,
    typer.Option(
        help="GPUs of each group; 0.25 lets four share one (0).",
        rich_help_panel=WHERE,
    ),
]


def asked_engine(
    engine: str,
    address: str | None,
    cpus: float | None,
    gpus: float | None,
    checkpoint_every: float,
) -> Engine | str:
    """The engine that options name.

    Raises: ConfigError if there is none of this name, or if they do not fit it.
    """
    if engine == "ray":
        cpus, gpus = 1.0 if cpus is None else cpus, gpus or 0.0
        return RayEngine(address, cpus, gpus, checkpoint_every=checkpoint_every)
    given = {"--address": address, "--cpus": cpus, "--gpus": gpus}
    for name, value in given.items():
        if value is not None:
            raise ConfigError(
                f"{name}: expected --engine ray with it, got {name} {value} for this "
                "process alone."
            )
    return engine
