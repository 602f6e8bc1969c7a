"""Scores as disentanglement_lib computes them, faults included, to compare with it.

For whole-number factors only. Codes are (sample, latent), factors (sample, factor).

Source: Locatello et al. (2019), arXiv:1811.12359, and the last state (2020) of its
disentanglement_lib, called "dlib" below. Reimplemented from the formulas.
"""

from tinyvae.scores.locatello2019.grid_votes import beta_vae, factor_vae
from tinyvae.scores.locatello2019.information import (
    mig,
    modularity,
    mutual_information,
)
from tinyvae.scores.locatello2019.interventions import irs
from tinyvae.scores.locatello2019.predictors import (
    DciScores,
    dci,
    explicitness,
    sap,
)

__all__ = [
    "DciScores",
    "beta_vae",
    "dci",
    "explicitness",
    "factor_vae",
    "irs",
    "mig",
    "modularity",
    "mutual_information",
    "sap",
]
