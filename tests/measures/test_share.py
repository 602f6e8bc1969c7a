import numpy as np
import pytest

from tinyvae.measures.share import (
    between_covariance,
    covariance,
    equal_probability_bins,
    is_constant,
    share_matrix,
    share_of_sample,
)


@pytest.mark.parametrize("degrees", [0, 5, 10, 15, 20, 25, 30, 35, 40, 45])
def test_share_of_a_turned_code_is_cos_squared(grid, degrees):
    t = np.radians(degrees)
    x, y = grid.codes[:, 1], grid.codes[:, 2]
    codes = np.stack([np.cos(t) * x + np.sin(t) * y, grid.codes[:, 0]], axis=1)
    shares = share_matrix(codes, grid.factors, grid.probability)
    expected = [[0, np.cos(t) ** 2, np.sin(t) ** 2], [1, 0, 0]]
    np.testing.assert_allclose(shares, expected, atol=1e-12)


def test_share_is_one_for_any_function_of_the_factor(grid):
    x = grid.factors[:, 1]
    codes = np.stack([np.exp(x / 5), np.abs(x - 15.5), (x == 9) * 1.0], axis=1)
    shares = share_matrix(codes, grid.factors, grid.probability)
    np.testing.assert_allclose(shares, [[0, 1, 0]] * 3, atol=1e-12)


def test_share_sees_through_the_checkerboard(grid):
    r, x, y = grid.factors.T
    codes = ((r + 1) * (-1) ** (x + y))[:, None]
    shares = share_matrix(codes, grid.factors, grid.probability)
    np.testing.assert_allclose(shares, 0, atol=1e-12)


def test_share_equals_scikit_learns_anova(grid):
    from sklearn.feature_selection import f_classif

    rng = np.random.default_rng(0)
    codes = grid.codes + rng.normal(size=grid.codes.shape)
    shares = share_matrix(codes, grid.factors, grid.probability)
    for factor, levels in enumerate(grid.factors.T):
        f, _ = f_classif(codes, levels.astype(int))
        k, n = len(np.unique(levels)), len(levels)
        ratio = f * (k - 1) / (n - k)  # between / within sums of squares
        np.testing.assert_allclose(shares[:, factor], ratio / (1 + ratio), rtol=1e-9)


def test_weighted_share_equals_share_of_duplicated_rows(grid, weights):
    rng = np.random.default_rng(0)
    codes = grid.codes + rng.normal(size=grid.codes.shape)
    count = np.round(weights / weights.min()).astype(int)
    num_rows = count.sum()
    repeated = share_matrix(
        codes.repeat(count, axis=0),
        grid.factors.repeat(count, axis=0),
        np.full(num_rows, 1 / num_rows),
    )
    weighted = share_matrix(codes, grid.factors, count / num_rows)
    np.testing.assert_allclose(weighted, repeated, atol=1e-12)


def test_constant_latents_and_factors_are_undefined(grid):
    codes = np.stack([grid.codes[:, 0], np.full(len(grid.codes), 3.0)], axis=1)
    factors = grid.factors.copy()
    factors[:, 2] = 7
    shares = share_matrix(codes, factors, grid.probability)
    np.testing.assert_array_equal(
        np.isnan(shares), [[False, False, True], [True, True, True]]
    )


def test_rounding_of_32_bit_networks_counts_as_constant():
    jitter = np.float32(0.3) * (1 + np.array([0, 1e-8, -1e-8]))
    assert is_constant(jitter[:, None])[0]
    assert not is_constant(np.array([[0.3], [0.301]]))[0]


def test_a_sample_of_noise_has_a_share_of_zero_on_average():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(300, 500))
    factors = rng.integers(0, 30, size=(300, 1)).astype(float)
    plain = share_matrix(codes, factors, np.full(300, 1 / 300))
    assert plain.mean() == pytest.approx(29 / 299, abs=0.01)
    corrected = 1 - (1 - plain) * 299 / 270
    assert corrected.mean() == pytest.approx(0, abs=0.01)
    np.testing.assert_allclose(
        share_of_sample(codes, factors), np.maximum(corrected, 0), atol=1e-12
    )


def test_law_of_total_covariance(grid, weights):
    codes = grid.codes + np.random.default_rng(0).normal(size=grid.codes.shape)
    factor = grid.factors[:, 1]
    within = sum(
        weights[factor == v].sum()
        * covariance(
            codes[factor == v], weights[factor == v] / weights[factor == v].sum()
        )
        for v in np.unique(factor)
    )
    total = covariance(codes, weights)
    np.testing.assert_allclose(
        between_covariance(codes, factor, weights) + within, total, atol=1e-12
    )


def test_bins_are_equally_probable_and_keep_ties_together():
    rng = np.random.default_rng(0)
    values = rng.normal(size=1000)
    bins = equal_probability_bins(values, np.full(1000, 1e-3), 10)
    np.testing.assert_array_equal(np.bincount(bins.astype(int)), 100)
    tied = np.round(values)
    bins = equal_probability_bins(tied, np.full(1000, 1e-3), 10)
    assert all(len(np.unique(bins[tied == v])) == 1 for v in np.unique(tied))
