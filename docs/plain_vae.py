"""Trains the plain VAE of the page's third lesson, and writes its file.

python docs/plain_vae.py
"""

from __future__ import annotations

import json
from pathlib import Path

import tinyvae as tv
from tinyvae.page.lesson_model import PLAIN_VAE
from tinyvae.page.model import model_data

ASSETS = Path(__file__).parent.parent / "src" / "tinyvae" / "page" / "assets"


def main() -> None:
    """Train it, as small as it may be, and write what the page needs of it."""
    network = tv.FullyConnected(hidden=(26,), latents=3)
    run = tv.train(tv.Circles(), tv.ELBO(), network=network, seed=0, members=1)
    data = model_data(run, "a small plain VAE")
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    (ASSETS / PLAIN_VAE).write_text(text + "\n")


if __name__ == "__main__":
    main()
