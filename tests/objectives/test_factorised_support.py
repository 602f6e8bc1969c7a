import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import batch_of, loss, model_of

from tinyvae.objectives import BetaVAE, FactorisedSupport
from tinyvae.objectives.support import pairwise_hausdorff_distance

KEY = jax.random.key(10_002)
CODES = np.random.default_rng(10_000).normal(size=(9, 3)) @ np.array(
    [[1.0, 0.8, 0.0], [0.0, 0.5, 0.3], [0.2, 0.0, 1.0]]
)


def distance_by_loops(codes):
    """Each pair of latents, each combination of values, each code, one by one."""
    total = 0.0
    for j, k in itertools.combinations(range(codes.shape[1]), 2):
        farthest = 0.0
        for a in codes[:, j]:
            for b in codes[:, k]:
                nearest = min((a - c[j]) ** 2 + (b - c[k]) ** 2 for c in codes)
                farthest = max(farthest, nearest)
        total += farthest
    return total


def distance(codes):
    return pairwise_hausdorff_distance(jnp.asarray(codes, jnp.float32))


def test_distance_is_that_of_loops_over_all_combinations():
    np.testing.assert_allclose(distance(CODES), distance_by_loops(CODES), rtol=1e-5)


def test_the_gradient_is_that_of_finite_differences_of_the_loops():
    found = jax.grad(distance)(CODES)
    for place in np.ndindex(*CODES.shape):
        step = np.zeros_like(CODES)
        step[place] = 1e-6
        ends = distance_by_loops(CODES + step), distance_by_loops(CODES - step)
        np.testing.assert_allclose(
            found[place], (ends[0] - ends[1]) / 2e-6, atol=1e-4, rtol=1e-3
        )


def test_a_grid_has_a_factorised_support_however_often_its_points_occur():
    grid = np.array(list(itertools.product([0.0, 1.0, 5.0], [2.0, 3.0])))
    dependent = np.concatenate([grid, np.repeat(grid[:1], 7, axis=0)])
    assert distance(dependent) == 0
    # without one corner, that corner is 1 from its nearest neighbour
    np.testing.assert_allclose(distance(grid[1:]), 1)


def test_a_turned_square_misses_its_corners():
    # the codes (0, 1), (1, 0), (0, -1), (-1, 0) never reach (1, 1)
    square = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]])
    np.testing.assert_allclose(distance(square), 1)


def test_one_latent_has_a_factorised_support():
    assert distance(CODES[:, :1]) == 0


def test_scale_and_order_of_codes():
    np.testing.assert_allclose(distance(3 * CODES), 9 * distance(CODES), rtol=1e-5)
    np.testing.assert_allclose(distance(CODES[::-1, [2, 0, 1]]), distance(CODES))


def test_the_loss_is_that_of_a_beta_vae_and_the_distance_of_some_codes():
    model, batch = model_of("hfs"), batch_of("hfs")
    codes = np.asarray(jax.vmap(model.vae.encode)(batch.images).code)[:6]
    _, terms = loss(FactorisedSupport(20.0, 6, 3.0), model, batch, 0.5, KEY)
    _, beta = loss(BetaVAE(3.0), model, batch, 0.5, KEY)
    (found,) = terms.penalties
    expected = distance_by_loops(codes)
    np.testing.assert_allclose(found.value, expected, rtol=1e-4)
    np.testing.assert_allclose(terms.loss, beta.loss + 20 * expected, rtol=1e-5)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="finite support_weight .* got -1"):
        FactorisedSupport(-1.0)
    with pytest.raises(ValueError, match="finite beta .* got nan"):
        FactorisedSupport(beta=float("nan"))
    with pytest.raises(ValueError, match="support_pictures of at least 2, got 1"):
        FactorisedSupport(support_pictures=1)
