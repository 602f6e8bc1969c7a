"""disent's frameworks for `elbo_terms.py`: runs in disent's own Python.

The frameworks, their losses and their optimiser are disent's; the loop is that of
`terms_torch.train`, without Lightning's trainer. disent has no FactorVAE.
"""

from __future__ import annotations

from typing import Any

import torch  # pyright: ignore[reportMissingImports]

from disent_turn import stand_in_for_torchvision
from terms_setting import ADAM, BETA, LATENTS, LEARNING_RATE, PLAIN, TC, Networks
from terms_torch import Encoder, Learner, Terms, decoder_network, put, serve

stand_in_for_torchvision()

from disent.frameworks.vae import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    BetaTcVae,
    BetaVae,
    Vae,
)
from disent.model import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    AutoEncoder,
    DisentDecoder,
    DisentEncoder,
)

FRAMEWORKS = {PLAIN: Vae, BETA: BetaVae, TC: BetaTcVae}
X_SHAPE = (1, 32, 32)


class OurEncoder(DisentEncoder):
    """The shared encoder, in the form that disent needs."""

    def __init__(self):
        super().__init__(x_shape=X_SHAPE, z_size=LATENTS, z_multiplier=2)
        self.network = Encoder()

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Mean and log variance of the posterior, side by side."""
        return torch.cat(self.network(x), dim=1)


class OurDecoder(DisentDecoder):
    """The shared decoder, in the form that disent needs."""

    def __init__(self):
        super().__init__(x_shape=X_SHAPE, z_size=LATENTS)
        self.network = decoder_network()

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.network(z).reshape(-1, *X_SHAPE)


def make_learner(
    objective: str, weight: float, start: Networks, num_pictures: int
) -> Learner:
    """A framework whose network has these initial weights."""
    make = FRAMEWORKS[objective]
    settings: dict[str, Any] = {
        "recon_loss": "bce",
        "loss_reduction": "mean_sum",
        "optimizer_kwargs": {"lr": LEARNING_RATE, "betas": ADAM},
    }
    if objective != PLAIN:
        settings["beta"] = weight
    vae = (OurEncoder(), OurDecoder())
    put(vae, start.vae)
    framework = make(AutoEncoder(*vae), make.cfg(**settings))
    optimizer = framework.configure_optimizers()
    logged: Terms = {}
    # without a trainer of Lightning there is nothing that logs
    framework.log_dict = lambda values, **_: logged.update(values)
    framework.log = lambda *_, **__: None

    def step(images: torch.Tensor) -> Terms:
        loss = framework.training_step({"x_targ": (images,)}, 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reconstruction = -logged["recon_loss"]
        return {"loss": loss, "reconstruction": reconstruction, "kl": logged["kl_loss"]}

    return Learner(vae, optimizer, step)


if __name__ == "__main__":
    serve("disent", make_learner)
