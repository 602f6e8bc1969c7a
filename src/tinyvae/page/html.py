"""One HTML file for exploring the latents of some runs."""

from __future__ import annotations

from collections.abc import Sequence

from tinyvae.files.html_page import SHARED, Page, inlined, joined_texts, text_of
from tinyvae.page.lesson_model import lacks_plain_vae, plain_vae
from tinyvae.page.model import model_data
from tinyvae.page.pictures import PICTURES_BYTES
from tinyvae.runs.run import Run

# in the order in which they build on one another; each has one job
MODULES = (
    "numbers.js",
    "colours.js",
    "likelihood.js",
    "network.js",
    "convolution.js",
    "translation.js",
    "model.js",
    "pictures.js",
    "worlds/own.js",
    "worlds/circles.js",
    "worlds.js",
    "display.js",
    "state.js",
    "stage.js",
    "links.js",
    "address.js",
    "words.js",
    "hand.js",
    "sliders.js",
    "labels.js",
    "filmstrip.js",
    "matrix.js",
    "walks.js",
    "guess.js",
    "legend.js",
    "cloud.js",
    "curves.js",
    "gif.js",
    "worlds/circle_lessons.js",
    "lessons.js",
    "exports.js",
    "player.js",
    "fullscreen.js",
    "twins.js",
    "panel.js",
    "copy_link.js",
    "view.js",
    "demonstrations.js",
    "app.js",
)
STYLES = ("base.css", "page.css", "layout.css")


def page(runs: Sequence[tuple[str, Run]], *, guess: bool = False) -> Page:
    """The page of some runs, each with the name it is shown under.

    It makes no request, and every text that comes from a run is data, never markup.
    The page of one run on circles also holds a small plain VAE, for its third lesson.
    With `guess` it opens with the answer hidden, and asks for it first.
    """
    each = PICTURES_BYTES // max(1, len(runs))
    models = [model_data(run, name, picture_bytes=each) for name, run in runs]
    if lacks_plain_vae([run for _, run in runs]):
        models.append(plain_vae())
    style = "".join(text_of(SHARED, name) for name in STYLES)
    template = text_of(SHARED, "page.html")
    data = {"start": "guess" if guess else "answer", "models": models}
    return inlined(template, style=style, script=joined_modules(), data=data)


def joined_modules() -> str:
    """The modules as one: without the lines that only join them."""
    return joined_texts([text_of(SHARED, name) for name in MODULES])
