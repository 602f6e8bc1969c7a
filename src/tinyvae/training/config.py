"""How long and how fast to train."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import optax

from tinyvae.errors import ConfigError
from tinyvae.own import refuse_class

# The smaller the scale of a Gaussian, the less a step of the decoder may change its
# pixels: at 0.004, training on photographs loses thousands of nats in single steps.
GAUSSIAN_LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast to train.

    Args:
        steps: number of minibatches.
        batch_size: pictures per minibatch.
        learning_rate: Adam's rate at the start, which falls to 2 % along a cosine
            (coarse-to-fine 0.008, other objectives 0.004; with a Gaussian likelihood
            0.001).

    Raises: ValueError if a number is out of range.
    """

    steps: int = 2000
    batch_size: int = 256
    learning_rate: float | None = None

    def __post_init__(self):
        if self.steps < 1:
            raise ValueError(f"expected at least 1 step, got {self.steps}.")
        if self.batch_size < 2:
            raise ValueError(
                f"expected a batch size of at least 2, got {self.batch_size}."
            )
        rate = self.learning_rate
        if rate is not None and not (math.isfinite(rate) and rate > 0):
            raise ValueError(
                f"expected a finite learning rate above 0, got {rate}. "
                "Leave it out for the default."
            )

    @property
    def record_every(self) -> int:
        """Steps between rows of the history: a hundredth of training."""
        return max(1, self.steps // 100)

    def decided(self, likelihood: str, rate_of_objective: float) -> TrainingConfig:
        """With the default learning rate: the objective's, unless pixels are Gaussian.

        >>> TrainingConfig().decided("gaussian", 0.004).learning_rate
        0.001
        """
        if self.learning_rate is not None:
            return self
        gaussian = likelihood == "gaussian"
        rate = GAUSSIAN_LEARNING_RATE if gaussian else rate_of_objective
        return replace(self, learning_rate=rate)

    def schedule(self) -> optax.Schedule:
        """The learning rate at each step.

        Raises: ValueError if it has not been decided.
        """
        if self.learning_rate is None:
            raise ValueError(
                "expected a learning rate, got None. `open_world` or `decided` "
                "chooses one for the likelihood."
            )
        return optax.cosine_decay_schedule(self.learning_rate, self.steps, alpha=0.02)


def check_training(training: Any) -> None:
    """Refuse what is no `TrainingConfig`.

    Raises: ConfigError.
    """
    example = "tv.TrainingConfig(steps=2000)"
    refuse_class(training, "settings of training", example)
    if not isinstance(training, TrainingConfig):
        raise ConfigError(
            f"expected settings of training such as {example}, got {training!r}."
        )
