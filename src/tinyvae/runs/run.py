"""A run: settings, trained VAE, answer and history."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Shaped

from tinyvae.answer import Answer
from tinyvae.comparison.models import Model
from tinyvae.errors import DataError
from tinyvae.evaluation.encode import encode_images, encode_rows
from tinyvae.evaluation.fit import ACTIVE_KL, MOST_ROWS, Evaluated, answer_rows
from tinyvae.evaluation.likelihood import LikelihoodBound, importance_weighted_bound
from tinyvae.evaluation.traversal import decode_pictures
from tinyvae.files.npz import check_image_shape, checked_images
from tinyvae.knowledge import knowledge_lines
from tinyvae.models.quantised import QuantisedHead
from tinyvae.models.told import told_to
from tinyvae.models.vae import VAE
from tinyvae.objectives.naming import supervision_of
from tinyvae.objectives.objective import Supervision
from tinyvae.representation import Representation
from tinyvae.runs.checkpoints import MemberResult
from tinyvae.runs.config import RunConfig
from tinyvae.runs.opened import open_world
from tinyvae.scores.suite import Suite
from tinyvae.training.history import HistoryRow
from tinyvae.worlds import Pictures
from tinyvae.worlds.picture_rows import PictureRows
from tinyvae.worlds.world import Population, World


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: settings, trained VAE, answer and history.

    `answer` and `vae` are those of the selected member. `members` describes all members
    at the selection; it is empty if there was only one. `test` is the evaluation on
    held-out pictures, if there are any.
    """

    config: RunConfig
    vae: VAE
    answer: Answer
    history: tuple[HistoryRow, ...]
    members: tuple[MemberResult, ...]
    environment: dict[str, Any]
    test: dict[str, float] | None = None
    folder: Path | None = None

    def __post_init__(self):
        seen = supervision_of(self.config.objective)
        known = tuple(knowledge_lines(seen, told_to(self.config.network)))
        object.__setattr__(self, "answer", replace(self.answer, known=known))

    @property
    def world(self) -> World:
        """The world that the run was trained on."""
        return self.config.world

    @property
    def supervision(self) -> Supervision:
        """What the objective saw of the factors: none, pairs or labels."""
        return self.config.objective.needs.supervision

    @cached_property
    def population(self) -> Population:
        """The pictures that the run was trained on; opened at first use."""
        return open_world(self.config).population

    def encode(
        self, images: Shaped[Array | np.ndarray, "sample *image"]
    ) -> Float[np.ndarray, "sample latent"]:
        """Codes of pictures (sample, height, width, channel).

        A code is the posterior mean; with quantised latents, the values of the levels.

        Grey pictures may omit the channel, and rows of numbers the height. Pixels of
        own pictures are what `Pictures` takes: bytes, or floats in [0, 1]; a table
        holds the numbers themselves, and is standardised here. Pixels of a drawn world
        lie in [0, 1].

        Raises: DataError if the network cannot take the pictures.
        """
        images = np.asarray(images)
        shape = self.world.image_shape
        if isinstance(self.world, Pictures):
            check_image_shape(images, shape)
            rows = images.reshape(len(images), -1) if shape[0] == 1 else images
            population = self.world.like(rows).population()
            found = encode_rows(self.vae, population, np.arange(len(rows)))
        else:
            found = encode_images(self.vae, checked_images(images, shape))
        return found.mean.astype(np.float32)

    def decode(
        self, latents: Float[Array | np.ndarray, "sample latent"]
    ) -> Float[np.ndarray, "sample height width channel"]:
        """The pictures to show at points of the latent space.

        For black-and-white pictures, the probability that each pixel is white; for a
        table, the numbers in its own units.

        Raises: DataError if the points do not have one number for each latent.
        """
        num_latents = self.vae.head.latents
        if np.ndim(latents) != 2 or np.shape(latents)[1] != num_latents:
            raise DataError(
                f"expected latents of shape (sample, {num_latents}), "
                f"got {np.shape(latents)}."
            )
        pictures = decode_pictures(self.vae, np.asarray(latents))
        if isinstance(self.world, Pictures) and self.world.offsets:
            scales, offsets = (
                np.array(numbers, np.float32)[:, None]
                for numbers in (self.world.scales, self.world.offsets)
            )
            return pictures * scales + offsets
        return pictures

    def log_likelihood(
        self, num_draws: int = 100, *, most: int = MOST_ROWS, seed: int = 0
    ) -> LikelihoodBound:
        """The importance-weighted bound of E[ln p(x)], in nats, with its error.

        Of the pictures held out of training, if there are any; else of those that the
        answer is measured on. Each of at most `most` pictures is decoded `num_draws`
        times.

        Raises: ConfigError if there is no draw, or if the latents are quantised.
        """
        population = self.population
        found = population.held_out(most) or population.table(most)
        return importance_weighted_bound(
            self.vae,
            population,
            Evaluated(*found),
            num_draws=num_draws,
            key=jax.random.key(seed),
        )

    def as_model(self, name: str) -> Model:
        """The codes of the pictures that the answer is measured on, to be compared.

        Runs of the same world give codes of the same pictures.
        """
        table, rows = answer_rows(self.population)
        posteriors = encode_rows(self.vae, self.population, rows)
        kl = posteriors.mean_kl(table.probability)
        found = Representation(posteriors.mean, table, kl >= ACTIVE_KL)
        population, names = self.population, None
        if isinstance(population, PictureRows):
            names = tuple(str(population.names[int(row)]) for row in rows)
        return Model(name, found, names, self.config.seed)

    def save_pretrained(
        self,
        folder: str | Path,
        *,
        license: str | None = None,
        scores: Suite | None = None,
    ) -> None:
        """Write the run into a folder to be shared, with a card.

        No pictures, no checkpoints and no paths of this computer; `from_pretrained`
        reads it. `scores` is what `tinyvae.score(run)` gave, for the card.

        Raises: RunFolderError if the folder holds anything else, or cannot be written.
        """
        _hub().save_pretrained(self, folder, license=license, scores=scores)

    def push_to_hub(
        self,
        name: str,
        *,
        token: str | bool | None = None,
        private: bool | None = None,
        revision: str | None = None,
        license: str | None = None,
        scores: Suite | None = None,
    ) -> str:
        """Share the run as a repository of the hub; returns the commit's address.

        `name` is OWNER/MODEL; the repository is made if there is none. The token is by
        default that of `hf auth login` or HF_TOKEN; `revision` is a branch.

        Raises: ConfigError if huggingface_hub is not installed; HubError if the hub
        refuses, or cannot be reached.
        """
        return _hub().push_to_hub(
            self,
            name,
            token=token,
            private=private,
            revision=revision,
            license=license,
            scores=scores,
        )

    def to_json(self) -> dict[str, Any]:
        """The answer, the held-out pictures and all members, as JSON values."""
        members = [result.to_json() for result in self.members]
        return {
            **self.answer.to_json(),
            "supervision": self.supervision,
            "told": told_to(self.config.network) or None,
            "test": self.test,
            "members": members,
        }

    def __str__(self) -> str:
        """The answer, and what is particular to the network."""
        lines = [str(self.answer)]
        if isinstance(self.vae.head, QuantisedHead):
            lines.append(
                "quantised latents: the KL of each is the entropy of its levels"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        objective = self.config.objective.kind
        return f"Run({objective}, seed {self.config.seed})\n{self}"

    def _repr_html_(self) -> str:
        return (
            f"<p><b>Run</b> of {html.escape(self.config.objective.title)} on "
            f"{html.escape(self.world.kind)}, seed {self.config.seed}</p>"
            f"{self.answer._repr_html_()}"
        )


def _hub() -> Any:
    """The module that shares runs, which stands below this one and imports it."""
    return import_module("tinyvae.interop.hub")
