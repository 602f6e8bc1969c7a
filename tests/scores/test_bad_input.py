"""Whatever arrays come: scores, or one message that says what was expected."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tinyvae.scores as scores
from tinyvae.errors import DataError
from tinyvae.from_arrays import representation_of
from tinyvae.scores.mig import mig, mig_nearest
from tinyvae.scores.score import SCORES

CODES = np.random.default_rng(0).normal(size=(50, 2))


def any_array():
    shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=12)
    dtypes = st.one_of(
        arrays.floating_dtypes(sizes=(32, 64)),
        arrays.integer_dtypes(),
        arrays.boolean_dtypes(),
        arrays.complex_number_dtypes(),
        arrays.unicode_string_dtypes(max_len=3),
    )
    return arrays.arrays(dtypes, shapes)


def scorable():
    """Codes and factors of 10 to 40 rows, with ties, constants and extremes."""
    value = st.one_of(
        st.integers(-2, 2).map(float),
        # rounded: columns that span less than 1e-30 are refused
        st.floats(-1e6, 1e6).map(lambda value: round(value, 6)),
    )
    return st.tuples(st.integers(10, 40), st.integers(1, 3), st.integers(1, 3)).flatmap(
        lambda size: st.tuples(
            arrays.arrays(float, (size[0], size[1]), elements=value),
            arrays.arrays(float, (size[0], size[2]), elements=value),
        )
    )


@given(any_array(), any_array())
@settings(max_examples=200, deadline=None)
def test_any_array_is_scored_or_refused_with_a_message(codes, factors):
    try:
        found = representation_of(codes, factors)
    except DataError as error:
        found, message = None, str(error)
    else:
        message = "expected nothing, got codes"
    assert message.startswith("expected ")
    assert ", got " in message
    assert found is None or np.isfinite(found.codes).all()


@pytest.mark.parametrize("name", SCORES)
@given(scorable(), st.sampled_from(["ordered", "circular", "categorical"]))
@settings(max_examples=15, deadline=None)
def test_small_and_degenerate_arrays_give_a_number_or_a_reason(name, pair, kind):
    codes, factors = pair
    kinds = [kind] * factors.shape[1]
    for score in SCORES[name].scores(codes, factors, kinds=kinds):
        assert np.isfinite(score.value) != bool(score.undefined), score
        if score.parts is not None:
            for part, reason in zip(score.parts, score.reasons, strict=True):
                assert np.isnan(part) == (reason is not None), score
        if score.undefined is None and "nats" not in str(SCORES[name].function.__doc__):
            assert -1e-9 <= score.value <= 1 + 1e-9


@pytest.mark.parametrize(
    ("codes", "factors", "message"),
    [
        ([[1.0, 2.0]], [[1.0]], "at least 10 samples, got 1"),
        (CODES, CODES[:-1], "50 rows of codes and 49 of factors"),
        (np.full((50, 2), len), CODES, "real numbers, got Python objects"),
        (CODES.astype(str), CODES, "real numbers, got strings"),
        (
            np.where(CODES > 2, np.nan, CODES),
            CODES,
            r"nan in row \d+ of the array",
        ),
        (CODES, np.where(CODES > 2, np.inf, CODES), "finite factors, got inf in row"),
        ([[1.0, 2.0], [3.0]], CODES, r"an array \(sample, latent\), got list"),
        (CODES[:, 0], CODES, r"A single column is codes\[:, None\]"),
        (CODES * 1j, CODES, r"got complex128. Convert with astype\(float\)"),
        (
            np.ma.masked_less(CODES, -2),
            CODES,
            r"a masked array with \d+ entries",
        ),
    ],
)
def test_bad_arrays_are_refused(codes, factors, message):
    with pytest.raises(DataError, match=message):
        scores.mig(codes, factors)


@pytest.mark.parametrize(
    ("codes", "factors", "message"),
    [
        (CODES.T, CODES, "2 rows of codes and 50 of factors. .* give codes.T"),
        (CODES, CODES.T, "50 rows of codes and 2 of factors. .* give factors.T"),
        (CODES.T, CODES.T, "got 2: .* give codes.T and factors.T"),
        (CODES.reshape(5, 10, 2), CODES, r"reshape\(-1, 2\); .*reshape\(5, -1\)"),
        (CODES, CODES.view("f8,f8")[:, 0], "fields f0, f1. .*structured_to_unstruct"),
        (CODES, np.where(CODES > 2, "", "a"), "'f.' in each row, got none in row"),
    ],
)
def test_the_message_says_how_to_turn_an_array(codes, factors, message):
    with pytest.raises(DataError, match=message):
        scores.mig(codes, factors)


def test_texts_are_labels_and_objects_that_are_numbers_are_numbers():
    words = np.array(["oval", "heart", "square"])[np.arange(50) % 3]
    wanted = representation_of(CODES, np.unique(words, return_inverse=True)[1][:, None])
    for labels in (words, words.astype("S"), words.astype(object)):
        found = representation_of(
            CODES.astype(object), labels[:, None], names=["shape"]
        )
        assert found.factors[0].levels == ("heart", "oval", "square")
        np.testing.assert_array_equal(found.table.values, wanted.table.values)
        np.testing.assert_array_equal(found.codes, CODES)
    mixed = np.column_stack([words, CODES[:, 0].astype(str)])  # NumPy makes all texts
    found = representation_of(CODES, mixed)
    assert [factor.kind for factor in found.factors] == ["categorical", "ordered"]
    np.testing.assert_array_equal(found.table.values[:, 1], CODES[:, 0])


def test_one_kind_may_stand_for_all_factors():
    found = representation_of(CODES, CODES, kinds="circular:1")
    assert [factor.period for factor in found.factors] == [1.0, 1.0]


@pytest.mark.parametrize("num_bins", [-1, 1, 51])
def test_more_bins_than_values_are_refused(num_bins):
    with pytest.raises(DataError, match=f"2 to 50 bins .* got {num_bins}"):
        scores.mig(CODES, CODES, num_bins=num_bins)


def test_counts_that_are_no_whole_numbers_are_refused():
    # unwrapped: the tests' own check of types would come first
    found = representation_of(CODES, CODES)
    with pytest.raises(DataError, match=r"a whole number, got 2\.5"):
        inspect.unwrap(mig)(found, num_bins=2.5)
    with pytest.raises(DataError, match=r"neighbours, a whole number, got 2\.5"):
        inspect.unwrap(mig_nearest)(found, num_neighbours=2.5)


def test_a_result_cannot_be_written_to():
    found = scores.mig(CODES, CODES)
    with pytest.raises(ValueError, match="read-only"):
        found.matrix[0, 0] = 9  # type: ignore[index]


def test_a_period_that_is_no_number_is_refused():
    with pytest.raises(DataError, match="such as circular:360, got 'abc'"):
        scores.mig(CODES, CODES, kinds=["circular:abc", "ordered"])


def test_a_line_of_many_parts_stays_readable():
    codes = np.random.default_rng(0).normal(size=(200, 50))
    line = str(scores.modularity(codes, codes))
    assert line.endswith("z10 1.000, and 39 more)")
