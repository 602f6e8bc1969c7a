"""What every library of `elbo_terms.py` trains with: network, rates, weights.

It imports no library but NumPy, since each library runs in a process of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

IMAGE_SHAPE, PIXELS, LATENTS = (32, 32, 1), 32 * 32, 3
HIDDEN = (256, 128)  # with SiLU between the layers; the decoder is the mirror image
LOG_VARIANCE_LIMIT = 12.0  # log variances go through 12 tanh(raw / 12)
BATCH_SIZE, LEARNING_RATE, LAST_SHARE = 256, 4e-3, 0.02  # a cosine to 2 % of the rate
ADAM = (0.9, 0.99)
CRITIC_WIDTHS = (LATENTS, 256, 256, 256, 1)  # FactorVAE's second network, with ReLU
CRITIC_RATE, CRITIC_ADAM = 1e-4, (0.5, 0.9)

PLAIN, BETA, TC, FACTOR = "VAE", "beta-VAE", "beta-TCVAE", "FactorVAE"
WEIGHTS = {PLAIN: 1.0, BETA: 4.0, TC: 4.0, FACTOR: 30.0}  # beta, beta, beta, gamma
STRATIFIED = "beta-TCVAE, stratified"  # pythae's other estimate of the same term

Arrays = list[np.ndarray]  # weight and bias of each layer, in order


class Networks(NamedTuple):
    """The weights of a model."""

    vae: Arrays  # the encoder's layers, then the decoder's
    critic: Arrays = []  # FactorVAE's second network


class Tape(NamedTuple):
    """The pictures and the noise of some training steps."""

    rows: np.ndarray  # (step, batch): numbers of the pictures
    noise: np.ndarray  # (step, batch, latent)
    # of FactorVAE alone: a second batch, and how each latent of it is permuted
    other_rows: np.ndarray
    other_noise: np.ndarray
    orders: np.ndarray  # (step, latent, batch)


def rate_at(step: int, steps: int) -> float:
    """Adam's learning rate at a step."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
    return LEARNING_RATE * (LAST_SHARE + (1 - LAST_SHARE) * cosine)


def save_networks(path: Path, networks: Networks) -> None:
    """Write the weights to an npz file."""
    named = {f"vae {i}": array for i, array in enumerate(networks.vae)}
    named |= {f"critic {i}": array for i, array in enumerate(networks.critic)}
    np.savez(path, **named)  # type: ignore[arg-type]


def load_networks(path: Path) -> Networks:
    """The weights that `save_networks` wrote."""
    with np.load(path) as found:
        return Networks(numbered(found, "vae"), numbered(found, "critic"))


def numbered(found: np.lib.npyio.NpzFile, name: str) -> Arrays:
    """The arrays `name 0`, `name 1` and so on."""
    count = sum(key.startswith(f"{name} ") for key in found)
    return [found[f"{name} {place}"] for place in range(count)]


def way_apart(ours: Sequence, theirs: Sequence, start: Sequence) -> float:
    """Distance of two lists of weights, over the distance of the first from its start.

    0: the same; about 1.4: they went in unrelated directions.
    """

    def distance(first: Sequence, second: Sequence) -> float:
        squares = (np.sum((a - b) ** 2) for a, b in zip(first, second, strict=True))
        return math.sqrt(sum(squares))

    return distance(ours, theirs) / distance(ours, start)
