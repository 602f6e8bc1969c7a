"""Pictures trained per second: tinyvae beside PyTorch and pythae, in one run.

Everybody trains the same VAE (1024-512-256-3, the decoder mirrored, ReLU), on the same
loss (cross entropy summed over pixels, plus KL), with Adam, on 32x32 circles. Turns of
a few seconds alternate: in each round every implementation has one turn, and ratios are
taken within a round, so that a machine that slows down slows down everybody.

    python benchmarks/throughput.py --rounds 5 --seconds 1.5 --out throughput.md
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from pythae.data.datasets import BaseDataset  # pyright: ignore[reportMissingImports]
from pythae.models import (  # pyright: ignore[reportMissingImports]
    VAE as PythaeVAE,
)
from pythae.models import (  # pyright: ignore[reportMissingImports]
    VAEConfig as PythaeVAEConfig,
)
from pythae.models.base.base_utils import (  # pyright: ignore[reportMissingImports]
    ModelOutput,
)
from pythae.models.nn import (  # pyright: ignore[reportMissingImports]
    BaseDecoder,
    BaseEncoder,
)
from pythae.trainers import (  # pyright: ignore[reportMissingImports]
    BaseTrainer,
    BaseTrainerConfig,
)
from pythae.trainers.training_callbacks import (  # pyright: ignore[reportMissingImports]
    CallbackHandler,
    TrainingCallback,
)

from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from tinyvae.networks import NetworkConfig
from tinyvae.objectives import ELBO
from tinyvae.training import (
    DrawBatch,
    Member,
    TrainingConfig,
    compile_advance,
    initial_state,
)
from tinyvae.vae import fully_connected_vae
from tinyvae.worlds import Circles
from tinyvae.worlds.minibatches import minibatch_drawer

PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "torch", "pythae")
HIDDEN, LATENTS, LEARNING_RATE = (512, 256), 3, 1e-3
BATCH_SIZES = (128, 512)
REFERENCE, PYTHAE = "PyTorch eager f32", "pythae, model and step"
MATRIX_SIZE = 2048  # of the products that measure the machine's peak

Train = Callable[[int], None]  # (steps) -> trained for so many steps, and finished


class Turn(NamedTuple):
    """What is timed: `train(steps)` does `steps * work` pictures, or GFLOP."""

    name: str
    train: Train
    work: float


def floating_operations(image_pixels: int) -> int:
    """Floating-point operations of the matrix products of one picture's step.

    Forward, weight gradients and input gradients each take 2 * inputs * outputs; the
    first encoder layer needs no input gradient. Nothing else is counted.
    """
    encoder = (image_pixels, *HIDDEN, 2 * LATENTS)
    decoder = (LATENTS, *HIDDEN[::-1], image_pixels)
    products = [a * b for widths in (encoder, decoder) for a, b in pairwise(widths)]
    return 6 * sum(products) - 2 * products[0]


# tinyvae -----------------------------------------------------------------------------


def tinyvae_turn(name: str, draw_batch: DrawBatch, batch_size: int) -> Turn:
    """The loop that `tinyvae train` runs, with one member."""
    config = TrainingConfig(
        steps=10**6, batch_size=batch_size, learning_rate=LEARNING_RATE
    )
    network = NetworkConfig(HIDDEN, "relu", LATENTS)
    keys = Member(seed=0).key()[None]
    state = initial_state(
        keys, lambda key: fully_connected_vae((32, 32), network, key=key), config
    )
    advance = compile_advance(ELBO(), config, draw_batch)

    def train(steps: int) -> None:
        nonlocal state
        state = jax.block_until_ready(advance(keys, state, steps))

    return Turn(name, train, batch_size)


def tinyvae_turns(world: Circles, pictures: np.ndarray, batch_size: int) -> list[Turn]:
    """Pictures drawn anew at each step, and pictures taken from memory."""
    fixed = jnp.asarray(pictures)

    def take_batch(key):
        return fixed[jax.random.randint(key, (batch_size,), 0, len(fixed))]

    drawn = minibatch_drawer(world, world.table, batch_size)
    return [
        tinyvae_turn("tinyvae f32, pictures drawn at each step", drawn, batch_size),
        tinyvae_turn("tinyvae f32, pictures from memory", take_batch, batch_size),
    ]


# PyTorch -----------------------------------------------------------------------------


def torch_layers(widths: Sequence[int]) -> torch.nn.Sequential:
    """Linear layers with a ReLU between them."""
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


class TorchVAE(torch.nn.Module):
    """The same VAE, as one writes it in PyTorch; its output is the loss."""

    def __init__(self, image_pixels: int):
        super().__init__()
        self.encoder = torch_layers((image_pixels, *HIDDEN, 2 * LATENTS))
        self.decoder = torch_layers((LATENTS, *HIDDEN[::-1], image_pixels))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Negative ELBO of a minibatch, in nats."""
        mean, log_variance = self.encoder(images).float().chunk(2, dim=1)
        latent = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        logits = self.decoder(latent).float()
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, images, reduction="sum"
        )
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (cross_entropy + kl) / len(images)


