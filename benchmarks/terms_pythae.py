"""pythae's models for `elbo_terms.py`, in a process of their own (see `terms_torch`).

The models and their losses are pythae's; the loop is that of `terms_torch.train`.
"""

from __future__ import annotations

import torch  # pyright: ignore[reportMissingImports]
from pythae.models import (  # pyright: ignore[reportMissingImports]
    VAE,
    BetaTCVAE,
    BetaTCVAEConfig,
    BetaVAE,
    BetaVAEConfig,
    FactorVAE,
    FactorVAEConfig,
    VAEConfig,
)
from pythae.models.base.base_utils import (  # pyright: ignore[reportMissingImports]
    ModelOutput,
)
from pythae.models.nn import (  # pyright: ignore[reportMissingImports]
    BaseDecoder,
    BaseDiscriminator,
    BaseEncoder,
)

from terms_setting import (
    BETA,
    CRITIC_ADAM,
    CRITIC_RATE,
    CRITIC_WIDTHS,
    FACTOR,
    LATENTS,
    PLAIN,
    STRATIFIED,
    TC,
    Networks,
)
from terms_torch import (
    Encoder,
    Learner,
    Terms,
    adam,
    decoder_network,
    layers,
    put,
    serve,
)


class PythaeEncoder(BaseEncoder):
    """The shared encoder, in the form that pythae needs."""

    def __init__(self):
        BaseEncoder.__init__(self)
        self.network = Encoder()

    def forward(self, images: torch.Tensor) -> ModelOutput:
        """Mean and log variance of the posterior."""
        mean, log_variance = self.network(images)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class PythaeDecoder(BaseDecoder):
    """The shared decoder, as pythae needs it: the output is a probability."""

    def __init__(self):
        BaseDecoder.__init__(self)
        self.network = decoder_network()

    def forward(self, latent: torch.Tensor) -> ModelOutput:
        """Probability that each pixel is white."""
        return ModelOutput(reconstruction=torch.sigmoid(self.network(latent)))


class PythaeCritic(BaseDiscriminator):
    """The shared discriminator: pythae's has two logits, whose difference counts."""

    def __init__(self):
        BaseDiscriminator.__init__(self)
        self.network = layers(CRITIC_WIDTHS, torch.nn.ReLU)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """The logit that latents are joint draws, and 0."""
        logit = self.network(latent)
        return torch.cat([logit, torch.zeros_like(logit)], dim=1)


def model_of(objective: str, weight: float) -> VAE:
    """The model of pythae for an objective."""
    shared = {
        "input_dim": (1, 32, 32),
        "latent_dim": LATENTS,
        "reconstruction_loss": "bce",
    }
    if objective == PLAIN:
        make, config = VAE, VAEConfig(**shared)
    elif objective == BETA:
        make, config = BetaVAE, BetaVAEConfig(**shared, beta=weight)
    elif objective == FACTOR:
        make, config = FactorVAE, FactorVAEConfig(**shared, gamma=weight)
    else:
        stratified = objective == STRATIFIED
        config = BetaTCVAEConfig(**shared, beta=weight, use_mss=stratified)
        make = BetaTCVAE
    return make(config, PythaeEncoder(), PythaeDecoder())


def make_learner(
    objective: str, weight: float, start: Networks, num_pictures: int
) -> Learner:
    """A model with these initial weights."""
    model = model_of(objective, weight)
    vae = (model.encoder, model.decoder)
    put(vae, start.vae)
    if objective == FACTOR:
        return adversarial_learner(model, start)
    optimizer = adam(vae)
    # what pythae's trainer passes; only beta-TCVAE reads it
    size = {"dataset_size": num_pictures} if objective in {TC, STRATIFIED} else {}

    def step(images: torch.Tensor) -> Terms:
        output = model({"data": images}, **size)
        optimizer.zero_grad()
        output.loss.backward()
        optimizer.step()
        terms = {"loss": output.loss, "reconstruction": -output.recon_loss}
        return terms if size else terms | {"kl": output.reg_loss}

    return Learner(vae, optimizer, step)


def adversarial_learner(model: FactorVAE, start: Networks) -> Learner:
    """FactorVAE: the VAE and its discriminator, as in pythae's adversarial trainer."""
    critic = PythaeCritic()
    put([critic], start.critic)
    model.set_discriminator(critic)
    vae = (model.encoder, model.decoder)
    optimizer = adam(vae)
    of_critic = torch.optim.Adam(critic.parameters(), lr=CRITIC_RATE, betas=CRITIC_ADAM)

    def step(images: torch.Tensor) -> Terms:
        output = model({"data": images})
        optimizer.zero_grad()
        output.autoencoder_loss.backward(retain_graph=True)
        of_critic.zero_grad()
        output.discriminator_loss.backward()
        optimizer.step()
        of_critic.step()
        return {"loss": output.autoencoder_loss, "reconstruction": -output.recon_loss}

    return Learner(vae, optimizer, step, [critic], batches=2)


if __name__ == "__main__":
    serve("pythae", make_learner)
