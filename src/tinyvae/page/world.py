"""What the page is told of a world: its pictures' form, and its factors."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from tinyvae.factors import Factor
from tinyvae.worlds.world import Population, RunsInPage, World

# worlds that a script of the page draws: one line each, and one file in assets/worlds
WORLD_SCRIPTS = {"circles": "worlds/circles.js"}
# the name that pictures or labels get which came as arrays: kind and fingerprint
OF_PYTHON = re.compile(r"[a-z]+:[0-9a-f]{16}")


def runs_in_page(world: World) -> bool:
    """Whether a script of the page draws the pictures of this world."""
    return isinstance(world, RunsInPage) and world.kind in WORLD_SCRIPTS


def world_data(world: World, population: Population) -> dict[str, Any]:
    """Form of the pictures, factors, and what a script draws from (else null)."""
    script = None
    if isinstance(world, RunsInPage) and world.kind in WORLD_SCRIPTS:
        script = {**_settings(world), **world.page_data()}
    return {
        "kind": world.kind,
        "describe": without_folders(world.describe(), world),
        "imageShape": list(population.image_shape),
        "pixels": population.pixels,
        "factors": [factor_data(factor) for factor in population.factors],
        "script": script,
    }


def factor_data(factor: Factor) -> dict[str, Any]:
    """A factor as the page shows it."""
    return {
        "name": factor.name,
        "unit": factor.unit,
        "kind": factor.kind,
        # a turn begins at 0, whatever the smallest angle in the data
        "low": 0.0 if factor.kind == "circular" else float(factor.values[0]),
        "high": float(factor.values[-1]),
        "values": len(factor.values),
        "levels": list(factor.levels) or _levels(factor),
        "period": _period(factor),
        "grows": factor.grows,
        "falls": factor.falls,
    }


def without_folders(text: str, world: World) -> str:
    """The text with the paths of the world's files cut to their names.

    What came from arrays came from Python.

    A page is passed on; where its maker keeps files is nobody's business.
    """
    for value in _settings(world).values():
        if isinstance(value, str) and Path(value).is_absolute():
            text = text.replace(value, Path(value).name)
    return OF_PYTHON.sub("Python", text)


def _settings(world: World) -> dict[str, Any]:
    if not is_dataclass(world):
        return {}
    return {f.name: getattr(world, f.name) for f in fields(world) if f.repr}


def _levels(factor: Factor) -> list[str]:
    if factor.kind != "categorical":
        return []
    return [f"{value:g}" for value in factor.values]


def _period(factor: Factor) -> float | None:
    """One turn of a circular factor, in its own unit."""
    if factor.kind != "circular":
        return None
    first, last = factor.values[0], factor.values[-1]
    step = (last - first) / max(1, len(factor.values) - 1)
    return float(factor.period or (last - first + step) or 1.0)