def torch_turn(
    name: str,
    pictures: torch.Tensor,
    batch_size: int,
    *,
    compiled: bool = False,
    bf16: bool = False,
    fused: bool | None = None,
) -> Turn:
    """A plain PyTorch training loop over pictures in memory."""
    torch.manual_seed(0)
    vae = TorchVAE(pictures.shape[1])
    optimizer = torch.optim.Adam(vae.parameters(), lr=LEARNING_RATE, fused=fused)
    loss_of = torch.compile(vae) if compiled else vae

    def train(steps: int) -> None:
        for _ in range(steps):
            images = pictures[torch.randint(len(pictures), (batch_size,))]
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                loss = loss_of(images)
            loss.backward()
            optimizer.step()

    return Turn(name, train, batch_size)


def torch_turns(pictures: np.ndarray, batch_size: int) -> list[Turn]:
    """Eager and compiled, f32 and bf16; Adam as it comes, and its fused kernel."""
    turn = partial(
        torch_turn,
        pictures=torch.from_numpy(pictures).flatten(1),
        batch_size=batch_size,
    )
    return [
        turn(REFERENCE),
        turn("PyTorch eager f32, fused Adam", fused=True),
        turn("torch.compile f32", compiled=True),
        turn("torch.compile f32, fused Adam", compiled=True, fused=True),
        turn("PyTorch eager bf16 autocast", bf16=True),
        turn("torch.compile bf16 autocast", compiled=True, bf16=True),
        turn(
            "torch.compile bf16 autocast, fused Adam",
            compiled=True,
            bf16=True,
            fused=True,
        ),
    ]


# pythae ------------------------------------------------------------------------------


