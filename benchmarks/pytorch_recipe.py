"""The annealed recipe in plain PyTorch: it trains, but does not answer.

The same network, objective, schedules, number of steps and batch as `tinyvae train`.
The pictures of the whole grid are drawn with `cv2.circle` beforehand, and minibatches
are taken from memory. It does not import tinyvae; `time_to_answer.py` uses it for
comparison.

    python benchmarks/pytorch_recipe.py --steps 2000 --batch-size 256
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


def train(arguments: argparse.Namespace) -> float:
    """Loss after training, in nats."""
    torch.manual_seed(arguments.seed)
    pictures, latents = draw_grid(), 3
    widths = (SIZE * SIZE, *arguments.hidden)
    encoder = layers((*widths, 2 * latents))
    decoder = layers((latents, *widths[::-1]))
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(
        parameters, lr=arguments.learning_rate, betas=(arguments.b1, arguments.b2)
    )
    loss = torch.zeros(())
    for step in range(arguments.steps):
        progress = step / arguments.steps
        optimizer.param_groups[0]["lr"] = learning_rate_at(progress, arguments)
        images = pictures[torch.randint(len(pictures), (arguments.batch_size,))]
        mean, raw = encoder(images).chunk(2, dim=1)
        log_variance = LOG_VARIANCE_LIMIT * torch.tanh(raw / LOG_VARIANCE_LIMIT)
        latent = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        reconstruction_loss = functional.binary_cross_entropy_with_logits(
            decoder(latent), images, reduction="sum"
        )
        kl = 0.5 * (mean**2 + torch.expm1(log_variance) - log_variance).sum()
        loss = (
            (reconstruction_loss + kl_weight_at(progress, arguments) * kl) / len(images)
        ) + tc_weight_at(progress, arguments) * total_correlation(
            mean, log_variance, latent
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def learning_rate_at(progress: float, arguments: argparse.Namespace) -> float:
    """Adam's rate: a linear warm-up if any, then a cosine to 2 %."""
    warm_up, peak = arguments.warm_up, arguments.learning_rate
    if progress < warm_up:
        return peak * progress / warm_up
    done = (progress - warm_up) / (1 - warm_up)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


def kl_weight_at(progress: float, arguments: argparse.Namespace) -> float:
    """Weight of the KL: linear, to 1."""
    done = min(1.0, progress / arguments.kl_until)
    return arguments.kl_weight + (1 - arguments.kl_weight) * done


def tc_weight_at(progress: float, arguments: argparse.Namespace) -> float:
    """Weight of the total correlation: constant, then geometric."""
    start, end = arguments.tc_until, arguments.tc_end
    done = min(1.0, max(0.0, (progress - start) / (end - start)))
    weight, last = arguments.tc_weight, arguments.tc_weight_end
    return weight * (last / weight) ** done if weight > 0 else 0.0


def main() -> None:
    """Train with the options of the command line."""
    parser = argparse.ArgumentParser(description="The annealed recipe in PyTorch.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--hidden", type=int, nargs="+", default=[256, 128])
    for name, value in {
        "learning-rate": 4e-3,
        "warm-up": 0.0,
        "b1": 0.9,
        "b2": 0.99,
        "kl-weight": 20.0,
        "kl-until": 0.5,
        "tc-weight": 30.0,
        "tc-until": 0.6,
        "tc-weight-end": 0.1,
        "tc-end": 0.95,
    }.items():
        parser.add_argument(f"--{name}", type=float, default=value)
    print(f"loss {train(parser.parse_args()):.2f} nats")


if __name__ == "__main__":
    main()
