"""Objectives: what training minimises. One file for each, and shared terms."""

from tinyvae.objectives.ada_vae import AdaGVAE, AdaMLVAE
from tinyvae.objectives.annealed_capacity import AnnealedCapacity
from tinyvae.objectives.annealed_tc import AnnealedTC
from tinyvae.objectives.beta_tcvae import BetaTCVAE
from tinyvae.objectives.beta_vae import BetaVAE
from tinyvae.objectives.coarse_to_fine import CoarseToFine
from tinyvae.objectives.dip_vae import DIPVAEI, DIPVAEII
from tinyvae.objectives.elbo import ELBO
from tinyvae.objectives.factor_vae import FactorVAE
from tinyvae.objectives.factorised_support import FactorisedSupport
from tinyvae.objectives.info_vae import InfoVAE
from tinyvae.objectives.objective import (
    Model,
    Needs,
    Objective,
    Penalty,
    Terms,
    encode_batch,
    penalty,
    traceable,
    weighted_terms,
)
from tinyvae.objectives.qlae import QLAE
from tinyvae.objectives.semi_supervised import SemiSupervised
from tinyvae.objectives.tripod import Tripod

# one line per objective; configuration, options, page and documents derive from it
OBJECTIVES: dict[str, type] = {
    "coarse-to-fine": CoarseToFine,
    "annealed-tc": AnnealedTC,
    "vae": ELBO,
    "beta-vae": BetaVAE,
    "beta-tcvae": BetaTCVAE,
    "dip-vae-i": DIPVAEI,
    "dip-vae-ii": DIPVAEII,
    "factor-vae": FactorVAE,
    "annealed-capacity": AnnealedCapacity,
    "info-vae": InfoVAE,
    "hfs": FactorisedSupport,
    "ada-gvae": AdaGVAE,
    "ada-ml-vae": AdaMLVAE,
    "qlae": QLAE,
    "tripod": Tripod,
    "semi-supervised": SemiSupervised,
}

RECIPE = CoarseToFine()  # the default of every command

__all__ = [
    "AdaGVAE",
    "AdaMLVAE",
    "FactorisedSupport",
    "InfoVAE",
    "AnnealedCapacity",
    "DIPVAEI",
    "DIPVAEII",
    "ELBO",
    "OBJECTIVES",
    "QLAE",
    "RECIPE",
    "AnnealedTC",
    "BetaTCVAE",
    "BetaVAE",
    "CoarseToFine",
    "FactorVAE",
    "Model",
    "Needs",
    "Objective",
    "Penalty",
    "SemiSupervised",
    "Terms",
    "Tripod",
    "encode_batch",
    "penalty",
    "traceable",
    "weighted_terms",
]