class PythaeEncoder(BaseEncoder):
    """The same encoder, in the form that pythae asks for."""

    def __init__(self, image_pixels: int):
        BaseEncoder.__init__(self)
        self.network = torch_layers((image_pixels, *HIDDEN, 2 * LATENTS))

    def forward(self, images: torch.Tensor) -> ModelOutput:
        """Mean and log variance of the posterior."""
        mean, log_variance = self.network(images.flatten(1)).chunk(2, dim=1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class PythaeDecoder(BaseDecoder):
    """The same decoder, in the form that pythae asks for: its output is no logit."""

    def __init__(self, image_pixels: int):
        BaseDecoder.__init__(self)
        self.network = torch_layers((LATENTS, *HIDDEN[::-1], image_pixels))

    def forward(self, latent: torch.Tensor) -> ModelOutput:
        """Probability that each pixel is white."""
        return ModelOutput(reconstruction=torch.sigmoid(self.network(latent)))


def pythae_vae(image_pixels: int) -> PythaeVAE:
    """The VAE of pythae with the same encoder and decoder, and cross entropy."""
    torch.manual_seed(0)
    config = PythaeVAEConfig(
        input_dim=(1, 32, 32), latent_dim=LATENTS, reconstruction_loss="bce"
    )
    return PythaeVAE(config, PythaeEncoder(image_pixels), PythaeDecoder(image_pixels))


def pythae_step_turn(pictures: torch.Tensor, batch_size: int) -> Turn:
    """The model of pythae under the loop used for PyTorch: no data loader."""
    vae = pythae_vae(pictures[0].numel())
    optimizer = torch.optim.Adam(vae.parameters(), lr=LEARNING_RATE)

    def train(steps: int) -> None:
        for _ in range(steps):
            index = torch.randint(len(pictures), (batch_size,))
            output = vae({"data": pictures[index]})
            optimizer.zero_grad()
            output.loss.backward()
            optimizer.step()

    return Turn(PYTHAE, train, batch_size)


def pythae_trainer_turn(
    pictures: torch.Tensor, batch_size: int, output_folder: str
) -> Turn:
    """The trainer of pythae, whole epochs at a time, with its own data loader."""
    logging.getLogger("pythae").setLevel(logging.ERROR)
    epoch_steps = 20
    index = torch.randint(len(pictures), (epoch_steps * batch_size,))
    labels = torch.zeros(len(index))
    trainer = BaseTrainer(
        pythae_vae(pictures[0].numel()),
        BaseDataset(pictures[index], labels),
        training_config=BaseTrainerConfig(
            output_dir=output_folder,
            learning_rate=LEARNING_RATE,
            per_device_train_batch_size=batch_size,
            no_cuda=True,
        ),
    )
    trainer.prepare_training()
    # without its progress bar, which would write between the rows of the table
    trainer.callback_handler = CallbackHandler([TrainingCallback()], trainer.model)

    def train(epochs: int) -> None:
        for epoch in range(1, epochs + 1):
            trainer.train_step(epoch)

    return Turn("pythae, its own trainer", train, epoch_steps * batch_size)


# The machine's peak ------------------------------------------------------------------


def peak_turns() -> list[Turn]:
    """One large f32 matrix product by XLA and by PyTorch; work in GFLOP."""
    gigaflop = 2 * MATRIX_SIZE**3 / 1e9
    matrix = np.random.default_rng(0).normal(size=(MATRIX_SIZE,) * 2)
    of_jax, of_torch = jnp.asarray(matrix, jnp.float32), torch.tensor(matrix).float()
    product = jax.jit(jnp.matmul)

    def multiply_jax(steps: int) -> None:
        for _ in range(steps):
            product(of_jax, of_jax).block_until_ready()

    def multiply_torch(steps: int) -> None:
        for _ in range(steps):
            torch.matmul(of_torch, of_torch)

    return [
        Turn("XLA", multiply_jax, gigaflop),
        Turn("PyTorch", multiply_torch, gigaflop),
    ]


# Measurement -------------------------------------------------------------------------


def steps_for(turn: Turn, seconds: float) -> int:
    """Steps that take about so many seconds, after everything has been compiled."""
    turn.train(2)
    steps = 1
    while True:
        started = time.perf_counter()
        turn.train(steps)
        elapsed = time.perf_counter() - started
        if elapsed > seconds / 8:
            return max(1, round(steps * seconds / elapsed))
        steps *= 2


def rates_in_rounds(
    turns: Sequence[Turn], rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Work per second of each turn in each round; the turns of a round alternate."""
    steps = [steps_for(turn, seconds) for turn in turns]
    rates: dict[str, list[float]] = {turn.name: [] for turn in turns}
    for _ in range(rounds):
        for turn, count in zip(turns, steps, strict=True):
            started = time.perf_counter()
            turn.train(count)
            elapsed = time.perf_counter() - started
            rates[turn.name].append(count * turn.work / elapsed)
    return rates


def median_ratio(rates: Sequence[float], reference: Sequence[float]) -> float:
    """Median over the rounds of the ratio within a round."""
    return median(a / b for a, b in zip(rates, reference, strict=True))


def rows_of(
    batch_size: int, rates: dict[str, list[float]], peak: Sequence[float]
) -> list[list[str]]:
    """Rows of the table for one batch size; `peak` in GFLOP/s, one a round."""
    gigaflop = floating_operations(32 * 32) / 1e9
    rows = []
    for name, values in rates.items():
        share = median_ratio([value * gigaflop for value in values], peak)
        rows.append(
            [
                name,
                str(batch_size),
                thousands(median(values)),
                f"{median_ratio(values, rates[REFERENCE]):.2f}",
                f"{median_ratio(values, rates[PYTHAE]):.2f}",
                f"{100 * share:.0f} %",
            ]
        )
    return rows


def measure(batch_size: int, rounds: int, seconds: float) -> tuple[list, str]:
    """Rows of one batch size, and a sentence on the peak beside them."""
    world = Circles()
    pictures = np.asarray(world.draw(world.table.values), np.float32)
    of_torch = torch.from_numpy(pictures)[:, None]
    with tempfile.TemporaryDirectory() as output_folder:
        peaks = peak_turns()
        turns = [
            *peaks,
            *tinyvae_turns(world, pictures, batch_size),
            *torch_turns(pictures, batch_size),
            pythae_step_turn(of_torch, batch_size),
            pythae_trainer_turn(of_torch, batch_size, output_folder),
        ]
        rates = rates_in_rounds(turns, rounds, seconds)
    peak_rates = [rates.pop(turn.name) for turn in peaks]
    peak = [max(pair) for pair in zip(*peak_rates, strict=True)]
    xla, pytorch = (median(values) for values in peak_rates)
    sentence = (
        f"Peak f32 product beside batch {batch_size}: XLA {xla:.0f}, "
        f"PyTorch {pytorch:.0f} GFLOP/s; "
        f"best of both in each round, median {median(peak):.0f}."
    )
    return rows_of(batch_size, rates, peak), sentence


def report(rounds: int, seconds: float, batch_sizes: Sequence[int]) -> str:
    """The whole table, in Markdown."""
    rows, sentences, watch = [], [], CoreWatch()
    for batch_size in batch_sizes:
        some, sentence = measure(batch_size, rounds, seconds)
        rows.extend(some)
        sentences.append(sentence)
    header = (
        "implementation",
        "batch",
        "pictures/s",
        "to PyTorch eager f32",
        "to pythae's model",
        "of f32 peak",
    )
    megaflop = floating_operations(32 * 32) / 1e6
    return "\n\n".join(
        [
            "# Pictures trained per second",
            "VAE 1024-512-256-3, ReLU, decoder mirrored, Adam; "
            f"{rounds} rounds of {seconds:g} s a turn, medians. Ratios are taken "
            "within a round and to the same batch size.",
            markdown_table(header, rows),
            " ".join(sentences) + f" A picture's step is {megaflop:.2f} MFLOP of "
            "matrix products (forward and backward, no input gradient in the first "
            "layer); nothing else is counted. bf16 can exceed the f32 peak.",
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description="Pictures trained per second.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="length of a turn")
    parser.add_argument("--batch-size", type=int, nargs="+", default=BATCH_SIZES)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    publish(
        report(arguments.rounds, arguments.seconds, arguments.batch_size),
        arguments.out,
    )


if __name__ == "__main__":
    main()
