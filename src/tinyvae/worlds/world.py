"""The interface of a world: its settings, and the pictures that they define.

A `World` holds a few settings. Its `Population` gives each picture by its row number,
so that training, the answer and the page refer to the same pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor, FactorTable
from tinyvae.own import missing_members, refuse_class
from tinyvae.pixels import Pixels


@runtime_checkable
class Population(Protocol):
    """Pictures by row number; an `eqx.Module`, passed to compiled code as an argument.

    Its arrays are leaves; all else is static and hashable. `factors` is empty if no
    factor is known.
    """

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The known factors of variation; empty if there are none."""
        ...

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        ...

    @property
    def pixels(self) -> Pixels:
        """The type of the pixels."""
        ...

    def sample(self, num: int, *, key: PRNGKeyArray) -> Int[Array, " num"]:
        """Row numbers of random training pictures; can be traced."""
        ...

    def factor_values(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Float[Array, "*batch factor"]:
        """Values of the factors in the pictures of these rows; can be traced."""
        ...

    def images(
        self, rows: Int[Array | np.ndarray, "*batch"]
    ) -> Shaped[Array, "*batch height width channel"]:
        """Pictures of these rows, bool or float32; can be traced."""
        ...

    def table(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]]:
        """The table that the answer is measured on, and its row numbers.

        All rows if there are at most `most` of them, else a random sample.
        """
        ...

    def held_out(
        self, most: int, *, seed: int = 0
    ) -> tuple[FactorTable, Int[np.ndarray, " sample"]] | None:
        """Pictures that `sample` never draws; None where there are none."""
        ...


@runtime_checkable
class World(Protocol):
    """A frozen dataclass of settings, hashable, read from TOML and JSON.

    `kind` is its name among the worlds ("circles").
    """

    @property
    def kind(self) -> str:
        """Its name in configurations and on the command line."""
        ...

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture, if possible without opening files.

        A run that is read back builds its network from it.
        """
        ...

    def population(self) -> Population:
        """The pictures that the settings define; opens and checks files."""
        ...

    def describe(self) -> str:
        """One line for the terminal: the pictures, and what varies in them."""
        ...


def check_world(world: Any) -> None:
    """Refuse what is no world.

    Raises: ConfigError, naming what is missing.
    """
    refuse_class(world, "a world", "tv.Circles()")
    if missing := missing_members(world, World):
        raise ConfigError(
            f"expected a world with {', '.join(missing)}, got {type(world).__name__} "
            "without. docs/own_objective.md has an example; @own_kind gives a kind."
        )


@runtime_checkable
class HasPartners(Protocol):
    """A population that has pairs of pictures, which differ in some factors alone."""

    def partner(
        self,
        rows: Int[Array, " num"],
        changed: Bool[Array, "num factor"],
        *,
        key: PRNGKeyArray,
    ) -> Int[Array, " num"]:
        """Random rows that differ from these in the changed factors alone.

        Can be traced. A row of which there is no such partner is its own.
        """
        ...


@runtime_checkable
class Measures(Protocol):
    """A world that can measure its factors in pictures, including generated ones."""

    def measure(
        self, images: Float[np.ndarray, "*batch height width channel"]
    ) -> Float[np.ndarray, "*batch factor"]:
        """Values of the factors, from the pixels alone; NaN where not visible."""
        ...


@runtime_checkable
class HasCoordinates(Protocol):
    """A world whose factors are dependent, but has independent coordinates."""

    def independent_coordinates(self, table: FactorTable) -> FactorTable | None:
        """The rows of a table in independent coordinates; None if none are known."""
        ...


@runtime_checkable
class SettlesSettings(Protocol):
    """A world that decides some of its settings from the files it opens."""

    def settled(self) -> Any:
        """The same world with all settings decided, and a fingerprint of its files."""
        ...


@runtime_checkable
class KeepsPictures(Protocol):
    """A world that saves what it needs in a run folder."""

    def keep(self, folder: str | Path) -> Any:
        """Write what must be kept; returns the world that reads it from there."""
        ...

    def resolved(self, folder: str | Path) -> Any:
        """The world with settings read from a folder, which finds its files there."""
        ...


@runtime_checkable
class Reports(Protocol):
    """A population with a report of what was read, guessed and left out."""

    @property
    def report(self) -> Any:
        """The report on the files; `lines()` gives its sentences."""
        ...


@runtime_checkable
class RunsInPage(Protocol):
    """A world that the page's own script can draw."""

    def page_data(self) -> dict[str, Any]:
        """JSON values from which the script draws a picture, given its factors."""
        ...


class Labelled(NamedTuple):
    """Pictures, and numbers that tell their factors; NaN where a label is missing."""

    images: Shaped[Array, "label height width channel"]
    targets: Float[Array, "label column"]


class Batch(NamedTuple):
    """Pictures of one training step.

    `other`: a second, independent batch, or the partners of the first. `labelled`:
    pictures with labels, where an objective sees some.
    """

    images: Shaped[Array, "batch height width channel"]
    other: Shaped[Array, "batch height width channel"] | None = None
    labelled: Labelled | None = None
