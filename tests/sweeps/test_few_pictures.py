"""Sweeps of own pictures: what was read is told, and few of them do not fail."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.sweeps.spec import SweepSpec
from tinyvae.sweeps.sweep import run_sweep


@pytest.fixture(scope="module")
def block() -> tv.SweepBlock:
    """Forty pictures, of which eight are held out: too few for scores."""
    rng = np.random.default_rng(10_000)
    sizes = rng.integers(1, 4, size=40)
    images = np.zeros((40, 8, 8), np.uint8)
    for image, size in zip(images, sizes, strict=True):
        image[4 - size : 4 + size, 4 - size : 4 + size] = 255
    return tv.SweepBlock(
        objectives=["vae"],
        worlds=[tv.Pictures(images, {"size": sizes})],
        networks=[tv.FullyConnected((8,), latents=2)],
        trainings=[tv.TrainingConfig(steps=100, batch_size=16)],
        members=[1],
        seeds=[0, 1],
    )


@pytest.fixture(scope="module")
def notes(block, tmp_path_factory) -> tuple[Path, list[str]]:
    folder, told = tmp_path_factory.mktemp("few"), []
    run_sweep(SweepSpec((block,)), folder, note=told.append)
    return folder, told


def test_what_was_read_is_told_before_training(notes):
    _, told = notes
    assert any(line.startswith("split: 8 of 40 pictures are held out") for line in told)
    planning = next(k for k, line in enumerate(told) if "measuring shape" in line)
    assert planning > 3


def test_members_without_scores_are_done(notes):
    folder, _ = notes
    table = tv.load_sweep(folder)
    assert table["state"] == ["done", "done"]
    assert table["verdict"] == ["undefined", "undefined"]
    assert None not in table["elbo"]
    assert "share" not in table.columns


def test_a_trained_run_answers_alike(block):
    config = next(replace(block, seeds=[0]).configs())
    run = tv.run_experiment(config)
    assert run.answer.verdict == "undefined"
