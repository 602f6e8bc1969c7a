"""Encoder and decoder as diagrams, drawn from the actual network."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from tinyvae.evaluation.encode import Posteriors
from tinyvae.evaluation.traversal import central_code, decode_pictures
from tinyvae.plots.choice import latents_to_show
from tinyvae.plots.codes import Coded, pictures
from tinyvae.plots.layers import Layer, decoder_layers, encoder_layers
from tinyvae.plots.shades import Shades
from tinyvae.plots.style import COLOURS, STYLE, new_figure, show_image
from tinyvae.runs.run import Run

SPACING, BOX_WIDTH = 1.5, 0.62
INCHES = 1.44  # of one place
MOST_LATENTS = 6  # whose numbers are written out


def encoder_diagram(run: Run, coded: Coded) -> Figure:
    """A picture, through every layer, to the posterior of each latent."""
    layers = encoder_layers(run.vae, run.population.image_shape)
    row = int(np.argmin(np.linalg.norm(coded.codes - coded.codes.mean(0), axis=1)))
    image = pictures(run.population, coded.rows[[row]])[0]
    text = latent_lines(run, posterior_lines(coded.posteriors, row))
    features = run.vae.head.width()
    name = "features" if coded.posteriors.quantised else "mean,\nlog variance"
    with rc_context(STYLE):
        figure, axes = blank(len(layers) + 2.6)
        place_image(axes, image, 0.0, "picture", coded.shades)
        for place, layer in enumerate(layers):
            layer_box(axes, place + 1.0, layer, largest_of(layers), COLOURS[5])
        end = len(layers) + 1.0
        head = Layer(f"{features}", name, features)
        layer_box(axes, end, head, largest_of(layers), COLOURS[4])
        arrows(axes, end)
        axes.text((end + 0.4) * SPACING, 0, text, va="center", fontsize=8)
        figure.suptitle("Encoder: picture to posterior q(z | x)", fontsize=10)
    return figure


def decoder_diagram(run: Run, coded: Coded) -> Figure:
    """A point of the latent space, through every layer, to the picture shown there."""
    layers = decoder_layers(run.vae, run.population.image_shape)
    base = central_code(coded.codes, coded.table.probability)
    image = decode_pictures(run.vae, base[None])[0]
    text = latent_lines(run, [f"z{j} = {value:+.2f}" for j, value in enumerate(base)])
    with rc_context(STYLE):
        figure, axes = blank(len(layers) + 2.6)
        axes.text(-0.35 * SPACING, 0, text, va="center", ha="center", fontsize=8)
        latents = Layer(f"{len(base)}", "latent z", len(base))
        layer_box(axes, 0.5, latents, largest_of(layers), COLOURS[4])
        for place, layer in enumerate(layers):
            layer_box(axes, place + 1.5, layer, largest_of(layers), COLOURS[5])
        end = len(layers) + 1.6
        arrows(axes, float(int(end)), start=0.5)
        place_image(axes, image, end, shown_name(run), coded.shades)
        figure.suptitle("Decoder: point of the latent space to picture", fontsize=10)
    return figure


def posterior_lines(posteriors: Posteriors, row: int) -> list[str]:
    """What the encoder says of each latent: mean and deviation, or the level."""
    mean, log_variance = posteriors.mean[row], posteriors.log_variance
    if log_variance is None:
        return [f"z{j}: level {value:+.2f}" for j, value in enumerate(mean)]
    return [
        f"z{j}: mean {m:+.2f}, sd {math.exp(v / 2):.2f}"
        for j, (m, v) in enumerate(zip(mean, log_variance[row], strict=True))
    ]


def shown_name(run: Run) -> str:
    """What the decoder's picture shows: probabilities, or means."""
    if run.vae.likelihood.kind == "bernoulli":
        return "probability\nof white"
    return "mean of\neach pixel" if run.population.image_shape[0] > 1 else "means"


def latent_lines(run: Run, lines: Sequence[str]) -> str:
    """The lines of the latents that tell most; how many are left out."""
    shown = latents_to_show(run.answer.measurement.kl, MOST_LATENTS)
    left = len(lines) - len(shown.which)
    more = [f"and {left} more of\nsmaller KL"] if left else []
    return "\n".join([*(lines[latent] for latent in shown.which), *more])


def largest_of(layers: Sequence[Layer]) -> int:
    """Numbers in the largest layer."""
    return max(layer.size for layer in layers)


def blank(places: float) -> tuple[Figure, Axes]:
    """A figure without ticks, wide enough for so many places."""
    figure = new_figure(max(9.5, INCHES * places), 3.2)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-0.8 * SPACING, places * SPACING)
    axes.set_ylim(-1.3, 1.2)
    return figure, axes


def layer_box(
    axes: Axes, place: float, layer: Layer, largest: int, colour: str
) -> None:
    """A layer as a box whose height grows with the logarithm of its size."""
    height = 0.25 + 1.6 * math.log2(layer.size + 1) / max(10, math.log2(largest + 1))
    x = place * SPACING
    box = FancyBboxPatch(
        (x - BOX_WIDTH / 2, -height / 2),
        BOX_WIDTH,
        height,
        boxstyle="round,pad=0.02",
        facecolor=colour,
        edgecolor="black",
        linewidth=0.8,
        alpha=0.85,
    )
    axes.add_patch(box)
    size = 9 if len(layer.text) < 6 else 7.5
    axes.text(x, 0, layer.text, ha="center", va="center", fontsize=size)
    axes.text(x, -height / 2 - 0.07, layer.name, ha="center", va="top", fontsize=7.5)


def arrows(axes: Axes, places: float, *, start: float = 0.0) -> None:
    """An arrow between each place and the next: one layer each."""
    for place in np.arange(start, places):
        left = place * SPACING + (0.55 if place == 0 else 0.4)
        axes.annotate(
            "",
            ((place + 1) * SPACING - 0.4, 0),
            (left, 0),
            arrowprops={"arrowstyle": "->", "color": "0.3"},
        )


def place_image(
    axes: Axes, image: np.ndarray, place: float, name: str, shades: Shades
) -> None:
    """A picture at one end of a diagram."""
    x = place * SPACING
    inset = axes.inset_axes((x - 0.5, -0.5, 1.0, 1.0), transform=axes.transData)
    show_image(inset, image, shades)
    axes.text(x, -0.62, name, ha="center", va="top", fontsize=7.5)
