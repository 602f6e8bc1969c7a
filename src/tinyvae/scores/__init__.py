"""Scores of codes beside true factors: NumPy in, NumPy out, weighted by probability."""

from tinyvae.scores.ica import independent_components
from tinyvae.scores.joint_readout import joint_readout, linear_readout
from tinyvae.scores.matching import match_latents
from tinyvae.scores.readout import readout
from tinyvae.scores.rotation import best_rotation
from tinyvae.scores.share import share, share_of_sample
from tinyvae.scores.spearman import spearman

__all__ = [
    "best_rotation",
    "independent_components",
    "joint_readout",
    "linear_readout",
    "match_latents",
    "readout",
    "share",
    "share_of_sample",
    "spearman",
]
