"""Makes pictures to try tinyvae on, from data that scikit-learn includes.

    python docs/examples/own_pictures.py digits     # digits.npz: arrays and labels
    python docs/examples/own_pictures.py patches    # patches/: 2000 PNG files, a CSV

Then `tinyvae train --images digits.npz`, or
`tinyvae train --images patches --labels patches/labels.csv --key file`.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits, load_sample_images

NUM_PATCHES, SIDE = 2000, 32


def write_digits(path: Path) -> None:
    """The 1797 digits of 8x8 pixels, with their labels, in one npz file."""
    digits = load_digits()
    np.savez(path, images=(digits.images / 16).astype(np.float32), digit=digits.target)


def write_patches(folder: Path) -> None:
    """Random 32x32 patches of two photographs, with position and brightness."""
    folder.mkdir(exist_ok=True)
    photographs = load_sample_images().images
    rng = np.random.default_rng(0)
    with (folder / "labels.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "photograph", "x", "y", "brightness"])
        for number in range(NUM_PATCHES):
            which = int(rng.integers(len(photographs)))
            photograph = photographs[which]
            y, x = (int(rng.integers(n - SIDE)) for n in photograph.shape[:2])
            patch = photograph[y : y + SIDE, x : x + SIDE]
            name = f"{number:04}.png"
            Image.fromarray(patch).save(folder / name)
            title = ("temple", "flower")[which]
            writer.writerow([name, title, x, y, f"{patch.mean() / 255:.4f}"])


if __name__ == "__main__":
    if sys.argv[1:] == ["digits"]:
        write_digits(Path("digits.npz"))
    elif sys.argv[1:] == ["patches"]:
        write_patches(Path("patches"))
    else:
        sys.exit("expected one word, digits or patches, got: " + " ".join(sys.argv[1:]))
