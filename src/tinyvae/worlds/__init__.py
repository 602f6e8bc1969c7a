"""Worlds: from known factors to a picture. One file for each world."""

from tinyvae.own import own_kind
from tinyvae.worlds.circles import Circles
from tinyvae.worlds.corners import HeldOutCorners
from tinyvae.worlds.correlated import CorrelatedCircles
from tinyvae.worlds.grid import GridPopulation
from tinyvae.worlds.own_pictures import Pictures
from tinyvae.worlds.shapes import Shapes
from tinyvae.worlds.two_circles import TwoCircles
from tinyvae.worlds.world import Batch, Population, World

# one line per world; configuration, options, page and documents derive from it
WORLDS: dict[str, type] = {
    "circles": Circles,
    "shapes": Shapes,
    "two-circles": TwoCircles,
    "correlated-circles": CorrelatedCircles,
    "held-out-corners": HeldOutCorners,
    "pictures": Pictures,
}

__all__ = [
    "WORLDS",
    "Batch",
    "Circles",
    "CorrelatedCircles",
    "GridPopulation",
    "HeldOutCorners",
    "Pictures",
    "Population",
    "Shapes",
    "TwoCircles",
    "World",
    "own_kind",
]
