"""Thresholds: how much is enough for a verdict."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """How much is enough, each from 0 to 1. docs/answer.md says what they tolerate.

    Args:
        share: least share of a latent that is its factor's.
        readout: least R2 with which the factor is read from its latent.
        spearman: least |Spearman| of a latent that counts as monotone.
        other_readout: largest R2 with which another active latent may read the factor.
        joint_readout: least R2 with which all latents together read the factor, for
            the factor to count as present: 0.25 is a correlation of 0.5.
        lead: a latent leads if it reads at least this part of what all latents together
            read, and no other latent or factor has more than this part of its scores.
    """

    share: float = 0.95
    readout: float = 0.95
    spearman: float = 0.9
    other_readout: float = 0.1
    joint_readout: float = 0.25
    lead: float = 0.5

    def __post_init__(self):
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise ValueError(
                    f"expected a threshold {name} from 0 to 1, got {value}."
                )
