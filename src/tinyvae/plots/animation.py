"""Walks along every latent as one animated GIF."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFont

from tinyvae.answer import Answer
from tinyvae.evaluation.traversal import central_code, traverse, walk_of
from tinyvae.files.whole import write_whole
from tinyvae.plots.choice import latents_to_show
from tinyvae.plots.codes import Coded
from tinyvae.runs.run import Run
from tinyvae.wording import shortened

SIDE = 160  # pixels of a picture's longer side, or the next multiple of its own
GAP, LABEL = 12, 26  # pixels between pictures, and of the line of text above them
MILLISECONDS = 70
MOST_LATENTS, MOST_IN_A_LINE = 16, 6

Frame = Float[np.ndarray, "height width 3"]


def animate_traversals(run: Run, coded: Coded, *, steps: int = 24) -> bytes:
    """A GIF in which each latent is walked there and back, the others held.

    The pictures stand side by side; above each is the latent and what it is.
    """
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    shown = latents_to_show(run.answer.measurement.kl, MOST_LATENTS)
    walks = []
    for latent in shown.which:
        values = walk_of(coded.posteriors, probability, latent, steps)
        walks.append(traverse(run.vae, base, latent, values).images)
    labels = [label_of(run.answer, latent) for latent in shown.which]
    there = [
        _frame([coded.shades.rgb(images[k]) for images in walks], labels, shown.note)
        for k in range(steps)
    ]
    frames = [*there, *there[-2:0:-1]]
    content = io.BytesIO()
    frames[0].save(
        content,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=MILLISECONDS,
        loop=0,
    )
    return content.getvalue()


def save_animation(run: Run, coded: Coded, path: Path) -> None:
    """Write the animation, whole or not at all.

    Raises: RunFolderError if it cannot be written.
    """
    write_whole(path, animate_traversals(run, coded))


def label_of(answer: Answer, latent: int) -> str:
    """The latent, and the factor that it clearly is."""
    for match in answer.matches:
        if latent in match.latents and match.verdict == "clear":
            return f"z{latent}: {shortened(match.factor, 13)}"
    if not answer.measurement.axes.active[latent]:
        return f"z{latent}: -"
    return f"z{latent}: ?" if answer.matches else f"z{latent}"


def _frame(images: list[Frame], labels: list[str], note: str) -> Image.Image:
    height, width = images[0].shape[:2]
    times = -(-SIDE // max(height, width))
    size = (max(times * width, SIDE), times * height)  # the label needs its room
    columns = min(MOST_IN_A_LINE, len(images))
    lines = -(-len(images) // columns)
    top = LABEL if note else 0
    frame = Image.new(
        "RGB",
        (columns * (size[0] + GAP) + GAP, top + lines * (size[1] + LABEL) + GAP),
        (255, 255, 255),
    )
    draw, font = ImageDraw.Draw(frame), ImageFont.load_default(15)
    draw.text((GAP, 4), note, fill=0, font=font)
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        left = GAP + place % columns * (size[0] + GAP)
        upper = top + place // columns * (size[1] + LABEL)
        pixels = Image.fromarray(np.round(255 * image).astype(np.uint8))
        shown = (times * width, times * height)
        frame.paste(
            pixels.resize(shown, Image.Resampling.NEAREST), (left, upper + LABEL)
        )
        draw.text((left, upper + 4), label, fill=0, font=font)
    grey = all(np.ptp(image, axis=-1).max() == 0 for image in images)
    return frame.convert("L") if grey else frame
