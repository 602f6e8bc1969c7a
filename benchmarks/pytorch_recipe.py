"""The recipe, coarse to fine, in plain PyTorch: it trains, but does not answer.

The same network, objective, schedules, number of steps and batch as `tinyvae train`.
The pictures of the whole grid are drawn with `cv2.circle` beforehand, and minibatches
are taken from memory. It does not import tinyvae; `time_to_answer.py` uses it for
comparison.

    python benchmarks/pytorch_recipe.py --steps 2000 --batch-size 256 --compile
"""

from __future__ import annotations

import argparse
import math
from itertools import pairwise

import cv2
import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch.nn import functional  # pyright: ignore[reportMissingImports]

SIZE, RADII, CENTRES = 32, range(3, 9), range(8, 24)  # pixels
LOG_VARIANCE_LIMIT = 12.0
LOG_TWO_PI = math.log(2 * math.pi)
LITTLE, NEAR, TINY = 1e-3, 0.003, 1e-12
LEAST_OF_CS = 250.0


def draw_grid() -> torch.Tensor:
    """Pictures of every radius, x and y: (sample, pixel), 0 or 1."""
    grid = [(r, x, y) for r in RADII for x in CENTRES for y in CENTRES]
    images = np.zeros((len(grid), SIZE, SIZE), np.uint8)
    for image, (radius, x, y) in zip(images, grid, strict=True):
        cv2.circle(image, (x, y), radius, (1,), thickness=-1)
    return torch.from_numpy(images).flatten(1).float()


def layers(widths: tuple[int, ...]) -> torch.nn.Sequential:
    """Linear layers with SiLU between them; initial weights of He et al. (2015)."""
    modules = []
    for inputs, outputs in pairwise(widths):
        linear = torch.nn.Linear(inputs, outputs)
        torch.nn.init.kaiming_uniform_(linear.weight, nonlinearity="relu")
        torch.nn.init.zeros_(linear.bias)
        modules += [linear, torch.nn.SiLU()]
    return torch.nn.Sequential(*modules[:-1])


def total_correlation(
    mean: torch.Tensor, log_variance: torch.Tensor, latent: torch.Tensor
) -> torch.Tensor:
    """Total correlation of the mixture of one batch's posteriors, in nats.

    Source: Chen et al. (2018), section 3 and appendix C.1, arXiv:1802.04942.
    """
    # log_density[i, m, j] = ln q(z_ij | x_m)
    squared = (latent[:, None] - mean) ** 2 * torch.exp(-log_variance)
    log_density = -0.5 * (squared + log_variance + LOG_TWO_PI)
    joint = torch.logsumexp(log_density.sum(2), 1)
    marginals = torch.logsumexp(log_density, 1).sum(1)
    batch, latents = latent.shape
    return (joint - marginals).mean() + (latents - 1) * math.log(batch)


def cauchy_schwarz_information(latent: torch.Tensor) -> torch.Tensor:
    """How dependent the latents are: 0 if not. Source: Principe (2010)."""
    batch, latents = latent.shape
    near = NEAR ** (1 / latents)
    width = near / math.sqrt(1 - near**2)
    value = latent / (width * torch.sqrt(latent.var(0, correction=0) + TINY))
    other = 1 - torch.eye(batch)
    nearness = torch.exp(-0.25 * (value[:, None] - value) ** 2) * other[..., None]
    to_others = nearness.sum(1) / (batch - 1)
    together = nearness.prod(2).sum() / (batch * (batch - 1))
    product, across = to_others.mean(0).prod(), to_others.prod(1).mean()
    return (
        torch.log(together + TINY)
        + torch.log(product + TINY)
        - 2 * torch.log(across + TINY)
    )


def blurred(pictures: torch.Tensor, width: float, waves: torch.Tensor) -> torch.Tensor:
    """Pictures (batch, pixel) after the heat equation with insulated borders."""
    rate = 1 - torch.cos(math.pi / SIZE * torch.arange(SIZE))
    spread = waves.T @ (torch.exp(-(width**2) * rate)[:, None] * waves)
    rows = pictures.unflatten(1, (SIZE, SIZE))
    return (spread @ rows @ spread).flatten(1).clamp(0, 1)


