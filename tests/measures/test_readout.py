import inspect

import numpy as np
import pytest

from tinyvae.measures.folds import combination_folds, combination_of_rows, held_out_r2
from tinyvae.measures.joint_readout import joint_readout, linear_readout, whiten
from tinyvae.measures.readout import reading_scale, readout_matrix, spline_predictions


def one(latent, grid):
    return readout_matrix(latent[:, None], grid.factors, grid.probability)[0]


def test_a_perfect_code_is_at_the_ceiling(grid):
    scores = readout_matrix(grid.codes, grid.factors, grid.probability)
    assert np.diag(scores).min() > 0.9998
    assert (scores - np.diag(np.diag(scores))).max() < 1e-3


@pytest.mark.parametrize(
    "warp",
    [
        np.exp,
        np.tanh,
        lambda z: z**3,
        lambda z: np.exp(2 * z),
        lambda z: np.tanh(3 * z),
    ],
)
def test_monotone_warps_can_be_read(grid, warp):
    assert one(warp(grid.codes[:, 1]), grid)[1] > 0.95


def test_a_fold_cannot_be_read(grid):
    assert one(np.abs(grid.factors[:, 1] - 15.5), grid)[1] < 0.01


def test_the_packed_factor_below_cannot_be_read(grid):
    _, x, y = grid.factors.T
    scores = one(16 * x + y, grid)
    assert scores[1] == pytest.approx(16**2 / (16**2 + 1), abs=0.002)
    assert scores[2] < 0.02


def test_the_checkerboard_reads_the_radius_and_nothing_else(grid):
    r, x, y = grid.factors.T
    scores = one((r + 1) * (-1) ** (x + y), grid)
    assert scores[0] > 0.99
    assert scores[1:].max() < 0.01


@pytest.mark.parametrize("degrees", [0.5, 1, 2, 4, 8])
def test_a_radius_that_leans_a_little_does_not_read_x(grid, degrees):
    t = np.radians(degrees)
    leaning = np.cos(t) * grid.codes[:, 0] + np.sin(t) * grid.codes[:, 1]
    assert one(leaning, grid)[1] < 0.1


def test_ties_never_read_by_the_order_of_rows(grid):
    """A perfect radius, its ties broken by row, would seem to know x."""
    shuffled = np.random.default_rng(0).permutation(len(grid.factors))
    plain = one(grid.factors[:, 0], grid)
    other = readout_matrix(
        grid.factors[shuffled, :1], grid.factors[shuffled], grid.probability
    )[0]
    assert plain[1:].max() < 1e-3
    np.testing.assert_allclose(other, plain, atol=2e-3)


def test_noise_reads_nothing(grid):
    noise = np.random.default_rng(0).normal(size=len(grid.factors))
    assert one(noise, grid).max() < 0.01


def test_constant_latents_and_factors_are_undefined(grid):
    codes = np.stack([grid.codes[:, 0], np.zeros(len(grid.codes))], axis=1)
    factors = grid.factors.copy()
    factors[:, 2] = 7
    scores = readout_matrix(codes, factors, grid.probability)
    np.testing.assert_array_equal(
        np.isnan(scores), [[False, False, True], [True, True, True]]
    )


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_few_distinct_values_break_nothing(grid, levels):
    latent = np.floor((grid.factors[:, 1] - 8) / 16 * levels)
    assert 0.7 < one(latent, grid)[1] <= 1


def test_a_latent_that_moves_in_one_row_only_is_read_without_error(grid):
    latent = np.zeros(len(grid.factors))
    latent[17] = 1.0
    assert one(latent, grid).max() < 0.01


def test_a_spline_never_extrapolates():
    latent = np.linspace(0, 1, 50)
    inside = spline_predictions(
        latent, latent[:, None] ** 3, np.full(50, 0.02), np.array([0.0, 1.0, 9.0, -9.0])
    )[:, 0]
    np.testing.assert_allclose(inside, [0, 1, 1, 0], atol=1e-6)


def test_reading_scale_grows_with_the_latent_and_keeps_ties(grid):
    latent = np.exp(grid.factors[:, 1] / 3)
    scale = reading_scale(latent, grid.probability)
    distinct, first = np.unique(latent, return_index=True)
    assert (np.diff(scale[first]) > 0).all()
    assert len(np.unique(np.round(scale, 12))) == len(distinct)
    np.testing.assert_allclose(reading_scale(5 * latent - 2, grid.probability), scale)


def test_arrays_of_different_lengths_are_refused(grid):
    unchecked = inspect.unwrap(
        readout_matrix
    )  # the shape checker of the tests comes first
    with pytest.raises(ValueError, match="one row for each sample, got 10, 1536"):
        unchecked(grid.codes[:10], grid.factors, grid.probability)


def test_folds_leave_out_whole_combinations(grid):
    twice = np.concatenate([grid.factors, grid.factors[::-1]])
    fold = combination_folds(twice)
    combination = combination_of_rows(twice)
    for fold_of_one in (fold[combination == c] for c in range(0, 1536, 97)):
        assert len(set(fold_of_one)) == 1
    assert np.bincount(fold).min() > 600
    np.testing.assert_array_equal(combination_folds(twice), fold)


def test_of_few_combinations_rows_are_held_out():
    factors = np.repeat([[0.0], [1.0]], 50, axis=0)
    fold = combination_folds(factors)
    assert set(fold[:50]) == set(fold[50:]) == {0, 1, 2, 3, 4}


def test_r2_below_zero_counts_as_zero():
    target = np.array([[0.0], [1.0]])
    assert held_out_r2(1 - target, target, np.full(2, 0.5))[0] == 0


def test_joint_readout_does_not_care_about_rotation(grid):
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    scores = joint_readout(grid.codes @ rotation, grid.factors, grid.probability)
    assert scores.min() > 0.998
    linear = linear_readout(grid.codes @ rotation, grid.factors, grid.probability)
    np.testing.assert_allclose(linear, 1, atol=1e-9)


def test_joint_readout_untangles_what_no_single_latent_reads(grid):
    r, x, y = grid.factors.T
    codes = np.stack([(r + 1) * (-1) ** (x + y), (x - 15.5) * (y - 4), y], axis=1)
    scores = joint_readout(codes, grid.factors, grid.probability)
    assert scores.min() > 0.95
    assert linear_readout(codes, grid.factors, grid.probability)[0] < 0.01


def test_joint_readout_of_noise_is_zero(grid):
    noise = np.random.default_rng(0).normal(size=(len(grid.factors), 3))
    assert joint_readout(noise, grid.factors, grid.probability).max() < 0.01


def test_repeated_and_dead_latents_do_not_break_the_joint_readout(grid):
    dead = np.zeros((len(grid.codes), 1))
    codes = np.hstack([grid.codes, grid.codes, dead])
    assert joint_readout(codes, grid.factors, grid.probability).min() > 0.99
    assert np.isnan(joint_readout(dead, grid.factors, grid.probability)).all()
    assert np.isnan(linear_readout(dead, grid.factors, grid.probability)).all()


def test_whitened_codes_are_uncorrelated(grid, weights):
    codes = grid.codes @ np.array([[1.0, 2, 0], [0, 1, 5], [0, 0, 0.1]])
    white = whiten(np.hstack([codes, codes[:, :1]]), weights)
    assert white.shape[1] == 3
    np.testing.assert_allclose(weights @ white, 0, atol=1e-9)
    np.testing.assert_allclose(
        (weights[:, None] * white).T @ white, np.eye(3), atol=1e-9
    )
