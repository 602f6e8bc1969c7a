"""PyTorch's turns in `many_members.py`: a plain loop, and `torch.func.vmap`."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch  # pyright: ignore[reportMissingImports]
from torch.func import (  # pyright: ignore[reportMissingImports]
    functional_call,
    grad,
    stack_module_state,
    vmap,
)

from pytorch_recipe import LOG_VARIANCE_LIMIT, draw_grid, layers, total_correlation
from turns import Turn

LEARNING_RATE, LATENTS, WIDTHS = 4e-3, 3, (32 * 32, 256, 128)
# the cost of a step does not depend on these
KL_WEIGHT, TC_WEIGHT = 5.0, 30.0


class Recipe(torch.nn.Module):
    """The VAE of the default command; its output is the loss of the recipe."""

    def __init__(self):
        super().__init__()
        self.encoder = layers((*WIDTHS, 2 * LATENTS))
        self.decoder = layers((LATENTS, *WIDTHS[::-1]))

    def forward(self, images: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Loss of a minibatch, in nats."""
        mean, raw = self.encoder(images).chunk(2, dim=1)
        log_variance = LOG_VARIANCE_LIMIT * torch.tanh(raw / LOG_VARIANCE_LIMIT)
        latent = mean + torch.exp(0.5 * log_variance) * noise
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(
            self.decoder(latent), images, reduction="sum"
        )
        kl = 0.5 * (mean**2 + torch.expm1(log_variance) - log_variance).sum()
        correlation = total_correlation(mean, log_variance, latent)
        return (cross_entropy + KL_WEIGHT * kl) / len(images) + TC_WEIGHT * correlation


def use_gpu() -> None:
    """Let PyTorch work on the GPU, with TF32 products, as JAX does there by default."""
    torch.set_default_device("cuda")
    torch.set_float32_matmul_precision("high")


def finish() -> None:
    """Wait for the work that is queued on a GPU."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def recipe_turns(batch: int) -> list[Turn]:
    """One VAE in a plain loop: eager and compiled, with the fused kernel of Adam."""
    return [
        _loop("PyTorch, plain loop, eager", batch, compiled=False),
        _loop("PyTorch, plain loop, compiled", batch, compiled=True),
    ]


def _loop(name: str, batch: int, *, compiled: bool) -> Turn:
    torch.manual_seed(0)
    vae = Recipe()
    pictures = draw_grid().to(vae.encoder[0].weight.device)
    loss_of = torch.compile(vae) if compiled else vae
    optimizer = torch.optim.Adam(vae.parameters(), lr=LEARNING_RATE, fused=True)

    def train(steps: int) -> None:
        for _ in range(steps):
            images = pictures[torch.randint(len(pictures), (batch,))]
            optimizer.zero_grad()
            loss_of(images, torch.randn(batch, LATENTS)).backward()
            optimizer.step()
        finish()

    return Turn(name, train, batch)


def vmapped_turns(batch: int, sizes: Sequence[int]) -> list[Turn]:
    """Several VAEs at once, by `torch.func`: eager, and the gradient compiled."""
    return [
        _vmapped(f"PyTorch, vmap over {n}, {how}", batch, n, compiled=how == "compiled")
        for n in sizes
        for how in ("eager", "compiled")
    ]


def _vmapped(name: str, batch: int, members: int, *, compiled: bool) -> Turn:
    torch.manual_seed(0)
    parameters, buffers = stack_module_state([Recipe() for _ in range(members)])
    pictures = draw_grid().to(parameters["encoder.0.weight"].device)
    skeleton = copy.deepcopy(Recipe()).to("meta")

    def loss(parameters, images, noise):
        return functional_call(skeleton, (parameters, buffers), (images, noise))

    gradient = vmap(grad(loss))
    if compiled:
        gradient = torch.compile(gradient)
    optimizer = torch.optim.Adam(parameters.values(), lr=LEARNING_RATE, fused=True)

    def train(steps: int) -> None:
        for _ in range(steps):
            images = pictures[torch.randint(len(pictures), (members, batch))]
            noise = torch.randn(members, batch, LATENTS)
            for key, value in gradient(parameters, images, noise).items():
                parameters[key].grad = value
            optimizer.step()
        finish()

    return Turn(name, train, members * batch)
