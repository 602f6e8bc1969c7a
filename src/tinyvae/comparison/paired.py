"""A paired test of two sets of models: signs of the differences are flipped."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tinyvae.errors import DataError

MOST_EXACT = 16  # pairs of which all 2^pairs flips are tried
NUM_FLIPS = 99_999  # random flips of more pairs
SEED = 0
ROUNDING = 1e-12  # relative: sums in another order count as equal


class PairedTest(NamedTuple):
    """Whether paired differences are centred on 0.

    `p` is two-sided; `least` is the smallest p that this number of pairs, or of flips,
    allows. `exact` says that every flip was tried.
    """

    mean: float
    p: float
    least: float
    pairs: int
    exact: bool

    @property
    def is_least(self) -> bool:
        """Whether more pairs could have given a smaller p."""
        return self.p < 1 and bool(np.isclose(self.p, self.least))


def sign_flip_test(differences: Float[np.ndarray, " pair"]) -> PairedTest:
    """How often a mean as far from 0 comes from differences of random sign.

    If the two sets do not differ, each difference is as likely to be positive as
    negative. p is the share of all flips of signs whose mean is at least as far from 0:
    exact up to 16 pairs, and from 99 999 random flips for more. With n pairs it cannot
    be below 2 / 2^n: 5 pairs give 0.0625 at the least.

    >>> sign_flip_test(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).p
    0.0625

    Raises: DataError if there are no differences, or they are not finite.
    Source: Fisher (1935), "The Design of Experiments", section 21; random flips with
    the observed one: Phipson & Smyth (2010).
    """
    if len(differences) == 0 or not np.isfinite(differences).all():
        raise DataError(
            f"expected at least one finite difference, got {differences.tolist()}."
        )
    pairs = len(differences)
    exact = pairs <= MOST_EXACT
    if exact:
        numbers = np.arange(2**pairs)[:, None]
        signs = 1.0 - 2.0 * ((numbers >> np.arange(pairs)) & 1)
    else:
        rng = np.random.default_rng(SEED)
        signs = rng.choice([-1.0, 1.0], size=(NUM_FLIPS, pairs))
    reached = np.abs(differences.sum()) * (1 - ROUNDING)
    as_far = int(np.count_nonzero(np.abs(signs @ differences) >= reached))
    p = as_far / len(signs) if exact else (1 + as_far) / (1 + len(signs))
    least = 2 / 2**pairs if exact else 1 / (1 + NUM_FLIPS)
    return PairedTest(float(differences.mean()), float(p), least, pairs, exact)
