"""Golden values: see reference/README.md."""

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tinyvae.errors import DataError
from tinyvae.scores import locatello2019
from tinyvae.scores.locatello2019 import (
    beta_vae,
    dci,
    explicitness,
    factor_vae,
    irs,
    mig,
    modularity,
    mutual_information,
    sap,
)

REFERENCE = Path(__file__).parent / "reference"
GOLDEN = json.loads((REFERENCE / "scores.json").read_text())
SIZES = (6, 16, 16)

with np.load(REFERENCE / "codes.npz") as stored:
    ARRAYS = dict(stored)


class Samples(NamedTuple):
    codes: np.ndarray
    factors: np.ndarray
    test_codes: np.ndarray
    test_factors: np.ndarray


def samples(name: str) -> Samples:
    codes, factors = ARRAYS[name], ARRAYS["factor_index"]
    train, test = ARRAYS["train_index"], ARRAYS["test_index"]
    return Samples(codes[train], factors[train], codes[test], factors[test])


def check_dci(name):
    scores, golden = dci(*samples(name)), GOLDEN[name]
    for quantity in ("disentanglement", "completeness", "informativeness_test"):
        expected = pytest.approx(golden[f"dci_{quantity}"], abs=0.03)
        assert getattr(scores, quantity) == expected
    assert scores.informativeness_train >= scores.informativeness_test
    np.testing.assert_allclose(scores.importance.sum(axis=0), 1)


@pytest.mark.parametrize("name", GOLDEN)
def test_scores_without_a_fit_are_the_golden_ones(name):
    codes, factors, *test = samples(name)
    golden = GOLDEN[name]
    assert mig(codes, factors) == pytest.approx(golden["mig"], abs=1e-6)
    assert modularity(codes, factors) == pytest.approx(golden["modularity"], abs=1e-6)
    assert irs(codes, factors) == pytest.approx(golden["irs"], abs=1e-6)
    np.testing.assert_allclose(
        mutual_information(codes, factors), golden["mutual_information"], atol=1e-6
    )
    continuous = sap(codes, factors, *test, continuous=True)
    assert continuous == pytest.approx(golden["sap_continuous"], abs=1e-6)


@pytest.mark.parametrize("name", GOLDEN)
def test_discrete_sap_and_explicitness_are_the_golden_ones(name):
    golden = GOLDEN[name]
    assert sap(*samples(name)) == pytest.approx(golden["sap_discrete"], abs=0.01)
    train, test = explicitness(*samples(name))
    assert train == pytest.approx(golden["explicitness_train"], abs=0.01)
    assert test == pytest.approx(golden["explicitness_test"], abs=0.01)


@pytest.mark.parametrize("name", ["identity", "rotated_30"])
def test_dci_is_the_golden_one(name):
    check_dci(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(GOLDEN.keys() - {"identity", "rotated_30"}))
def test_dci_of_the_other_codes_is_the_golden_one(name):
    check_dci(name)


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("score", [factor_vae, beta_vae])
def test_accuracies_on_the_grid_are_within_the_golden_spread(score, name):
    golden = GOLDEN[name][f"{score.__name__}_eval_accuracy_3_seeds"]
    accuracies = [score(ARRAYS[name], SIZES, seed=seed) for seed in range(3)]
    assert np.mean(accuracies) == pytest.approx(np.mean(golden), abs=0.02)
    assert min(golden) - 0.02 <= min(accuracies)
    assert max(accuracies) <= max(golden) + 0.02


def test_a_factor_shares_its_entropy_with_itself():
    codes, factors, *_ = samples("identity")
    information = mutual_information(codes, factors)
    np.testing.assert_allclose(
        np.diag(information), GOLDEN["identity"]["factor_entropy"], atol=1e-6
    )


@pytest.mark.parametrize("score", [mig, modularity, irs])
def test_the_order_of_latents_and_factors_does_not_matter(score):
    codes, factors, *_ = samples("trained_tc")
    reordered = score(codes[:, [2, 0, 1]], factors[:, [1, 2, 0]])
    assert reordered == pytest.approx(score(codes, factors))


def test_a_constant_latent_has_no_information_and_no_modularity():
    codes, factors, *_ = samples("identity")
    more = np.column_stack([codes, np.full(len(codes), 0.1)])
    assert (mutual_information(more, factors)[-1] == 0).all()
    without = modularity(codes, factors)
    assert modularity(more, factors) == pytest.approx(3 / 4 * without)


def test_codes_that_never_move_score_nothing():
    factors = ARRAYS["factor_index"]
    still = np.zeros((len(factors), 2))
    assert mig(still, factors) == 0
    assert modularity(still, factors) == 0
    assert irs(still, factors) == 0
    assert sap(still, factors, still, factors, continuous=True) == 0
    train, test = explicitness(still, factors, still, factors)
    assert (train, test) == (0.5, 0.5)
    assert factor_vae(still, SIZES) == 0


def test_equal_importances_are_neither_disentangled_nor_complete():
    factors = ARRAYS["factor_index"] % 2
    still = np.zeros((len(factors), 2))
    scores = dci(still, factors, still, factors)
    assert scores.disentanglement == pytest.approx(0, abs=1e-9)
    assert scores.completeness == pytest.approx(0, abs=1e-9)
    np.testing.assert_array_equal(scores.importance, 1)


def test_factor_vae_leaves_out_latents_by_their_standard_deviation():
    codes = ARRAYS["identity"]  # standard deviation 1
    assert factor_vae(0.06 * codes, SIZES) == 1
    assert factor_vae(0.04 * codes, SIZES) == 0


