import numpy as np
import pytest

from tinyvae.measures.rotation import best_rotation, geodesic_angle


def random_rotation(size, seed):
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]
    rotation[0] *= np.sign(np.linalg.det(rotation))
    return rotation


@pytest.mark.parametrize("seed", range(8))
def test_any_rotation_is_undone(grid, seed):
    codes = grid.codes @ random_rotation(3, seed).T
    best = best_rotation(codes, grid.factors, grid.probability)
    np.testing.assert_allclose(best.matched_share, 1, atol=1e-9)
    np.testing.assert_allclose(best.rotation @ best.rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(best.rotation) == pytest.approx(1)


def test_factors_are_found_among_ten_latents(grid):
    rng = np.random.default_rng(0)
    codes = np.hstack([grid.codes, 0.5 * rng.normal(size=(len(grid.codes), 7))])
    codes = codes @ random_rotation(10, 1).T
    best = best_rotation(codes, grid.factors, grid.probability)
    assert best.matched_share.min() > 0.99


def test_nothing_is_turned_where_nothing_is_wrong(grid):
    flipped = grid.codes[:, [2, 0, 1]] * [1, -1, 1]
    best = best_rotation(flipped, grid.factors, grid.probability)
    assert best.angle == pytest.approx(0, abs=1e-6)
    assert best.matching == (1, 2, 0)


def test_it_is_at_least_as_good_as_a_fine_search_in_the_plane(grid):
    rng = np.random.default_rng(0)
    codes = (grid.codes + 0.5 * rng.normal(size=grid.codes.shape))[:, :2]
    codes = codes @ np.array([[1.0, 0.3], [0.8, 1.5]])
    found = best_rotation(codes, grid.factors, grid.probability)
    from tinyvae.measures.share import share_matrix

    best = 0.0
    for t in np.linspace(0, np.pi / 2, 400):
        turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
        shares = share_matrix(codes @ turn.T, grid.factors, grid.probability)
        for a, b in ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)):
            best = max(best, shares[0, a] + shares[1, b])
    assert np.nansum(found.matched_share) >= best - 1e-6


def test_rotation_does_not_repair_a_packed_code(grid):
    _, x, y = grid.factors.T
    codes = np.stack([grid.codes[:, 0], 16 * x + y], axis=1)
    best = best_rotation(codes, grid.factors, grid.probability)
    assert np.isnan(best.matched_share[2])


def test_inactive_latents_stay_where_they_are(grid):
    codes = np.hstack([grid.codes @ random_rotation(3, 0).T, grid.codes[:, :1] * 1e-3])
    active = np.array([True, True, True, False])
    best = best_rotation(codes, grid.factors, grid.probability, active)
    np.testing.assert_array_equal(best.rotation[3], [0, 0, 0, 1])
    np.testing.assert_allclose(best.matched_share, 1, atol=1e-9)


def test_geodesic_angle_of_two_planes_adds_as_in_pythagoras():
    rotation = np.zeros((4, 4))
    for i, t in ((0, np.radians(30)), (2, np.radians(40))):
        rotation[i : i + 2, i : i + 2] = [
            [np.cos(t), -np.sin(t)],
            [np.sin(t), np.cos(t)],
        ]
    assert geodesic_angle(rotation) == pytest.approx(50)
