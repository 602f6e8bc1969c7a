import numpy as np
import pytest

from tinyvae.factors import Factor, FactorTable, full_grid

SIZE, SHAPE = Factor("size", (1.0, 2.0, 4.0)), Factor("shape", (0.0, 1.0))


def test_full_grid_holds_every_combination_once_first_factor_slowest():
    grid = full_grid((SIZE, SHAPE))
    expected = [[1, 0], [1, 1], [2, 0], [2, 1], [4, 0], [4, 1]]
    np.testing.assert_array_equal(grid.values, expected)
    assert grid.uniform
    assert grid.independent
    assert grid.complete


def test_sampled_rows_follow_the_probabilities():
    weights = np.array([0.5, 0.3, 0.2])
    table = FactorTable((SIZE,), np.array([[1.0], [2.0], [4.0]]), weights, True)
    sample = table.sample_rows(100_000, seed=10_000)
    shares = [(sample.values[:, 0] == value).mean() for value in SIZE.values]
    np.testing.assert_allclose(shares, weights, atol=0.01)
    assert not sample.complete


def test_factor_refuses_values_out_of_order():
    with pytest.raises(ValueError, match=r"ascending order, got \(2.0, 1.0\)"):
        Factor("size", (2.0, 1.0))


def test_factor_refuses_no_values():
    with pytest.raises(ValueError, match="at least one value, got none"):
        Factor("size", ())


def test_factor_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="expected a kind among .* got 'round'"):
        Factor("size", (1.0,), kind="round")  # type: ignore[arg-type]


def test_levels_name_the_values_of_a_categorical_factor():
    shape = Factor("shape", (0.0, 1.0), kind="categorical", levels=("disc", "heart"))
    assert [shape.levels[int(value)] for value in shape.values] == ["disc", "heart"]


@pytest.mark.parametrize(
    ("values", "kind", "levels", "message"),
    [
        ((0.0, 1.0), "ordered", ("a", "b"), "of a categorical factor only, got"),
        ((0.0, 1.0), "categorical", ("a", "a"), "distinct levels, got"),
        ((0.0, 1.0), "categorical", ("a", "b", "c"), r"0 to 2.* got \(0.0, 1.0\)"),
        ((1.0, 2.0), "categorical", ("a", "b"), r"0 to 1.* got \(1.0, 2.0\)"),
    ],
)
def test_levels_that_do_not_fit_are_refused(values, kind, levels, message):
    with pytest.raises(ValueError, match=message):
        Factor("shape", values, kind=kind, levels=levels)


def test_table_refuses_probabilities_that_do_not_add_up():
    with pytest.raises(ValueError, match="add up to 1, got a sum of 0.5"):
        FactorTable((SHAPE,), np.zeros((1, 1)), np.array([0.5]), True)


def test_table_refuses_a_missing_column():
    with pytest.raises(ValueError, match=r"\(1, 2\), got \(1, 1\)"):
        FactorTable((SIZE, SHAPE), np.zeros((1, 1)), np.array([1.0]), True)
