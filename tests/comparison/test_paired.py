"""The sign-flip test against SciPy, which nobody here wrote."""

import numpy as np
import pytest

from tinyvae.comparison.paired import sign_flip_test
from tinyvae.errors import DataError


@pytest.mark.parametrize("pairs", [3, 5, 8, 12])
def test_p_is_that_of_scipys_permutation_test(pairs):
    from scipy.stats import permutation_test

    differences = np.random.default_rng(pairs).normal(0.4, 1, pairs)
    expected = permutation_test(
        (differences, np.zeros(pairs)),
        lambda a, b: np.mean(a - b),
        permutation_type="samples",
        vectorized=False,
        n_resamples=10_000,
    )
    found = sign_flip_test(differences)
    assert found.exact
    assert found.p == pytest.approx(expected.pvalue)


def test_on_ranks_it_is_wilcoxons_test():
    from scipy.stats import rankdata, wilcoxon

    differences = np.random.default_rng(1).normal(0.5, 1, 10)
    signed = np.sign(differences) * rankdata(np.abs(differences))
    expected = np.asarray(wilcoxon(differences, method="exact"))[1]
    assert sign_flip_test(signed).p == pytest.approx(expected)


def test_random_flips_are_close_to_wilcoxons_normal_value_for_many_pairs():
    from scipy.stats import wilcoxon

    differences = np.random.default_rng(2).normal(0.3, 1, 40)
    found = sign_flip_test(differences)
    assert not found.exact
    assert found.least == 1 / 100_000
    assert found.p == pytest.approx(np.asarray(wilcoxon(differences))[1], abs=0.05)


@pytest.mark.parametrize(("pairs", "least"), [(1, 1.0), (5, 0.0625), (10, 2 / 1024)])
def test_the_least_p_is_reached_where_all_differences_agree(pairs, least):
    found = sign_flip_test(np.arange(1.0, pairs + 1))
    assert found.p == found.least == least


def test_no_difference_has_p_of_one():
    assert sign_flip_test(np.zeros(6)).p == 1
    assert not sign_flip_test(np.zeros(1)).is_least


def test_flipping_all_signs_changes_the_mean_and_not_p():
    differences = np.random.default_rng(3).normal(size=7)
    one, two = sign_flip_test(differences), sign_flip_test(-differences)
    assert one.p == two.p
    assert one.mean == -two.mean


def test_what_is_not_a_difference_is_refused():
    with pytest.raises(DataError, match="at least one finite difference, got"):
        sign_flip_test(np.array([]))
    with pytest.raises(DataError, match="at least one finite difference, got"):
        sign_flip_test(np.array([1.0, np.nan]))
