"""The factors of the world of shapes, made from its settings."""

from __future__ import annotations

import math

import numpy as np

from tinyvae.factors import Factor
from tinyvae.worlds.silhouettes import FORMS

OWN_TURNS = 1.0  # period of a rotation in units of each shape's own turn


def rotation_period(shapes: tuple[str, ...]) -> float:
    """The turn after which the shapes look the same, in degrees; 1 if turns differ.

    A disc looks the same after every turn.

    >>> rotation_period(("disc", "square")), rotation_period(("square", "heart"))
    (90.0, 1.0)
    """
    turns = {FORMS[shape].turn for shape in shapes if shape != "disc"}
    return turns.pop() if len(turns) == 1 else OWN_TURNS


def rotation_units(shapes: tuple[str, ...]) -> tuple[float, ...]:
    """Degrees that one unit of the rotation turns each of the shapes.

    >>> rotation_units(("square", "heart")), rotation_units(("square",))
    ((90.0, 360.0), (1.0,))
    """
    if rotation_period(shapes) == OWN_TURNS:
        return tuple(FORMS[shape].turn for shape in shapes)
    return (1.0,) * len(shapes)


def shape_factor(shapes: tuple[str, ...]) -> Factor:
    """The factor that says which of the shapes is drawn."""
    values = tuple(float(index) for index in range(len(shapes)))
    return Factor("shape", values, "", "categorical", levels=shapes)


def scale_factor(smallest: float, largest: float, num: int) -> Factor:
    """The scale in pixels; the middle of the range if `num` is 1."""
    values = np.linspace(smallest, largest, num)
    if num == 1 or smallest == largest:
        values = [(smallest + largest) / 2]
    return Factor(
        "scale",
        tuple(map(float, values)),
        "px",
        grows="larger shape",
        falls="smaller shape",
    )


def rotation_factor(shapes: tuple[str, ...], num: int) -> Factor:
    """The rotation within one turn, clockwise."""
    period = rotation_period(shapes)
    return Factor(
        "rotation",
        tuple(period * index / num for index in range(num)),
        "own turn" if period == OWN_TURNS else "deg",
        "circular",
        period,
        grows="turned clockwise",
        falls="turned anticlockwise",
    )


def position_factor(name: str, middle: float, room: float, num: int) -> Factor:
    """Evenly spaced positions around the middle, at most `room` away; in pixels.

    The step is a multiple of half a pixel if there is room.

    >>> position_factor("x", 15.5, 6.0, 5).values
    (9.5, 12.5, 15.5, 18.5, 21.5)
    """
    step = 2 * room / max(1, num - 1)
    if step >= 0.5:
        step = math.floor(2 * step) / 2
    values = tuple(middle + step * (index - (num - 1) / 2) for index in range(num))
    grows, falls = ("right", "left") if name == "x" else ("down", "up")
    return Factor(
        name, values, "px", grows=f"further {grows}", falls=f"further {falls}"
    )


def hue_factor(first: float, num: int) -> Factor:
    """Evenly spaced hues, `first` among them; in degrees."""
    values = sorted((first + 360 * index / num) % 360 for index in range(num))
    return Factor(
        "hue",
        tuple(values),
        "deg",
        "circular",
        360.0,
        grows="hue from red to green to blue",
        falls="hue from blue to green to red",
    )
