from typing import Any

import numpy as np
from scipy.stats import spearmanr

from tinyvae.measures.spearman import spearman_matrix


def test_equals_scipy_where_all_rows_weigh_the_same(grid):
    rng = np.random.default_rng(0)
    codes = np.round(grid.codes + rng.normal(size=grid.codes.shape), 1)  # with ties
    found = spearman_matrix(codes, grid.factors, grid.probability)
    result: Any = spearmanr(codes, grid.factors)
    np.testing.assert_allclose(found, result.statistic[:3, 3:], atol=1e-12)


def test_weights_equal_duplicated_rows(grid):
    count = np.random.default_rng(0).integers(1, 4, size=len(grid.codes))
    codes = grid.codes @ np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])
    weighted = spearman_matrix(codes, grid.factors, count / count.sum())
    repeated = spearman_matrix(
        codes.repeat(count, axis=0),
        grid.factors.repeat(count, axis=0),
        np.full(count.sum(), 1 / count.sum()),
    )
    np.testing.assert_allclose(weighted, repeated, atol=1e-12)


def test_monotone_maps_change_nothing_and_falling_ones_the_sign(grid):
    codes = np.stack([np.exp(grid.codes[:, 1]), -(grid.codes[:, 1] ** 3)], axis=1)
    found = spearman_matrix(codes, grid.factors, grid.probability)
    np.testing.assert_allclose(found[:, 1], [1, -1], atol=1e-12)


def test_a_fold_in_the_middle_has_none_and_a_constant_is_undefined(grid):
    folded = np.abs(grid.factors[:, 1] - 15.5)
    codes = np.stack([folded, np.ones(len(folded))], axis=1)
    found = spearman_matrix(codes, grid.factors, grid.probability)
    assert abs(found[0, 1]) < 1e-9
    assert np.isnan(found[1]).all()
