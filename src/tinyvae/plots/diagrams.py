"""Encoder, decoder and latent space as diagrams, drawn from the actual network."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from tinyvae.answer.sentence import WORDS
from tinyvae.evaluation.traversal import central_code, traverse, walk
from tinyvae.plots.codes import Coded
from tinyvae.plots.style import COLOURS, STYLE, new_figure, show_image
from tinyvae.runs.run import Run

SPACING, BOX_WIDTH = 1.5, 0.62


def encoder_diagram(run: Run, coded: Coded) -> Figure:
    """A picture, through every layer, to the mean and log variance of each latent."""
    widths = run.vae.encoder.network.widths[:-1]
    row = int(np.argmin(np.linalg.norm(coded.codes - coded.codes.mean(0), axis=1)))
    image = np.asarray(run.world.draw(coded.table.values[row]), float)
    mean, log_variance = (values[row] for values in coded.posteriors)
    text = "\n".join(
        f"z{j}: mean {m:+.2f}, sd {math.exp(v / 2):.2f}"
        for j, (m, v) in enumerate(zip(mean[:6], log_variance[:6], strict=True))
    )
    with rc_context(STYLE):
        figure = new_figure(9.5, 3.2)
        axes = blank(figure, len(widths) + 2.6)
        place_image(axes, image, 0.0, "picture")
        activation = run.vae.encoder.network.activation
        names = ["pixels", *[activation] * (len(widths) - 1)]
        for place, (width, name) in enumerate(zip(widths, names, strict=True)):
            layer_box(axes, place + 1.0, width, name, COLOURS[5])
        end = len(widths) + 1.0
        layer_box(axes, end, 2 * len(mean), "mean, log variance", COLOURS[4])
        arrows(axes, end)
        axes.text((end + 0.4) * SPACING, 0, text, va="center", fontsize=8)
        figure.suptitle("Encoder: picture to posterior q(z | x)", fontsize=10)
    return figure


def decoder_diagram(run: Run, coded: Coded) -> Figure:
    """A point of the latent space, through every layer, to the probability of white."""
    first, *widths = run.vae.decoder.network.widths
    base = central_code(coded.codes, coded.table.probability)
    image = run.decode(base[None])[0]
    text = "\n".join(f"z{j} = {value:+.2f}" for j, value in enumerate(base[:6]))
    with rc_context(STYLE):
        figure = new_figure(9.5, 3.2)
        axes = blank(figure, len(widths) + 2.6)
        axes.text(-0.35 * SPACING, 0, text, va="center", ha="center", fontsize=8)
        layer_box(axes, 0.5, first, "latent z", COLOURS[4])
        activation = run.vae.decoder.network.activation
        names = [*[activation] * (len(widths) - 1), "pixel logits"]
        for place, (width, name) in enumerate(zip(widths, names, strict=True)):
            layer_box(axes, place + 1.5, width, name, COLOURS[5])
        end = len(widths) + 1.6
        arrows(axes, float(int(end)), start=0.5)
        place_image(axes, image, end, "probability\nof white")
        figure.suptitle("Decoder: point of the latent space to picture", fontsize=10)
    return figure


def latent_space_diagram(run: Run, coded: Coded) -> Figure:
    """Each latent as an axis with the pictures along it, and what it means."""
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    num_latents = codes.shape[1]
    meaning = {
        match.latent: WORDS.get(match.factor, (match.factor,))[0]
        for match in run.answer.matches
        if match.verdict == "clear"
    }
    with rc_context(STYLE):
        figure = new_figure(6.4, 6.2)
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(-1.45, 1.45)
        axes.set_ylim(-1.4, 1.4)
        for latent in range(num_latents):
            angle = math.pi / 2 - math.pi * latent / num_latents
            direction = np.array([math.cos(angle), math.sin(angle)])
            x, y = (float(part) for part in 1.15 * direction)
            axes.annotate(
                "",
                (x, y),
                (-x, -y),
                arrowprops={"arrowstyle": "->", "color": "0.4", "lw": 1.5},
            )
            name = meaning.get(latent, "none of them alone")
            where = (1.13 * x, 1.13 * y)
            axes.text(*where, f"z{latent}:\n{name}", ha="center", va="center")
            values = walk(codes, probability, latent, 5)
            images = traverse(run.vae, base, latent, values).images
            for place, image in zip((-1, -0.55, 0, 0.55, 1), images, strict=True):
                if place != 0 or latent == 0:
                    small_picture(axes, image, 0.98 * place * direction)
        figure.suptitle(
            "The latent space: pictures along each axis, the centre in the middle",
            fontsize=10,
        )
    return figure


def small_picture(axes: Axes, image: np.ndarray, centre: np.ndarray) -> None:
    """A decoded picture in data coordinates of a diagram."""
    x, y = centre
    inset = axes.inset_axes((x - 0.15, y - 0.15, 0.3, 0.3), transform=axes.transData)
    show_image(inset, image)


def blank(figure: Figure, places: float) -> Axes:
    """Axes without ticks, wide enough for so many places."""
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(-0.8 * SPACING, places * SPACING)
    axes.set_ylim(-1.25, 1.25)
    return axes


def layer_box(axes: Axes, place: float, width: int, name: str, colour: str) -> None:
    """A layer as a box whose height grows with the logarithm of its width."""
    height = 0.25 + 0.16 * math.log2(width + 1)
    x = place * SPACING - BOX_WIDTH / 2
    box = FancyBboxPatch(
        (x, -height / 2),
        BOX_WIDTH,
        height,
        boxstyle="round,pad=0.02",
        facecolor=colour,
        edgecolor="black",
        linewidth=0.8,
        alpha=0.85,
    )
    axes.add_patch(box)
    axes.text(place * SPACING, 0, f"{width}", ha="center", va="center")
    axes.text(
        place * SPACING, -height / 2 - 0.09, name, ha="center", va="top", fontsize=7.5
    )


def arrows(axes: Axes, places: float, *, start: float = 0.0) -> None:
    """An arrow between each place and the next: one linear layer each."""
    for place in np.arange(start, places):
        left = place * SPACING + (0.55 if place == 0 else 0.4)
        axes.annotate(
            "",
            ((place + 1) * SPACING - 0.4, 0),
            (left, 0),
            arrowprops={"arrowstyle": "->", "color": "0.3"},
        )


def place_image(axes: Axes, image: np.ndarray, place: float, name: str) -> None:
    """A picture at one end of a diagram."""
    x = place * SPACING
    inset = axes.inset_axes((x - 0.5, -0.5, 1.0, 1.0), transform=axes.transData)
    show_image(inset, image)
    axes.text(x, -0.62, name, ha="center", va="top", fontsize=7.5)