def gain_of(pictures: torch.Tensor) -> float:
    """Nats by which a perfect decoder beats the mean picture."""
    mean = pictures.mean(0)
    entropy = torch.special.entr
    of_mean = (entropy(mean) + entropy(1 - mean)).sum()
    own = (entropy(pictures) + entropy(1 - pictures)).sum() / len(pictures)
    return max(1.0, float(of_mean - own))


def train(arguments: argparse.Namespace) -> float:
    """Loss after training, in nats."""
    torch.manual_seed(arguments.seed)
    pictures, latents = draw_grid(), 3
    widths = (SIZE * SIZE, *arguments.hidden)
    encoder = layers((*widths, 2 * latents))
    decoder = layers((latents, *widths[::-1]))
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(
        parameters, lr=arguments.learning_rate, betas=(0.9, 0.99)
    )
    columns = torch.arange(SIZE) + 0.5
    waves = torch.cos(math.pi / SIZE * torch.arange(SIZE)[:, None] * columns)
    waves = waves / waves.norm(dim=1, keepdim=True)

    def loss_of(
        images: torch.Tensor,
        targets: torch.Tensor,
        noise: torch.Tensor,
        weights: torch.Tensor,
    ) -> torch.Tensor:
        mean, raw = encoder(images).chunk(2, dim=1)
        log_variance = LOG_VARIANCE_LIMIT * torch.tanh(raw / LOG_VARIANCE_LIMIT)
        latent = mean + torch.exp(0.5 * log_variance) * noise
        reconstruction_loss = functional.binary_cross_entropy_with_logits(
            decoder(latent), targets, reduction="sum"
        )
        kl = 0.5 * (mean**2 + torch.expm1(log_variance) - log_variance).sum()
        return (
            (reconstruction_loss + weights[0] * kl) / len(images)
            + weights[1] * total_correlation(mean, log_variance, latent)
            + weights[2] * cauchy_schwarz_information(latent)
        )

    compute = torch.compile(loss_of) if arguments.compile else loss_of
    loss = torch.zeros(())
    for step in range(arguments.steps):
        progress = step / arguments.steps
        optimizer.param_groups[0]["lr"] = learning_rate_at(progress, arguments)
        images = pictures[torch.randint(len(pictures), (arguments.batch_size,))]
        width = arguments.blur * SIZE * max(0.0, 1 - progress / arguments.fine_at)
        targets = blurred(images, width, waves) if width else images
        noise = torch.randn(len(images), latents)
        weights = torch.tensor(weights_at(progress, gain_of(targets), arguments))
        loss = compute(images, targets, noise, weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def learning_rate_at(progress: float, arguments: argparse.Namespace) -> float:
    """Adam's rate: a cosine to 2 %."""
    cosine = 0.5 * (1 + math.cos(math.pi * progress))
    return arguments.learning_rate * (0.02 + 0.98 * cosine)


def weights_at(
    progress: float, gain: float, arguments: argparse.Namespace
) -> tuple[float, float, float]:
    """Weights of KL, total correlation and Cauchy-Schwarz information."""
    begin, end = arguments.tc_until, arguments.tc_end
    fine = min(1.0, progress / arguments.fine_at)
    late = min(1.0, max(0.0, (progress - begin) / (end - begin)))
    start = arguments.kl_share * gain
    return (
        start + (1 - start) * fine,
        arguments.tc_share * gain * LITTLE**late,
        arguments.cs_share * max(gain, LEAST_OF_CS) * late,
    )


def main() -> None:
    """Train with the options of the command line."""
    parser = argparse.ArgumentParser(description="The recipe in PyTorch.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--hidden", type=int, nargs="+", default=[256, 128])
    for name, value in {
        "learning-rate": 8e-3,
        "blur": 0.25,
        "fine-at": 0.15,
        "kl-share": 0.06,
        "tc-share": 0.12,
        "tc-until": 0.3,
        "tc-end": 0.5,
        "cs-share": 0.08,
    }.items():
        parser.add_argument(f"--{name}", type=float, default=value)
    parser.add_argument("--compile", action="store_true", help="use torch.compile")
    print(f"loss {train(parser.parse_args()):.2f} nats")


if __name__ == "__main__":
    main()
