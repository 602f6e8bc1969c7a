"""Pictures of a person, with labels of every kind: coloured bars of three shapes."""

import colorsys
from dataclasses import replace

import equinox as eqx
import numpy as np

import tinyvae as tv
from tinyvae.worlds import Pictures

SHAPES = ("cross", "flat", "upright")
HUES, PLACES = tuple(45.0 * step for step in range(8)), tuple(range(1, 7))


def bar(shape: str, hue: float, place: int) -> np.ndarray:
    """A picture of 12x10 pixels in colour, bytes."""
    lit = np.zeros((12, 10, 1))
    if shape != "flat":
        lit[:, place : place + 2] = 1
    if shape != "upright":
        lit[place + 2 : place + 4, :] = 1
    colour = np.array(colorsys.hsv_to_rgb(hue / 360, 0.9, 0.9))
    return (255 * lit * colour).astype(np.uint8)


ROWS = [(s, h, p) for s in SHAPES for h in HUES for p in PLACES]
IMAGES = np.stack([bar(*row) for row in ROWS])
LABELS = {
    name: np.array(column)
    for name, column in zip(
        ("shape", "hue", "place"), zip(*ROWS, strict=True), strict=True
    )
}


def bars(labelled: bool = True) -> Pictures:
    """All bars, with their labels or without."""
    if not labelled:
        return Pictures(IMAGES, held_out=0.0)
    kinds = {"hue": "circular:360", "place": "ordered"}
    return Pictures(IMAGES, LABELS, kinds=kinds, held_out=0.0)


def bars_run(objective, network, *, steps=20, labelled=True, likelihood=None):
    """A run on bars, of one member."""
    training = tv.TrainingConfig(steps=steps, batch_size=32, learning_rate=2e-3)
    config = tv.RunConfig(
        bars(labelled), objective, network, training, likelihood, members=1
    )
    return tv.run_experiment(config)


def with_likelihood(run, likelihood):
    """The same run with another likelihood; its answer is that of the first."""
    vae = eqx.tree_at(lambda vae: vae.likelihood, run.vae, likelihood)
    return replace(run, config=replace(run.config, likelihood=likelihood.kind), vae=vae)
