"""The latent space as a diagram: each latent as an axis with pictures along it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyvae.answer import Answer
from tinyvae.evaluation.traversal import central_code, traverse, walk_of
from tinyvae.plots.choice import latents_to_show, notes
from tinyvae.plots.codes import Coded
from tinyvae.plots.style import STYLE, new_figure, show_image
from tinyvae.runs.run import Run
from tinyvae.wording import shortened

MOST_LATENTS = 6  # axes that keep apart
SIDES = {True: 0.3, False: 0.2}  # of a picture, where there are few axes or many
FEW_AXES = 4
TIP = 1.27  # of an axis, from the centre: beyond the last picture
PLACES = (-1, -0.55, 0, 0.55, 1)  # of the pictures along an axis


def latent_space_diagram(run: Run, coded: Coded) -> Figure:
    """Each latent as an axis with the pictures along it, and what it means."""
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    shown = latents_to_show(run.answer.measurement.kl, MOST_LATENTS)
    with rc_context(STYLE):
        figure = new_figure(7.2, 6.2)
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(-1.75, 1.75)
        axes.set_ylim(-1.4, 1.6)
        side = SIDES[len(shown.which) <= FEW_AXES]
        for place, latent in enumerate(shown.which):
            angle = math.pi / 2 - math.pi * place / len(shown.which)
            direction = np.array([math.cos(angle), math.sin(angle)])
            name = f"z{latent}{meaning(run.answer, latent)}"
            draw_axis(axes, direction, name)
            values = walk_of(coded.posteriors, probability, latent, len(PLACES))
            images = traverse(run.vae, base, latent, values).images
            for along, image in zip(PLACES, images, strict=True):
                if along != 0 or place == 0:
                    inset = small_axes(axes, 0.98 * along * direction, side)
                    show_image(inset, image, coded.shades)
        figure.suptitle(
            "The latent space: pictures along each axis, the centre in the middle"
            + notes(shown.note, coded.shades.note),
            fontsize=10,
        )
    return figure


def meaning(answer: Answer, latent: int) -> str:
    """What a latent is, in a line of its own; nothing where no factor is known."""
    if not answer.matches:
        return ""
    if not answer.measurement.axes.active[latent]:
        return ":\nnothing"
    for match in answer.matches:
        if latent in match.latents and match.verdict == "clear":
            return f":\n{shortened(match.factor)}"
        if latent in match.latents and match.verdict == "partial":
            return f":\npartly\n{shortened(match.factor)}"
    return ":\nnone of them\nalone"


def draw_axis(axes: Axes, direction: np.ndarray, name: str) -> None:
    """An arrow through the centre, its name at the tip."""
    x, y = (float(part) for part in TIP * direction)
    axes.annotate(
        "",
        (x, y),
        (-x, -y),
        arrowprops={"arrowstyle": "->", "color": "0.4", "lw": 1.5},
    )
    upright = abs(x) < 0.1
    beside = 0.04 if x > 0 else -0.04
    axes.text(
        x if upright else x + beside,
        y + (0.04 if y > 0 else -0.04) if upright else y,
        name,
        ha="center" if upright else "left" if x > 0 else "right",
        va="center" if not upright else "bottom" if y > 0 else "top",
        fontsize=8.5,
    )


def small_axes(axes: Axes, centre: np.ndarray, side: float) -> Axes:
    """Room for a picture in data coordinates of a diagram."""
    x, y = centre
    corner = (x - side / 2, y - side / 2)
    return axes.inset_axes((*corner, side, side), transform=axes.transData)
