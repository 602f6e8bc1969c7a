"""Worlds with known factors, tiny VAEs, and which latent is which factor.

import tinyvae as tv

run = tv.train(tv.Circles(), seed=0)
run.answer
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyvae.answer import Answer as Answer
    from tinyvae.answer.asked import answer as answer
    from tinyvae.comparison import compare as compare
    from tinyvae.experiment import run_experiment as run_experiment
    from tinyvae.experiment import train as train
    from tinyvae.factors import Factor as Factor
    from tinyvae.factors import FactorTable as FactorTable
    from tinyvae.interop.hub import from_pretrained as from_pretrained
    from tinyvae.interop.mlflow import MLflow as MLflow
    from tinyvae.interop.onnx import to_onnx as to_onnx
    from tinyvae.interop.tensorboard import TensorBoard as TensorBoard
    from tinyvae.models import Additive as Additive
    from tinyvae.models import BySize as BySize
    from tinyvae.models import Convolutional as Convolutional
    from tinyvae.models import FullyConnected as FullyConnected
    from tinyvae.models import Translated as Translated
    from tinyvae.models.vae import VAE as VAE
    from tinyvae.objectives import DIPVAEI as DIPVAEI
    from tinyvae.objectives import DIPVAEII as DIPVAEII
    from tinyvae.objectives import ELBO as ELBO
    from tinyvae.objectives import QLAE as QLAE
    from tinyvae.objectives import AdaGVAE as AdaGVAE
    from tinyvae.objectives import AdaMLVAE as AdaMLVAE
    from tinyvae.objectives import AnnealedCapacity as AnnealedCapacity
    from tinyvae.objectives import AnnealedTC as AnnealedTC
    from tinyvae.objectives import BetaTCVAE as BetaTCVAE
    from tinyvae.objectives import BetaVAE as BetaVAE
    from tinyvae.objectives import CoarseToFine as CoarseToFine
    from tinyvae.objectives import FactorisedSupport as FactorisedSupport
    from tinyvae.objectives import FactorVAE as FactorVAE
    from tinyvae.objectives import InfoVAE as InfoVAE
    from tinyvae.objectives import SemiSupervised as SemiSupervised
    from tinyvae.objectives import Tripod as Tripod
    from tinyvae.representation import Representation as Representation
    from tinyvae.runs.config import RunConfig as RunConfig
    from tinyvae.runs.folder import load_run as load_run
    from tinyvae.runs.folder import save_run as save_run
    from tinyvae.runs.run import Run as Run
    from tinyvae.runs.scoring import score as score
    from tinyvae.runs.tracking import track_run as track_run
    from tinyvae.sweeps.engines.ray import RayEngine as RayEngine
    from tinyvae.sweeps.search.result import SearchResult as SearchResult
    from tinyvae.sweeps.search.search import search as search
    from tinyvae.sweeps.search.spec import SearchSpec as SearchSpec
    from tinyvae.sweeps.spec import SweepBlock as SweepBlock
    from tinyvae.sweeps.spec import SweepSpec as SweepSpec
    from tinyvae.sweeps.sweep import sweep as sweep
    from tinyvae.sweeps.table import SweepTable as SweepTable
    from tinyvae.sweeps.table import load_sweep as load_sweep
    from tinyvae.training.config import TrainingConfig as TrainingConfig
    from tinyvae.worlds import Circles as Circles
    from tinyvae.worlds import CorrelatedCircles as CorrelatedCircles
    from tinyvae.worlds import HeldOutCorners as HeldOutCorners
    from tinyvae.worlds import Pictures as Pictures
    from tinyvae.worlds import Shapes as Shapes
    from tinyvae.worlds import TwoCircles as TwoCircles

__version__ = "0.3.0.dev0"

# Public names and their modules. They are imported at first use, so that `tinyvae
# --help` and the scores do not wait for JAX.
_HOME = {
    "Answer": "tinyvae.answer",
    "compare": "tinyvae.comparison",
    "RunConfig": "tinyvae.runs.config",
    "run_experiment": "tinyvae.experiment",
    "train": "tinyvae.experiment",
    "Factor": "tinyvae.factors",
    "FactorTable": "tinyvae.factors",
    "from_pretrained": "tinyvae.interop.hub",
    "MLflow": "tinyvae.interop.mlflow",
    "to_onnx": "tinyvae.interop.onnx",
    "TensorBoard": "tinyvae.interop.tensorboard",
    "Additive": "tinyvae.models",
    "BySize": "tinyvae.models",
    "Convolutional": "tinyvae.models",
    "FullyConnected": "tinyvae.models",
    "Translated": "tinyvae.models",
    "AnnealedTC": "tinyvae.objectives",
    "BetaTCVAE": "tinyvae.objectives",
    "BetaVAE": "tinyvae.objectives",
    "CoarseToFine": "tinyvae.objectives",
    "DIPVAEI": "tinyvae.objectives",
    "DIPVAEII": "tinyvae.objectives",
    "ELBO": "tinyvae.objectives",
    "FactorVAE": "tinyvae.objectives",
    "AdaMLVAE": "tinyvae.objectives",
    "AdaGVAE": "tinyvae.objectives",
    "FactorisedSupport": "tinyvae.objectives",
    "InfoVAE": "tinyvae.objectives",
    "SemiSupervised": "tinyvae.objectives",
    "AnnealedCapacity": "tinyvae.objectives",
    "QLAE": "tinyvae.objectives",
    "Tripod": "tinyvae.objectives",
    "Representation": "tinyvae.representation",
    "load_run": "tinyvae.runs.folder",
    "save_run": "tinyvae.runs.folder",
    "Run": "tinyvae.runs.run",
    "score": "tinyvae.runs.scoring",
    "track_run": "tinyvae.runs.tracking",
    "RayEngine": "tinyvae.sweeps.engines.ray",
    "SearchResult": "tinyvae.sweeps.search.result",
    "search": "tinyvae.sweeps.search.search",
    "SearchSpec": "tinyvae.sweeps.search.spec",
    "SweepBlock": "tinyvae.sweeps.spec",
    "SweepSpec": "tinyvae.sweeps.spec",
    "sweep": "tinyvae.sweeps.sweep",
    "SweepTable": "tinyvae.sweeps.table",
    "load_sweep": "tinyvae.sweeps.table",
    "TrainingConfig": "tinyvae.training.config",
    "VAE": "tinyvae.models.vae",
    "Circles": "tinyvae.worlds",
    "Pictures": "tinyvae.worlds",
    "HeldOutCorners": "tinyvae.worlds",
    "CorrelatedCircles": "tinyvae.worlds",
    "TwoCircles": "tinyvae.worlds",
    "Shapes": "tinyvae.worlds",
}
# `tinyvae.answer` is also called as a function
PACKAGES = ("answer", "scores", "sklearn")
__all__ = sorted([*_HOME, *PACKAGES])  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in PACKAGES:
        return import_module(f"tinyvae.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'tinyvae' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
