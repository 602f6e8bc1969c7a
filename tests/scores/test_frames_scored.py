"""Scores take codes and labels from frames as they take them from arrays."""

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import DataError

RNG = np.random.default_rng(10_000)
LABELS = RNG.normal(size=(200, 2))
CODES = LABELS[:, ::-1] + 0.1 * RNG.normal(size=(200, 2))


def test_a_frame_scores_as_its_arrays():
    pandas = pytest.importorskip("pandas")
    codes = pandas.DataFrame(CODES, columns=["a", "b"])
    labels = pandas.DataFrame(LABELS, columns=["size", "depth"])
    plain = tv.scores.all(CODES, LABELS, names=["size", "depth"])
    framed = tv.scores.all(codes, labels)
    for one, other in zip(plain.values(), framed.values(), strict=True):
        np.testing.assert_allclose(other.value, one.value)
        assert other.part_names == one.part_names


def test_rows_of_frames_are_joined_by_their_names():
    pandas = pytest.importorskip("pandas")
    rows = [f"cell{row}" for row in range(200)]
    order = RNG.permutation(200)
    codes = pandas.DataFrame(CODES, rows)
    labels = pandas.DataFrame(LABELS, rows).iloc[order]
    assert float(tv.scores.mig(codes, labels)) == pytest.approx(
        float(tv.scores.mig(CODES, LABELS))
    )


def test_a_missing_label_is_refused_with_a_count():
    pandas = pytest.importorskip("pandas")
    labels = pandas.DataFrame(LABELS, columns=["size", "depth"])
    labels.loc[[3, 5], "size"] = np.nan
    with pytest.raises(DataError, match="got 2 rows that lack one"):
        tv.scores.share(CODES, labels)
