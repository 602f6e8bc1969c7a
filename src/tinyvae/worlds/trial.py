"""A trial of a user's own world: a few of its pictures, before training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Shaped

from tinyvae.errors import ConfigError
from tinyvae.own import fault_of, missing_members
from tinyvae.pixels import Pixels, check_pixels
from tinyvae.worlds import WORLDS
from tinyvae.worlds.grid import GridPopulation
from tinyvae.worlds.world import Population, World

PICTURES = 13  # seldom a side of a picture, for which it could be taken
ROUNDING = 1e-5  # by which a pixel may lie outside of 0 to 1


def check_own_pictures(world: World, population: Any) -> None:
    """Refuse a user's own world whose pictures are not what it says of them.

    Nothing is drawn of a world of tinyvae.

    Raises: ConfigError, naming the class and what is wrong.
    """
    if type(world) in WORLDS.values():
        return
    name = type(world).__name__
    check_own_population(name, population)
    check_own_shape(name, world.image_shape)
    check_own_shape(type(population).__name__, population.image_shape)
    if tuple(world.image_shape) != tuple(population.image_shape):
        raise ConfigError(
            f"expected the pictures of {name} to have its image_shape, "
            f"{world.image_shape}, got a population of {population.image_shape}."
        )
    check_values(name, trial_pictures(name, population), population.pixels)


def check_own_population(name: str, population: Any) -> None:
    """Refuse what is no population.

    Raises: ConfigError, naming what is missing.
    """
    if missing := missing_members(population, Population):
        raise ConfigError(
            f"expected {name}.population() to give a population with "
            f"{', '.join(missing)}, got {type(population).__name__} without. "
            "tinyvae.worlds.GridPopulation is one."
        )
    check_pixels(population.pixels)


def check_own_shape(name: str, shape: Any) -> None:
    """Refuse a shape of pictures that is not three whole numbers.

    Raises: ConfigError.
    """
    if callable(shape):
        raise ConfigError(
            f"expected {name}.image_shape, got a method that gives it. Write @property "
            "above it."
        )
    several = isinstance(shape, tuple | list) and len(shape) == 3
    if not (several and all(isinstance(n, int) and n > 0 for n in shape)):
        raise ConfigError(
            f"expected {name}.image_shape to be (height, width, channel), got "
            f"{shape!r}. A grey picture has one channel."
        )


def trial_pictures(
    name: str, population: Population
) -> Shaped[np.ndarray, "picture height width channel"]:
    """A few pictures, drawn as training draws them.

    Raises: ConfigError if they cannot be drawn, or are of another shape.
    """
    what, draw, asked = drawing(name, population)
    expected = (PICTURES, *population.image_shape)
    wanted = f"{what}, given an array of shape {asked.shape}, to give {expected}"
    try:
        traced: Any = jax.eval_shape(draw, asked)
        images = np.asarray(draw(asked))
    except Exception as error:  # noqa: BLE001 (whatever a user's method raises)
        batch = " It is given a batch." if asked.ndim > 1 else ""
        raise ConfigError(
            f"expected {wanted}, got {fault_of(error, draw)}{batch}"
        ) from error
    if getattr(traced, "shape", None) != expected:
        advice = " Add the channel: [..., None]." if images.ndim == 3 else ""
        raise ConfigError(f"expected {wanted}, got {images.shape}.{advice}")
    return images


def drawing(
    name: str, population: Population
) -> tuple[str, Callable[[Array], Array], Array]:
    """What draws pictures, its name, and what it is given: factors, or row numbers."""
    rows = population.sample(PICTURES, key=jax.random.key(0))
    if isinstance(population, GridPopulation):
        return f"{name}.draw", population.world.draw, population.factor_values(rows)
    return f"{type(population).__name__}.images", population.images, rows


def check_values(
    name: str,
    images: Shaped[np.ndarray, "picture height width channel"],
    pixels: Pixels,
) -> None:
    """Refuse pixels that are not of the type that a world says they are.

    Raises: ConfigError, saying what they are.
    """
    low, high = float(images.min()), float(images.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ConfigError(f"expected finite pixels of {name}, got NaN or infinity.")
    if pixels == "real":
        return
    if low < -ROUNDING or high > 1 + ROUNDING:
        as_bytes = low >= 0 and 2 < high <= 255
        advice = "Divide by 255." if as_bytes else 'Scale them, or say "real" of them.'
        raise ConfigError(
            f"expected pixels of {name} from 0 to 1, got {low:g} to {high:g}. {advice}"
        )
    between = images[(images != 0) & (images != 1)]
    if pixels == "binary" and between.size:
        raise ConfigError(
            f'expected pixels of {name} that are 0 or 1, as it says by "binary", got '
            f'{between[0]:g}. Say "grey" of them, or "saturated" if most are near 0 or '
            "1."
        )
