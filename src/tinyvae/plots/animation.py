"""Walks along every latent as one animated GIF."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw, ImageFont

from tinyvae.answer import Answer
from tinyvae.evaluation.traversal import central_code, traverse, walk
from tinyvae.files.whole import write_whole
from tinyvae.plots.codes import Coded
from tinyvae.runs.run import Run

SIDE = 160  # pixels of a picture, or the next multiple of its own size
GAP, LABEL = 12, 26  # pixels between pictures, and of the line of text above them
MILLISECONDS = 70


def animate_traversals(run: Run, coded: Coded, *, steps: int = 24) -> bytes:
    """A GIF in which each latent is walked there and back, the others held.

    The pictures stand side by side; above each is the latent and what it is.
    """
    codes, probability = coded.codes, coded.table.probability
    base = central_code(codes, probability)
    walks = [
        traverse(run.vae, base, j, walk(codes, probability, j, steps)).images
        for j in range(codes.shape[1])
    ]
    labels = [label_of(run.answer, latent) for latent in range(len(walks))]
    there = [_frame([images[k] for images in walks], labels) for k in range(steps)]
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
        if match.latent == latent and match.verdict == "clear":
            return f"z{latent}: {match.factor}"
    return (
        f"z{latent}: ?" if answer.measurement.axes.active[latent] else f"z{latent}: -"
    )


def _frame(
    images: list[Float[np.ndarray, "height width"]], labels: list[str]
) -> Image.Image:
    times = -(-SIDE // images[0].shape[0])
    side = times * images[0].shape[0]
    frame = Image.new("L", (len(images) * (side + GAP) + GAP, side + LABEL + GAP), 255)
    draw, font = ImageDraw.Draw(frame), ImageFont.load_default(15)
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        left = GAP + place * (side + GAP)
        grey = np.round(255 * image).astype(np.uint8)
        enlarged = Image.fromarray(grey).resize((side, side), Image.Resampling.NEAREST)
        frame.paste(enlarged, (left, LABEL))
        draw.text((left, 4), label, fill=0, font=font)
    return frame
