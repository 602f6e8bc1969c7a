"""A run: settings, trained VAE, answer and history; and the folder that keeps it.

config.json          settings, as the command line and TOML files take them
answer.json          which latent is which factor, for the member kept and for all
history.jsonl        terms of the objective, a row a record and member
model.safetensors    weights of the member that was kept
members.safetensors  weights of all members, where there were several
environment.json     versions, machine and times
pictures/            figures
checkpoint.safetensors   only while training is unfinished
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from tinyvae.answer import Answer
from tinyvae.files.npz import checked_images
from tinyvae.runs.checkpoints import CHECKPOINT, MemberResult
from tinyvae.runs.config import (
    RunConfig,
    config_from_mapping,
    config_to_json,
)
from tinyvae.errors import ConfigError, DataError, RunFolderError
from tinyvae.files.whole import FORMAT, read_json, write_json
from tinyvae.training.history import HistoryRow
from tinyvae.runs.trees import (
    read_history,
    read_tree,
    write_history,
    write_tree,
)
from tinyvae.models.vae import VAE, fully_connected_vae
from tinyvae.worlds import Circles

# every file that belongs to a run, besides its pictures
RUN_FILES = (
    "answer.json",  # first to go and last to come: its presence means finished
    "config.json",
    "history.jsonl",
    "model.safetensors",
    "environment.json",
    CHECKPOINT,
)


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: settings, trained VAE, answer and history.

    `answer` and `vae` are those of the member that the selection kept; `members` tells
    of all at the time of the selection, and is empty if there was only one. `test` is
    the evaluation of held-out pictures, where the run had a fixed data set.
    """

    config: RunConfig
    vae: VAE
    answer: Answer
    history: tuple[HistoryRow, ...]
    members: tuple[MemberResult, ...]
    environment: dict[str, Any]
    test: dict[str, float] | None = None
    folder: Path | None = None

    @property
    def world(self) -> Circles:
        """The world that the run was trained on."""
        return self.config.world

    def encode(
        self, images: Shaped[Array | np.ndarray, "sample height width"]
    ) -> Float[np.ndarray, "sample latent"]:
        """Codes (posterior means) of pictures with pixels in [0, 1].

        Raises: DataError if the pictures are not what the network takes.
        """
        images = checked_images(np.asarray(images), self.world.image_shape)
        return np.asarray(jax.vmap(self.vae.encode)(jnp.asarray(images)).mean)

    def decode(
        self, latents: Float[Array | np.ndarray, "sample latent"]
    ) -> Float[np.ndarray, "sample height width"]:
        """Probability that each pixel is white, at points of the latent space.

        Raises: DataError if the points do not have one number for each latent.
        """
        num_latents = self.config.network.latents
        if np.ndim(latents) != 2 or np.shape(latents)[1] != num_latents:
            raise DataError(
                f"expected latents of shape (sample, {num_latents}), "
                f"got {np.shape(latents)}."
            )
        logits = jax.vmap(self.vae.decode)(jnp.asarray(latents, jnp.float32))
        return np.asarray(jax.nn.sigmoid(logits))

    def to_json(self) -> dict[str, Any]:
        """The answer, the held-out pictures and all members, as JSON values."""
        members = [result.to_json() for result in self.members]
        return {**self.answer.to_json(), "test": self.test, "members": members}

    def __repr__(self) -> str:
        objective = self.config.objective.kind
        return f"Run({objective}, seed {self.config.seed})\n{self.answer}"

    def _repr_html_(self) -> str:
        objective, seed = self.config.objective, self.config.seed
        return (
            f"<p><b>Run</b> of {objective.kind} on {self.world.layout} circles, "
            f"seed {seed}</p>{self.answer._repr_html_()}"
        )


def save_run(run: Run, folder: Path) -> None:
    """Write a finished run; `answer.json` comes last and marks it as finished.

    Raises: RunFolderError if the disk is full or may not be written.
    """
    write_json(folder / "config.json", {"format": FORMAT, **config_to_json(run.config)})
    write_tree(folder / "model.safetensors", run.vae)
    write_history(folder / "history.jsonl", run.history)
    write_json(folder / "environment.json", {"format": FORMAT, **run.environment})
    write_json(folder / "answer.json", {"format": FORMAT, **run.to_json()})
    (folder / CHECKPOINT).unlink(missing_ok=True)


def load_run(folder: Path) -> Run:
    """Read a finished run back, checked.

    Raises: RunFolderError if it is no finished run, or a file of it is damaged or does
    not fit the others.
    """
    if not folder.is_dir():
        raise RunFolderError(
            f"expected the folder of a run, got {folder}, which is no folder. "
            "`tinyvae train --out FOLDER` makes one."
        )
    config = load_config(folder)
    answer = read_json(folder / "answer.json")
    expected = jax.eval_shape(lambda: vae_of(config, key=jax.random.key(0)))
    try:
        members = tuple(MemberResult.from_json(entry) for entry in answer["members"])
        return Run(
            config,
            read_tree(folder / "model.safetensors", expected),
            Answer.from_json(answer),
            tuple(read_history(folder / "history.jsonl")),
            members,
            read_json(folder / "environment.json"),
            answer["test"],
            folder,
        )
    except RunFolderError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{folder / 'answer.json'} is damaged: {_fault(error)}. "
            "Train again, or copy the run again from where it came."
        ) from None


def _fault(error: Exception) -> str:
    text = f"no entry {error}" if isinstance(error, KeyError) else str(error)
    return text.removesuffix(".")


def load_config(folder: Path) -> RunConfig:
    """The settings of a run, finished or not.

    Raises: RunFolderError if there are none, or they are damaged.
    """
    settings = read_json(folder / "config.json")
    del settings["format"]
    try:
        return config_from_mapping(settings)
    except ConfigError as error:
        raise RunFolderError(f"{folder / 'config.json'} is damaged: {error}") from None


def vae_of(config: RunConfig, *, key) -> VAE:
    """A freshly drawn VAE of the shape that a configuration asks for."""
    return fully_connected_vae(config.world.image_shape, config.network, key=key)
