from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import tinyvae as tv
from tinyvae.answer import build_answer
from tinyvae.answer.covariates import covariates_of
from tinyvae.from_arrays import representation_of
from tinyvae.measures.tables import readout_of_table


def found_of(codes, factors, kinds):
    found = representation_of(codes, factors, names=["size", "donor"], kinds=kinds)
    readout = readout_of_table(found.codes, found.table)
    return covariates_of(found.codes, found.table, (0, None), readout)[0]


def correlated(rho, num_rows=3000, seed=0):
    rng = np.random.default_rng(seed)
    size, noise = rng.normal(size=(2, num_rows))
    return size, rho * size + np.sqrt(1 - rho**2) * noise


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_a_latent_that_is_the_factor_has_the_squared_correlation_in_common(rho):
    size, donor = correlated(rho)
    found = found_of(size[:, None], np.column_stack([size, donor]), ["ordered"] * 2)
    assert found is not None
    assert found.factor == "donor"
    assert found.part == pytest.approx(rho**2, abs=0.03)


def test_a_latent_that_is_the_covariate_has_all_in_common():
    size, donor = correlated(0.8)
    found = found_of(donor[:, None], np.column_stack([size, donor]), ["ordered"] * 2)
    assert found is not None
    assert found.part > 0.98


def test_the_part_is_the_common_r2_of_linear_models_where_all_is_linear():
    size, donor = correlated(0.6)
    latent = size + 0.5 * np.random.default_rng(1).normal(size=len(size))
    found = found_of(latent[:, None], np.column_stack([size, donor]), ["ordered"] * 2)

    def r2(*columns):
        features = np.column_stack(columns)
        return LinearRegression().fit(features, size).score(features, size)

    assert found is not None
    common = r2(latent) + r2(donor) - r2(latent, donor)
    assert found.part == pytest.approx(common / r2(latent), abs=0.01)


def test_labels_are_covariates_too():
    rng = np.random.default_rng(0)
    donor = rng.integers(0, 3, 2000)
    size = donor + rng.normal(size=2000) * 0.5
    found = found_of(
        size[:, None], np.column_stack([size, donor]), ["ordered", "categorical"]
    )
    assert found is not None
    between = LinearRegression().fit(np.eye(3)[donor], size)
    assert found.part == pytest.approx(between.score(np.eye(3)[donor], size), abs=0.02)


def test_independent_factors_are_not_flagged():
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(2000, 2))
    assert found_of(factors[:, [0]], factors, ["ordered"] * 2) is None


LABELLED = ["ordered", "categorical"]


def size_and_donors(num_rows, num_donors, effect, seed):
    """Sizes with a standard deviation of 1 within a donor, and `effect` between."""
    rng = np.random.default_rng(seed)
    donor = rng.permutation(np.arange(num_rows) % num_donors)
    size = effect * rng.normal(size=num_donors)[donor] + rng.normal(size=num_rows)
    return np.column_stack([size, donor])


def test_many_labels_in_few_rows_explain_nothing_that_they_do_not_tell():
    seeds, flagged = range(40), 0
    for seed in seeds:
        factors = size_and_donors(40, 20, 0.0, seed)
        codes = factors[:, [0]] + 0.3 * np.random.default_rng(99).normal(size=(40, 1))
        flagged += found_of(codes, factors, LABELLED) is not None
    assert flagged <= 3  # 1 in 50 is expected


@pytest.mark.parametrize("missing", [0, 600])
def test_many_labels_in_many_rows_explain_what_they_tell(missing):
    factors = size_and_donors(2000, 20, 1.0, 0)
    values = factors.copy()
    values[:missing, 0] = np.nan  # the two lack labels in different rows
    values[2000 - missing :, 1] = np.nan
    known = ~np.isnan(values).any(axis=1)
    whole = representation_of(
        factors[:, [0]], factors, names=["size", "donor"], kinds=LABELLED
    )
    table = replace(whole.table, values=values)
    readout = readout_of_table(whole.codes, whole.table)
    found = covariates_of(whole.codes, table, (0, None), readout)[0]
    assert found is not None
    assert found.factor == "donor"
    size, donor = factors[known].T
    labels = np.eye(20)[donor.astype(int)]
    between = LinearRegression().fit(labels, size).score(labels, size)
    assert found.part == pytest.approx(between, abs=0.03)


def test_the_sentence_says_the_part():
    size, donor = correlated(0.8)
    factors = np.column_stack([size, donor])
    answer = build_answer(representation_of(factors, factors, names=["size", "donor"]))
    assert "of what z0 reads of size goes with donor" in answer.sentences[0]


def test_a_perfect_code_of_dependent_factors_is_clear():
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 2000))
    y = 0.8 * x + 0.6 * noise
    answer = tv.answer(np.c_[x, y], {"x": x, "y": y})
    assert answer.verdict == "yes, each"
    assert answer.parts.measurement.axes.readout[0, 1] > 0.5  # y is read from x


@pytest.mark.parametrize("noise_of_y", [0.3, 0.6])
def test_a_latent_that_takes_more_of_another_factor_than_its_own_tells_is_found(
    noise_of_y,
):
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=(2, 2000))
    y = 0.8 * x + 0.6 * noise
    answer = tv.answer(np.c_[x + noise_of_y * noise, y], {"x": x, "y": y})
    assert answer.verdict == "none of them"


def test_what_a_latent_reads_beyond_its_factor_has_a_closed_form():
    """z = x + c e and y = a x + b e: R2(y | z) - R2(y | x), with normal x and e."""
    rng = np.random.default_rng(2)
    x, e = rng.normal(size=(2, 20_000))
    a, b, c = 0.8, 0.6, 0.3
    y = a * x + b * e
    answer = tv.answer(np.c_[x + c * e, e], {"x": x, "y": y})
    beyond = answer.parts.measurement.axes.read_by_itself
    expected = (a + c * b) ** 2 / (1 + c**2) - a**2
    assert beyond[0, 1] == pytest.approx(expected, abs=0.02)


def test_a_trace_of_another_factor_in_a_latent_does_not_count():
    # given x, the trace tells y exactly; but the latent reads y no better than x does
    rng = np.random.default_rng(3)
    x, e = rng.normal(size=(2, 20_000))
    y = 0.8 * x + 0.6 * e
    answer = tv.answer(np.c_[x + 0.001 * e, y], {"x": x, "y": y})
    assert answer.verdict == "yes, each"
    beyond = answer.parts.measurement.axes.read_by_itself
    assert beyond[0, 1] < 0.01
