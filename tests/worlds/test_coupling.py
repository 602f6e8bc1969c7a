import numpy as np
import pytest

from tinyvae.worlds.coupling import coupled

RADII, PLACES = np.arange(3.0, 9), np.arange(8.0, 24)


def pearson(joint: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Weighted correlation, straight from the definition."""
    a, b = np.meshgrid(first, second, indexing="ij")
    covariance = np.cov(a.ravel(), b.ravel(), aweights=joint.ravel(), ddof=0)
    return covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])


@pytest.mark.parametrize("correlation", [-0.95, -0.4, 0.0, 0.01, 0.5, 0.95])
@pytest.mark.parametrize("first", [RADII, PLACES])
def test_the_correlation_is_the_stated_one_and_the_marginals_are_uniform(
    first, correlation
):
    joint = coupled(first, PLACES, correlation)
    assert pearson(joint, first, PLACES) == pytest.approx(correlation, abs=1e-6)
    np.testing.assert_allclose(joint.sum(0) * len(PLACES), 1, rtol=1e-9)
    np.testing.assert_allclose(joint.sum(1) * len(first), 1, rtol=1e-9)
    assert (joint > 0).all()


def test_the_coupling_is_that_of_the_largest_entropy():
    # with uniform marginals and E[uv] given, log p_ij = log a_i + log b_j + c u_i v_j:
    # the mixed differences of log p on even grids are one number
    joint = coupled(RADII, PLACES, 0.6)
    mixed = np.diff(np.diff(np.log(joint), axis=0), axis=1)
    np.testing.assert_allclose(mixed, mixed[0, 0], rtol=1e-6)


def test_a_negative_correlation_mirrors_the_positive_one():
    mirrored = coupled(RADII, PLACES, -0.6)[:, ::-1]
    np.testing.assert_allclose(coupled(RADII, PLACES, 0.6), mirrored, atol=1e-9)


def test_correlations_that_a_grid_does_not_allow_are_refused():
    with pytest.raises(ValueError, match="at most 0.86 either way.* got 0.9. Lower"):
        coupled(np.array([3.0, 4.0]), PLACES, 0.9)
    with pytest.raises(ValueError, match="at least 2 values each, got 1 and 16"):
        coupled(np.array([3.0]), PLACES, 0.5)
