import numpy as np
import pytest
from scipy.stats import f_oneway

from tinyvae.factors import Factor, FactorTable
from tinyvae.measures.factor_dependence import factor_dependence


def sample(*columns, kinds=None):
    """A table of f0, f1 and so on."""
    values = np.column_stack(columns).astype(float)
    kinds = kinds or ["ordered"] * len(columns)
    factors = tuple(
        Factor(f"f{k}", tuple(np.unique(column)), kind=kind)
        for k, (column, kind) in enumerate(zip(values.T, kinds, strict=True))
    )
    probability = np.full(len(values), 1 / len(values))
    return FactorTable(factors, values, probability, False, complete=False)


def test_the_correlation_ratio_is_that_of_an_analysis_of_variance():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 3, 600)
    size = label * 1.5 + rng.normal(size=600)
    found = factor_dependence(sample(size, label, kinds=["ordered", "categorical"]))
    assert len(found) == 1
    f = f_oneway(*(size[label == k] for k in range(3))).statistic
    ratio = f * 2 / (f * 2 + 600 - 3)  # F = (ratio / 2) / ((1 - ratio) / 597)
    assert (found[0].factor, found[0].other) == ("f0", "f1")
    assert found[0].explained == pytest.approx(ratio, abs=1e-5)
    # (levels - 1) / (rows - 1) where nothing is known
    assert found[0].chance == pytest.approx(2 / 599, abs=0.002)


def test_independent_factors_show_nothing_but_rarely():
    seeds, shown = range(40), 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        table = sample(
            rng.normal(size=300), rng.integers(0, 4, 300), rng.normal(size=300)
        )
        shown += bool(factor_dependence(table))
    assert shown <= 4  # 1 in 50 is expected


def test_bent_and_circular_dependence_is_found():
    rng = np.random.default_rng(0)
    size, angle = rng.normal(size=500), rng.uniform(0, 360, 500)
    bent = factor_dependence(sample(size, size**2 + rng.normal(size=500)))
    assert (bent[0].factor, bent[0].other) == ("f1", "f0")
    turned = sample(
        angle, np.cos(np.radians(angle)) * size, kinds=["circular", "ordered"]
    )
    assert not factor_dependence(turned)  # the mean of the product is 0 at each angle
    turned = sample(
        angle, np.cos(np.radians(angle)) + size / 4, kinds=["circular", "ordered"]
    )
    assert factor_dependence(turned)[0].explained > 0.8


def test_the_strongest_pair_comes_first():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 1000))
    table = sample(a, b, a + 0.2 * rng.normal(size=1000), a + b)
    pairs = [{pair.factor, pair.other} for pair in factor_dependence(table)]
    assert pairs[0] == {"f0", "f2"}
    assert {"f0", "f1"} not in pairs
    assert len(pairs) == 4


@pytest.mark.parametrize("num_rows", [1, 2, 10, 40])
def test_few_rows_constants_and_lonely_labels_are_taken(num_rows):
    rng = np.random.default_rng(0)
    rare = np.zeros(num_rows)
    rare[0] = 1
    table = sample(
        rng.normal(size=num_rows),
        np.ones(num_rows),
        rare,
        np.arange(num_rows),
        kinds=["ordered", "ordered", "categorical", "categorical"],
    )
    for pair in factor_dependence(table):
        assert 0 <= pair.explained <= 1 + 1e-5
