"""Small runs, and their pages in files."""

from pathlib import Path

import tinyvae as tv
from tinyvae.page import page as page_of


def small_run(objective, seed: int, latents: int, size: int = 16, steps: int = 150):
    training = tv.TrainingConfig(steps=steps, batch_size=32, learning_rate=2e-3)
    network = tv.FullyConnected(hidden=(48, 24), latents=latents)
    return tv.train(
        tv.Circles(size),
        objective,
        network=network,
        training=training,
        seed=seed,
        members=1,
    )


def written(runs, tmp_path_factory) -> Path:
    """The page of some runs, in a file."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(runs), encoding="utf-8")
    return path