def test_leaving_out_latents_does_not_change_the_votes_of_the_others():
    codes = ARRAYS["trained_beta_vae"]
    dead_first = np.column_stack([np.zeros(len(codes)), codes])
    assert factor_vae(dead_first, SIZES) == factor_vae(codes, SIZES)


@pytest.mark.parametrize("score", [factor_vae, beta_vae])
def test_seeds_repeat_the_scores_on_the_grid(score):
    codes = ARRAYS["rotated_45"]
    assert score(codes, SIZES, seed=4) == score(codes, SIZES, seed=4)
    assert score(codes, SIZES, seed=4) != score(codes, SIZES, seed=5)


def test_seeds_repeat_dci():
    codes, factors, *_ = samples("noisy_0.3")
    few = codes[:200], factors[:200] % 2, codes[200:300], factors[200:300] % 2
    first, second = dci(*few, seed=3), dci(*few, seed=3)
    np.testing.assert_array_equal(first.importance, second.importance)
    assert first[:4] == second[:4]


def test_scores_are_plain_floats():
    codes, factors, *test = samples("identity")
    scores = [
        mig(codes, factors),
        modularity(codes, factors),
        irs(codes, factors),
        sap(codes, factors, *test, continuous=True),
        factor_vae(ARRAYS["identity"], SIZES),
        beta_vae(ARRAYS["identity"], SIZES),
    ]
    assert {type(score) for score in scores} == {float}


def test_scikit_learn_waits_for_a_fit():
    code = (
        "import sys, tinyvae.scores.locatello2019; "
        "sys.exit(any(name.split('.')[0] == 'sklearn' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def refused(score, *arguments, **keywords):
    """Call without the shape checker of the tests, which comes first."""
    return inspect.unwrap(getattr(locatello2019, score))(*arguments, **keywords)


@pytest.mark.parametrize("score", ["mig", "modularity", "mutual_information", "irs"])
def test_arrays_that_do_not_fit_are_refused(score):
    codes, factors, *_ = samples("identity")
    with pytest.raises(DataError, match=r"codes of shape \(sample, latent\), got \(4"):
        refused(score, codes[:, 0], factors)
    with pytest.raises(DataError, match=r"factors of shape .* got \(4000,\)"):
        refused(score, codes, factors[:, 0])
    with pytest.raises(DataError, match="one row for each sample, got 10 and 4000"):
        refused(score, codes[:10], factors)
    with pytest.raises(DataError, match="integer indices, got float64"):
        refused(score, codes, factors * 1.0)
    holed = codes.copy()
    holed[7, 1] = np.nan
    with pytest.raises(DataError, match="finite codes, got NaN or infinity in row 7"):
        refused(score, holed, factors)


def test_lists_are_refused_with_a_message():
    # in a process of its own: here the check of types would come first
    code = "from tinyvae.scores.locatello2019 import mig; mig([[1.0]], [[1]])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "expected codes as an array, got list. Convert with numpy" in done.stderr


@pytest.mark.parametrize("score", ["sap", "explicitness", "dci"])
def test_test_samples_that_do_not_fit_are_refused(score):
    *sample, test_codes, test_factors = samples("identity")
    with pytest.raises(DataError, match="test sample of 3 latents .* got 2 and 3"):
        refused(score, *sample, test_codes[:, :2], test_factors)
    with pytest.raises(DataError, match="one row for each sample, got 5 and 2000"):
        refused(score, *sample, test_codes[:5], test_factors)


@pytest.mark.parametrize("score", ["mig", "modularity", "sap", "explicitness", "dci"])
def test_samples_with_nothing_to_compare_are_refused(score):
    codes, factors, test_codes, test_factors = samples("identity")
    num_arrays = 2 if score in ("mig", "modularity") else 4
    if score in ("mig", "sap", "dci"):
        single = codes[:, :1], factors, test_codes[:, :1], test_factors
        with pytest.raises(DataError, match="at least 2 latents, got 1"):
            refused(score, *single[:num_arrays])
    if score in ("modularity", "dci"):
        single = codes, factors[:, :1], test_codes, test_factors[:, :1]
        with pytest.raises(DataError, match="at least 2 factors, got 1"):
            refused(score, *single[:num_arrays])
    if score != "modularity":
        constant = codes, factors * np.array([1, 0, 1]), test_codes, test_factors
        with pytest.raises(DataError, match="2 levels .* a single one in column 1"):
            refused(score, *constant[:num_arrays])


def test_explicitness_needs_every_level_in_both_samples():
    codes, factors, test_codes, test_factors = samples("identity")
    kept = test_factors[:, 1] != 3
    with pytest.raises(DataError, match="levels of factor 1 .* got level 3 in one"):
        refused("explicitness", codes, factors, test_codes[kept], test_factors[kept])


@pytest.mark.parametrize("score", ["factor_vae", "beta_vae"])
def test_grids_that_are_not_whole_are_refused(score):
    codes = ARRAYS["identity"]
    with pytest.raises(DataError, match=r"every combination .* got 1536 codes .* 15\)"):
        refused(score, codes, (6, 16, 15))
    with pytest.raises(DataError, match="at least 2 factors, got 1"):
        refused(score, codes, (1536,))
    with pytest.raises(DataError, match="finite codes"):
        refused(score, np.where(codes > 1, np.inf, codes), SIZES)
