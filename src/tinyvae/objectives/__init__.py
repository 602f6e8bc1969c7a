"""Objectives: what training maximises. One file an objective, and shared terms."""

from tinyvae.objectives.annealed_tc import AnnealedTC
from tinyvae.objectives.beta_vae import BetaVAE
from tinyvae.objectives.elbo import ELBO
from tinyvae.objectives.objective import EncodedBatch, Objective, ObjectiveTerms

OBJECTIVES = {"vae": ELBO, "beta-vae": BetaVAE, "annealed-tc": AnnealedTC}

__all__ = [
    "ELBO",
    "OBJECTIVES",
    "AnnealedTC",
    "BetaVAE",
    "EncodedBatch",
    "Objective",
    "ObjectiveTerms",
]
