"""pythae's turns in `throughput.py`: its model, and its own trainer."""

from __future__ import annotations

import logging

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

from pytorch_turns import torch_layers
from turns import HIDDEN, LATENTS, LEARNING_RATE, Turn

PYTHAE = "pythae, model and step"


class PythaeEncoder(BaseEncoder):
    """The same encoder, in the form that pythae needs."""

    def __init__(self, image_pixels: int):
        BaseEncoder.__init__(self)
        self.network = torch_layers((image_pixels, *HIDDEN, 2 * LATENTS))

    def forward(self, images: torch.Tensor) -> ModelOutput:
        """Mean and log variance of the posterior."""
        mean, log_variance = self.network(images.flatten(1)).chunk(2, dim=1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class PythaeDecoder(BaseDecoder):
    """The same decoder, in the form that pythae needs; its output is a probability."""

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
    """The model of pythae in the loop used for PyTorch: no data loader."""
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
    # without its progress bar, which would appear between the rows of the table
    trainer.callback_handler = CallbackHandler([TrainingCallback()], trainer.model)

    def train(epochs: int) -> None:
        for epoch in range(1, epochs + 1):
            trainer.train_step(epoch)

    return Turn("pythae, its own trainer", train, epoch_steps * batch_size)
