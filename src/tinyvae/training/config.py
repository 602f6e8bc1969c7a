"""How long and how fast to train."""

from __future__ import annotations

import math
from dataclasses import dataclass

import optax


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast to train.

    Args:
        steps: number of minibatches.
        batch_size: pictures per minibatch.
        learning_rate: Adam's rate at the start; it falls to 2 % along a cosine.

    Raises: ValueError if a number is out of range.
    """

    steps: int = 2000
    batch_size: int = 256
    learning_rate: float = 4e-3

    def __post_init__(self):
        if self.steps < 1:
            raise ValueError(f"expected at least 1 step, got {self.steps}.")
        if self.batch_size < 2:
            raise ValueError(
                f"expected a batch size of at least 2, got {self.batch_size}."
            )
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(
                "expected a finite learning rate above 0, "
                f"got {self.learning_rate}. 0.004 is the default."
            )

    @property
    def record_every(self) -> int:
        """Steps between rows of the history: a hundredth of training."""
        return max(1, self.steps // 100)

    def schedule(self) -> optax.Schedule:
        """The learning rate at each step."""
        return optax.cosine_decay_schedule(self.learning_rate, self.steps, alpha=0.02)
