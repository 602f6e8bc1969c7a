"""Scores of codes against true factors: NumPy in, NumPy out, no training code.

    import tinyvae.scores as scores
    scores.mig(codes, factors)     # arrays (sample, latent) and (sample, factor)
    scores.all(codes, factors)     # every score

`scores.locatello2019` has the variants that reproduce published numbers.
"""

from tinyvae.scores.answer_scores import readout, share, spearman
from tinyvae.scores.correlation import mean_correlation_coefficient

from tinyvae.scores.mig import mig, mig_nearest  # isort: skip
from tinyvae.scores.beta_vae_score import beta_vae_score
from tinyvae.scores.dci import dci
from tinyvae.scores.dependence import pairwise_information, total_correlation
from tinyvae.scores.explicitness import explicitness
from tinyvae.scores.factor_vae_score import factor_vae_score
from tinyvae.scores.infomec import infomec
from tinyvae.scores.irs import irs
from tinyvae.scores.med import med
from tinyvae.scores.modularity import modularity
from tinyvae.scores.sap import sap
from tinyvae.scores.score import SCORES, Score
from tinyvae.scores.suite import Suite
from tinyvae.scores.suite import all_scores as all
from tinyvae.scores.udr import udr

__all__ = [
    "SCORES",
    "Score",
    "Suite",
    "all",
    "beta_vae_score",
    "dci",
    "explicitness",
    "factor_vae_score",
    "infomec",
    "irs",
    "mean_correlation_coefficient",
    "med",
    "mig",
    "mig_nearest",
    "modularity",
    "pairwise_information",
    "readout",
    "sap",
    "share",
    "spearman",
    "total_correlation",
    "udr",
]
