import numpy as np
import pytest
from scipy.interpolate import BSpline

from tinyvae.measures.splines import DEGREE, cubic_splines


@pytest.mark.parametrize("inner", [[], [0.5], [0.01], [0.2, 0.7], [0.1, 0.5, 0.9]])
def test_values_are_those_of_scipy(inner):
    ends = DEGREE + 1
    knots = np.array([0.0] * ends + inner + [1.0] * ends)
    values = np.concatenate([np.random.default_rng(0).random(500), knots])
    expected = BSpline.design_matrix(values, knots, DEGREE).toarray()
    np.testing.assert_allclose(cubic_splines(values, knots), expected, atol=1e-14)


def test_splines_add_up_to_one_at_values_of_any_size():
    knots = np.array([-3e8] * 4 + [1e8] + [2e8] * 4)
    basis = cubic_splines(np.linspace(-3e8, 2e8, 101), knots)
    assert basis.min() >= 0
    np.testing.assert_allclose(basis.sum(axis=1), 1, rtol=1e-14)
