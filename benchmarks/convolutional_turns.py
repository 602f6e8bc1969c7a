"""The turns of `convolutional.py`: tinyvae, PyTorch, and pythae's model."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch  # pyright: ignore[reportMissingImports]
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
from torch.nn import functional  # pyright: ignore[reportMissingImports]

from tinyvae.models import Bernoulli, Convolutional
from tinyvae.models.vae import VAE, GaussianHead
from turns import Turn

LATENTS, LEARNING_RATE = 10, 1e-4
CHANNELS = (1, 32, 32, 64, 64)
REFERENCE, PYTHAE = "PyTorch eager", "pythae, model and step"
MEMBERS = 4
ALONE, GROUP = "tinyvae", f"tinyvae, {MEMBERS} members at once"
FORMS = (ALONE, GROUP)


def negative_elbo(vae: VAE, images: jax.Array, key: jax.Array) -> jax.Array:
    """Mean over a minibatch, in nats."""
    posterior = jax.vmap(vae.encode)(images)
    latent = posterior.sample(key=key)
    log_likelihood = jax.vmap(vae.log_likelihood)(images, latent)
    return jnp.mean(posterior.kl_to_prior().sum(-1) - log_likelihood)


def tinyvae_turn(name: str, pictures: np.ndarray, batch_size: int) -> Turn:
    """The modules of tinyvae in a compiled loop; every member of a group counts."""
    members, optimizer = (MEMBERS if name == GROUP else 1), optax.adam(LEARNING_RATE)
    network, fixed = Convolutional(latents=LATENTS), jnp.asarray(pictures)
    head, shape = GaussianHead(LATENTS), pictures.shape[1:]

    def step_once(key, vae, state):
        batch_key, noise_key = jax.random.split(key)
        rows = jax.random.randint(batch_key, (batch_size,), 0, len(fixed))
        gradient = jax.grad(negative_elbo)(vae, fixed[rows], noise_key)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(vae, updates), state

    step = step_once if members == 1 else jax.vmap(step_once)
    draw = partial(network.build, shape, head, Bernoulli())

    def start(key):
        vae = draw(key=key)
        return vae, optimizer.init(vae)  # type: ignore[arg-type]

    key = jax.random.key(0)
    many = key if members == 1 else jax.random.split(key, members)
    carry = jax.jit(start if members == 1 else jax.vmap(start))(many)

    def step_at(number, carry):
        keys = jax.random.fold_in(key, number)
        if members > 1:
            keys = jax.random.split(keys, members)
        return step(keys, *carry)

    advance = jax.jit(lambda carry, n: jax.lax.fori_loop(0, n, step_at, carry))

    def train(steps: int) -> None:
        nonlocal carry
        carry = jax.block_until_ready(advance(carry, steps))

    return Turn(name, train, members * batch_size)


def torch_encoder() -> torch.nn.Sequential:
    """Pictures (sample, channel, height, width) to mean and log variance."""
    layers = []
    for inputs, outputs in pairwise(CHANNELS):
        layers += [torch.nn.Conv2d(inputs, outputs, 4, 2, 1), torch.nn.ReLU()]
    dense = [torch.nn.Linear(1024, 256), torch.nn.ReLU()]
    return torch.nn.Sequential(
        *layers, torch.nn.Flatten(), *dense, torch.nn.Linear(256, 2 * LATENTS)
    )


def torch_decoder() -> torch.nn.Sequential:
    """Latents to logits."""
    dense = [torch.nn.Linear(LATENTS, 256), torch.nn.ReLU()]
    layers = [*dense, torch.nn.Linear(256, 1024), torch.nn.Unflatten(1, (64, 4, 4))]
    for inputs, outputs in pairwise(CHANNELS[::-1]):
        layers += [
            torch.nn.ReLU(),
            torch.nn.ConvTranspose2d(inputs, outputs, 4, 2, 1),
        ]
    return torch.nn.Sequential(*layers)


class TorchVAE(torch.nn.Module):
    """The same VAE in plain PyTorch; its output is the loss."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = torch_encoder(), torch_decoder()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Negative ELBO of a minibatch, in nats."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        latent = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        cross_entropy = functional.binary_cross_entropy_with_logits(
            self.decoder(latent), images, reduction="sum"
        )
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (cross_entropy + kl) / len(images)


def torch_loop(name: str, vae, loss_of, pictures: np.ndarray, batch_size: int) -> Turn:
    """A plain PyTorch training loop over pictures in memory."""
    of_torch = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
    optimizer = torch.optim.Adam(vae.parameters(), lr=LEARNING_RATE)

    def train(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = loss_of(of_torch[torch.randint(len(of_torch), (batch_size,))])
            loss.backward()
            optimizer.step()

    return Turn(name, train, batch_size)


def torch_turn(
    name: str, pictures: np.ndarray, batch_size: int, *, compiled: bool = False
) -> Turn:
    """Plain PyTorch, eager or compiled."""
    torch.manual_seed(0)
    vae = TorchVAE()
    loss_of = torch.compile(vae) if compiled else vae
    return torch_loop(name, vae, loss_of, pictures, batch_size)


class PythaeEncoder(BaseEncoder):
    """The same encoder, in the form that pythae needs."""

    def __init__(self):
        BaseEncoder.__init__(self)
        self.network = torch_encoder()

    def forward(self, images: torch.Tensor) -> ModelOutput:
        """Mean and log variance of the posterior."""
        mean, log_variance = self.network(images).chunk(2, dim=1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class PythaeDecoder(BaseDecoder):
    """The same decoder, in the form that pythae needs; its output is a probability."""

    def __init__(self):
        BaseDecoder.__init__(self)
        self.network = torch_decoder()

    def forward(self, latent: torch.Tensor) -> ModelOutput:
        """Probability that each pixel is white."""
        return ModelOutput(reconstruction=torch.sigmoid(self.network(latent)))


def pythae_turn(pictures: np.ndarray, batch_size: int) -> Turn:
    """The model and loss of pythae in the loop used for PyTorch."""
    torch.manual_seed(0)
    config = PythaeVAEConfig(
        input_dim=(1, 64, 64), latent_dim=LATENTS, reconstruction_loss="bce"
    )
    vae = PythaeVAE(config, PythaeEncoder(), PythaeDecoder())

    def loss_of(images: torch.Tensor) -> torch.Tensor:
        return vae({"data": images}).loss

    return torch_loop(PYTHAE, vae, loss_of, pictures, batch_size)
