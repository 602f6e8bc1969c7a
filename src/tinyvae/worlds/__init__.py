"""Worlds: known factors in, a picture out. One file a world."""

from tinyvae.worlds.circles import Circles
from tinyvae.worlds.world import Batch, Population, World

# one line a world; configuration, options, page and documents derive from it
WORLDS: dict[str, type] = {
    "circles": Circles,
}

__all__ = ["WORLDS", "Batch", "Circles", "Population", "World"]
