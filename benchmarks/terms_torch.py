"""The training loop of the PyTorch libraries in `elbo_terms.py`, and how it is asked.

A library's script calls `serve`. It then reads a request, one line of JSON, from its
standard input, and answers with one line: it trains a model and tells the seconds, or
it replays steps whose pictures and noise are given and tells their terms.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from terms_setting import (
    ADAM,
    BATCH_SIZE,
    HIDDEN,
    LATENTS,
    LEARNING_RATE,
    LOG_VARIANCE_LIMIT,
    PIXELS,
    Networks,
    Tape,
    load_networks,
    rate_at,
    save_networks,
)

WARM_UP_STEPS = 20
Terms = dict[str, float | torch.Tensor]  # loss and reconstruction, and kl if it is told


class Learner(NamedTuple):
    """A model of a library, ready to train."""

    vae: Sequence[torch.nn.Module]  # encoder and decoder
    optimizer: torch.optim.Optimizer  # of these
    step: Callable[[torch.Tensor], Terms]  # one step on these pictures
    critic: Sequence[torch.nn.Module] = ()
    batches: int = 1  # of pictures, that a step takes at once


MakeLearner = Callable[[str, float, Networks, int], Learner]


def layers(widths: Sequence[int], activation: type) -> torch.nn.Sequential:
    """Linear layers with an activation between them."""
    modules = []
    for inputs, outputs in pairwise(widths):
        modules += [torch.nn.Linear(inputs, outputs), activation()]
    return torch.nn.Sequential(*modules[:-1])


class Encoder(torch.nn.Module):
    """Pictures to mean and log variance, as in tinyvae."""

    def __init__(self):
        super().__init__()
        widths = (PIXELS, *HIDDEN, 2 * LATENTS)
        self.network = layers(widths, torch.nn.SiLU)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log variance of the posterior."""
        mean, raw = self.network(images.flatten(1)).chunk(2, dim=1)
        return mean, LOG_VARIANCE_LIMIT * torch.tanh(raw / LOG_VARIANCE_LIMIT)


def decoder_network() -> torch.nn.Sequential:
    """Latents to logits."""
    return layers((LATENTS, *HIDDEN[::-1], PIXELS), torch.nn.SiLU)


def parameters_of(modules: Iterable[torch.nn.Module]) -> list[torch.nn.Parameter]:
    """Weight and bias of each layer, in order."""
    return [parameter for module in modules for parameter in module.parameters()]


def adam(modules: Iterable[torch.nn.Module]) -> torch.optim.Optimizer:
    """Adam with the settings that all share."""
    return torch.optim.Adam(parameters_of(modules), lr=LEARNING_RATE, betas=ADAM)


def put(modules: Iterable[torch.nn.Module], arrays: Sequence[np.ndarray]) -> None:
    """Give modules these weights."""
    with torch.no_grad():
        for parameter, array in zip(parameters_of(modules), arrays, strict=True):
            parameter.copy_(torch.from_numpy(np.array(array)))


def networks_of(learner: Learner) -> Networks:
    """The weights of a model."""

    def arrays(modules: Iterable[torch.nn.Module]) -> list[np.ndarray]:
        return [p.detach().numpy().copy() for p in parameters_of(modules)]

    return Networks(arrays(learner.vae), arrays(learner.critic))


def train(learner: Learner, pictures: torch.Tensor, steps: int) -> float:
    """Seconds that this many steps take, on pictures from memory."""
    number = learner.batches * BATCH_SIZE
    started = time.perf_counter()
    for step in range(steps):
        learner.optimizer.param_groups[0]["lr"] = rate_at(step, steps)
        learner.step(pictures[torch.randint(len(pictures), (number,))])
    return time.perf_counter() - started


def replay(
    learner: Learner, pictures: torch.Tensor, tape: Tape, steps: int
) -> list[dict[str, float]]:
    """Terms of the first steps of a training of `steps`, on given pictures and noise.

    Where a library takes two batches, its permutation of the pictures puts the second
    batch first (`FactorVAE` of pythae takes the second half for the VAE).
    """
    terms = []
    for step in range(len(tape.rows)):
        learner.optimizer.param_groups[0]["lr"] = rate_at(step, steps)
        rows, noise, orders = [tape.rows[step]], [tape.noise[step]], []
        if learner.batches == 2:
            rows.insert(0, tape.other_rows[step])
            noise.append(tape.other_noise[step])
            orders = [np.arange(2 * BATCH_SIZE), *tape.orders[step]]
        with given_noise(noise, orders):
            found = learner.step(pictures[np.concatenate(rows)])
        terms.append({name: float(value) for name, value in found.items()})
    return terms


@contextmanager
def given_noise(
    noise: Sequence[np.ndarray], orders: Sequence[np.ndarray]
) -> Iterator[None]:
    """Within it, the libraries draw this noise and these permutations."""
    drawn = iter([torch.from_numpy(np.array(part)) for part in noise])
    permutations = iter([torch.from_numpy(np.array(part)) for part in orders])

    def draw(*_: Any, **__: Any) -> torch.Tensor:
        return next(drawn)

    with (
        patch("torch.randn_like", draw),  # pythae
        patch("torch.distributions.normal._standard_normal", draw),  # disent
        patch("torch.randperm", lambda *_, **__: next(permutations)),
    ):
        yield


def serve(library: str, make: MakeLearner) -> None:
    """Answer the requests for one library, until the standard input ends."""
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # libraries may print
    pictures = torch.from_numpy(np.load(sys.argv[1]))
    versions = {name: version(name) for name in (library, "torch")}
    print(json.dumps(versions), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        start = load_networks(Path(asked["start"]))
        new = (asked["objective"], asked["weight"], start, len(pictures))
        learner, answer = make(*new), {}
        if asked["tape"] is None:
            torch.manual_seed(asked["seed"])
            train(make(*new), pictures, WARM_UP_STEPS)
            answer["seconds"] = train(learner, pictures, asked["steps"])
        else:
            with np.load(asked["tape"]) as found:
                tape = Tape(**found)
            answer["terms"] = replay(learner, pictures, tape, asked["steps"])
        save_networks(Path(asked["out"]), networks_of(learner))
        print(json.dumps(answer), file=answers, flush=True)
