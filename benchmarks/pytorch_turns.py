"""PyTorch's turns in `throughput.py`: eager and compiled, f32 and bf16."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from turns import HIDDEN, LATENTS, LEARNING_RATE, Turn

REFERENCE = "PyTorch eager f32"
MATRIX_SIZE = 2048  # of the products that measure the machine's peak


def torch_layers(widths: Sequence[int]) -> torch.nn.Sequential:
    """Linear layers with a ReLU between them."""
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


class TorchVAE(torch.nn.Module):
    """The same VAE in plain PyTorch; its output is the loss."""

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
    """Eager and compiled, f32 and bf16; Adam by default, and its fused kernel."""
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
