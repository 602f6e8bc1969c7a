"""Folders of small pictures, and a cache of their own."""

import csv

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("TINYVAE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def pixels():
    """Twelve pictures in colour, 10 high and 14 wide."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (12, 10, 14, 3), dtype=np.uint8)


@pytest.fixture
def photos(tmp_path, pixels):
    """The pictures as PNG files in a folder, beside labels.csv in the one above."""
    folder = tmp_path / "photos"
    folder.mkdir()
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "species", "x"])
        for row, picture in enumerate(pixels):
            name = f"p{row:02}.png"
            Image.fromarray(picture).save(folder / name)
            writer.writerow([name, "cat" if row % 2 else "dog", row * 1.5])
    return folder
