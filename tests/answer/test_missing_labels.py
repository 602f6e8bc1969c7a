import numpy as np
import pytest

from tinyvae.answer import Answer, build_answer
from tinyvae.answer.axes import measure_axes
from tinyvae.answer.rows import drawn_rows
from tinyvae.factors import FactorTable
from tinyvae.frames.held import represented
from tinyvae.from_arrays import representation_of


def with_gaps(seed=0, num_rows=400):
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(num_rows, 2))
    codes = factors + 0.1 * rng.normal(size=factors.shape)
    gaps = factors.copy()
    gaps[:100, 1] = np.nan
    table = representation_of(codes, factors, names=["a", "b"]).table
    return codes, factors, represented(codes, table.factors, gaps)


def test_each_factor_is_judged_on_the_rows_that_have_it():
    codes, factors, found = with_gaps()
    axes = measure_axes(found)
    for rows, factor in ((slice(None), 0), (slice(100, None), 1)):
        alone = representation_of(codes[rows], factors[rows][:, [factor]])
        expected = measure_axes(alone)
        np.testing.assert_allclose(axes.share[:, factor], expected.share[:, 0])
        np.testing.assert_allclose(axes.readout[:, factor], expected.readout[:, 0])
        np.testing.assert_allclose(axes.spearman[:, factor], expected.spearman[:, 0])


def test_missing_labels_are_counted_in_a_note():
    answer = build_answer(with_gaps()[2])
    assert [match.verdict for match in answer.matches] == ["clear", "clear"]
    assert any(
        "missing labels, of 400 rows: b 100" in n for n in answer.measurement.notes
    )
    assert str(Answer.from_json(answer.to_json())) == str(answer)


def test_a_factor_that_too_few_rows_have_is_undefined():
    codes, factors, found = with_gaps()
    values = factors.copy()
    values[5:, 1] = np.nan
    answer = build_answer(represented(codes, found.factors, values))
    assert [match.verdict for match in answer.matches] == ["clear", "undefined"]
    assert answer.verdict == "yes, each (b undefined)"


def test_factors_that_are_never_known_together_are_each_judged():
    codes, factors, found = with_gaps()
    values = factors.copy()
    values[:200, 0], values[200:, 1] = np.nan, np.nan
    answer = build_answer(represented(codes, found.factors, values))
    assert [match.latent for match in answer.matches] == [0, 1]
    assert min(match.readout for match in answer.matches) > 0.95
    assert np.isnan(answer.measurement.after_rotation.matched_share).all()


@pytest.mark.parametrize("rare", [20, 500])
def test_a_draw_of_rows_keeps_rare_labels(rare):
    labels = np.zeros(50_000)
    labels[:rare] = 1.0
    table = representation_of(
        np.random.default_rng(0).normal(size=(50_000, 1)),
        labels[:, None],
        kinds=["categorical"],
    ).table
    assert isinstance(table, FactorTable)
    ((rows, _),) = drawn_rows(table, 4000)
    assert (labels[rows] == 1).sum() == min(rare, 200)
    assert len(rows) <= 2200
