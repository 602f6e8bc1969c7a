import numpy as np
import pytest

from tinyvae.measures.matching import match_latents, matched_values

ACTIVE = np.ones(3, bool)


def test_the_best_total_wins_over_the_best_single_pair():
    share = np.array([[0.9, 0.8, 0.0], [0.8, 0.1, 0.0], [0.0, 0.0, 1.0]])
    assert match_latents(share, np.ones((3, 3)), ACTIVE) == (1, 0, 2)


def test_inactive_latents_are_not_matched():
    scores = np.eye(3)
    assert match_latents(scores, scores, np.array([True, False, True])) == (0, None, 2)


def test_undefined_scores_are_not_matched():
    scores = np.eye(3)
    scores[:, 1] = np.nan
    matching = match_latents(scores, scores, ACTIVE)
    assert matching[1] is None
    assert (matching[0], matching[2]) == (0, 2)


def test_a_folded_latent_still_finds_its_factor():
    readout = np.diag([1.0, 0.0, 1.0])
    assert match_latents(np.eye(3), readout, ACTIVE) == (0, 1, 2)


@pytest.mark.parametrize("num_latents", [1, 5])
def test_latents_and_factors_need_not_be_equally_many(num_latents):
    scores = np.random.default_rng(0).uniform(size=(num_latents, 3))
    matching = match_latents(scores, scores, np.ones(num_latents, bool))
    used = [latent for latent in matching if latent is not None]
    assert len(used) == len(set(used)) == min(num_latents, 3)


def test_values_of_unmatched_factors_are_nan():
    values = matched_values(np.array([[0.1, 0.2], [0.3, 0.4]]), (1, None))
    np.testing.assert_array_equal(values, [0.3, np.nan])
