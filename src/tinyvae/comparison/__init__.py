"""Models beside one another: latents that recur, spread of scores, paired tests."""

from tinyvae.comparison.comparison import Comparison, compare
from tinyvae.comparison.models import Model, codes_alone

__all__ = ["Comparison", "Model", "codes_alone", "compare"]
