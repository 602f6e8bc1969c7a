"""What a file for other programs says about a trained VAE."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np

from tinyvae import __version__
from tinyvae.errors import ConfigError
from tinyvae.interop.array_rows import Units
from tinyvae.models.likelihoods import Gaussian
from tinyvae.models.told import told_to
from tinyvae.models.vae import VAE
from tinyvae.objectives.naming import supervision_of
from tinyvae.runs.run import Run
from tinyvae.worlds import Pictures

Layout = Literal["hwc", "chw"]


@runtime_checkable
class Fitted(Protocol):
    """A fitted `tinyvae.sklearn.VAE`."""

    vae_: VAE
    mean_: Any
    scale_: Any


@dataclass(frozen=True, eq=False)
class Exported:
    """A trained VAE for other programs.

    `units` are those of the rows of a table, whose numbers the models take and give as
    they are; None for pictures. `about` becomes the metadata of the files.
    """

    vae: VAE
    image_shape: tuple[int, int, int]
    layout: Layout = "hwc"
    units: Units | None = None
    about: dict[str, str] = field(default_factory=dict)

    @property
    def latents(self) -> int:
        """Number of latents."""
        return self.vae.head.latents

    @property
    def example_shape(self) -> tuple[int, ...]:
        """Shape of one picture or row in the files, without the batch."""
        height, width, channels = self.image_shape
        if self.units is not None:
            return (width,)
        chw = self.layout == "chw"
        return (channels, height, width) if chw else self.image_shape

    @property
    def example_name(self) -> str:
        """Name of an example in the files: "image", or "row" of a table."""
        return "image" if self.units is None else "row"


def exported(trained: object, layout: str) -> Exported:
    """A run, or a fitted estimator, for other programs.

    Raises: ConfigError if it is neither, or if the layout is unknown.
    """
    if layout not in get_args(Layout):
        raise ConfigError(f"layout: expected hwc or chw, got {layout!r}.")
    if isinstance(trained, Run):
        return _of_run(trained, layout)  # type: ignore[arg-type]
    if isinstance(trained, Fitted):
        units = Units(trained.mean_, trained.scale_)
        shape = (1, len(units.offset), 1)
        about = {"tinyvae": __version__, **_of_likelihood(trained.vae_)}
        return Exported(trained.vae_, shape, "hwc", units, about)
    raise ConfigError(
        "expected a run (tv.train, tv.load_run) or a fitted tinyvae.sklearn.VAE, got "
        f"{type(trained).__name__}."
    )


def _of_run(run: Run, layout: Layout) -> Exported:
    units = None
    if isinstance(run.world, Pictures) and run.world.offsets:
        units = Units(*map(np.array, (run.world.offsets, run.world.scales)))
    answer = run.answer
    about = {
        "tinyvae": __version__,
        **_of_likelihood(run.vae),
        "layout": layout if units is None else "feature",
        "world": run.world.kind,
        "objective": run.config.objective.kind,
        "latents": json.dumps(answer.latents),
        "factors": json.dumps(answer.factors),
        "verdict": answer.verdict,
        "answer": "\n".join(answer.sentences),
        "supervision": supervision_of(run.config.objective),
        "told": told_to(run.config.network),
    }
    return Exported(run.vae, run.world.image_shape, layout, units, about)


def _of_likelihood(vae: VAE) -> dict[str, str]:
    likelihood = vae.likelihood
    if not isinstance(likelihood, Gaussian):
        return {"likelihood": likelihood.kind}
    scale = float(np.exp(likelihood.log_scale()))
    return {"likelihood": likelihood.kind, "scale": f"{scale:.6g}"}
