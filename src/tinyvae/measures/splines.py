"""Cubic B-splines: their values at every row."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

DEGREE = 3


def cubic_splines(
    values: Float[np.ndarray, " sample"], knots: Float[np.ndarray, " knot"]
) -> Float[np.ndarray, "sample basis"]:
    """Value of each cubic B-spline on these knots (ascending, both ends four times).

    There are four splines less than knots; in each row they are 0 or more, at most four
    of them are not 0, and their sum is 1. `values` lie between the two ends.

    SciPy's `BSpline.design_matrix` gives the same numbers in ten times the time, as it
    searches its arguments with Python's own `min` and `max`.

    Source: de Boor (1978), "A Practical Guide to Splines", chapter X, algorithm BSPLVB.
    """
    rows, num_splines = np.arange(len(values)), len(knots) - DEGREE - 1
    # the knots left of each value are those up to `left`; the last value has the
    # interval before it
    left = np.searchsorted(knots, values, side="right") - 1
    left = np.clip(left, DEGREE, num_splines - 1)
    local = [np.ones(len(values))]  # the splines of degree 0, 1, 2, 3 that are not 0
    for degree in range(1, DEGREE + 1):
        raised, carried = [], np.zeros(len(values))
        for place, spline in enumerate(local):
            after = knots[left + place + 1]
            before = knots[left + place + 1 - degree]
            part = spline / (after - before)
            raised.append(carried + (after - values) * part)
            carried = (values - before) * part
        local = [*raised, carried]
    basis = np.zeros((len(values), num_splines))
    for place, spline in enumerate(local):
        basis[rows, left - DEGREE + place] = spline
    return basis
