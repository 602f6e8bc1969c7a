"""Worlds with known factors, tiny VAEs, and which latent is which factor.

import tinyvae as tv

run = tv.train(tv.Circles(), tv.AnnealedTC(), seed=0)
run.answer
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyvae.answer import Answer as Answer
    from tinyvae.experiment import run_experiment as run_experiment
    from tinyvae.experiment import train as train
    from tinyvae.factors import Factor as Factor
    from tinyvae.factors import FactorTable as FactorTable
    from tinyvae.models.fully_connected import NetworkConfig as NetworkConfig
    from tinyvae.models.vae import VAE as VAE
    from tinyvae.objectives import ELBO as ELBO
    from tinyvae.objectives import AnnealedTC as AnnealedTC
    from tinyvae.objectives import BetaVAE as BetaVAE
    from tinyvae.representation import Representation as Representation
    from tinyvae.runs.config import RunConfig as RunConfig
    from tinyvae.runs.run import Run as Run
    from tinyvae.runs.run import load_run as load_run
    from tinyvae.runs.run import save_run as save_run
    from tinyvae.runs.scoring import score as score
    from tinyvae.training.stretches import TrainingConfig as TrainingConfig
    from tinyvae.worlds import Circles as Circles

__version__ = "0.1.0"

# Public names and where they live. They are imported when first used, so that
# `tinyvae --help` and the scores do not wait for JAX.
_HOME = {
    "Answer": "tinyvae.answer",
    "RunConfig": "tinyvae.runs.config",
    "run_experiment": "tinyvae.experiment",
    "train": "tinyvae.experiment",
    "Factor": "tinyvae.factors",
    "FactorTable": "tinyvae.factors",
    "NetworkConfig": "tinyvae.models.fully_connected",
    "ELBO": "tinyvae.objectives",
    "AnnealedTC": "tinyvae.objectives",
    "BetaVAE": "tinyvae.objectives",
    "Representation": "tinyvae.representation",
    "Run": "tinyvae.runs.run",
    "load_run": "tinyvae.runs.run",
    "save_run": "tinyvae.runs.run",
    "score": "tinyvae.runs.scoring",
    "TrainingConfig": "tinyvae.training.stretches",
    "VAE": "tinyvae.models.vae",
    "Circles": "tinyvae.worlds",
}
__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tinyvae' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
