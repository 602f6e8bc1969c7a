"""Labelled pictures: which they are, and what is told of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.errors import ConfigError
from tinyvae.factors import Factor
from tinyvae.worlds import (
    Circles,
    GridPopulation,
    HeldOutCorners,
    Pictures,
    Population,
    TwoCircles,
)
from tinyvae.worlds.draws import draw_one, draw_with_labels
from tinyvae.worlds.labelled import LabelledPopulation, label_columns, num_columns
from tinyvae.worlds.recorded import RecordedPopulation

KEY = jax.random.key(10_000)
WHOLE = Circles(8).population()
LABELLED = LabelledPopulation(WHOLE, 20, seed=3)


def own(num=200, known=80):
    """Pictures of noise, of which some have one label, and others both."""
    rng = np.random.default_rng(0)
    labels = {"a": rng.normal(size=num), "b": rng.normal(size=num)}
    labels["a"][known:], labels["b"][known // 2 :] = np.nan, np.nan
    pixels = rng.integers(0, 255, (num, 8, 8)).astype(np.uint8)
    return Pictures(pixels, labels).population()


@pytest.mark.parametrize(
    "whole", [WHOLE, TwoCircles(16).population(), HeldOutCorners().population(), own()]
)
def test_labelled_rows_differ_and_are_chosen_by_their_seed_alone(whole):
    rows = np.asarray(LabelledPopulation(whole, 20, seed=0).labelled)
    assert len(set(rows.tolist())) == 20
    np.testing.assert_array_equal(rows, LabelledPopulation(whole, 20, seed=0).labelled)
    assert set(rows) != set(
        np.asarray(LabelledPopulation(whole, 20, seed=1).labelled).tolist()
    )


@pytest.mark.parametrize("whole", [WHOLE, TwoCircles(16).population(), own()])
def test_fewer_labels_are_the_first_of_more(whole):
    few, more = (LabelledPopulation(whole, num, seed=0) for num in (8, 31))
    np.testing.assert_array_equal(few.labelled, more.labelled[:8])
    # more than a first draw gives
    if isinstance(whole, GridPopulation):
        many = LabelledPopulation(whole, 3000, seed=0)
        np.testing.assert_array_equal(few.labelled, many.labelled[:8])


def test_all_pictures_can_be_labelled():
    num = len(Circles(8).table)
    rows = LabelledPopulation(WHOLE, num, seed=0).labelled
    assert sorted(np.asarray(rows).tolist()) == list(range(num))


def test_pictures_that_training_never_sees_are_not_labelled():
    corners = HeldOutCorners().population()
    rows = np.asarray(LabelledPopulation(corners, 300, seed=0).labelled)
    assert not np.asarray(corners.left_out)[rows].any()
    fixed = RecordedPopulation(WHOLE, 20, key=KEY)
    different = set(np.asarray(fixed.training).tolist())
    rows = LabelledPopulation(fixed, len(different), seed=0).labelled
    assert set(np.asarray(rows).tolist()) == different


def test_a_picture_without_any_label_is_not_chosen():
    pictures = own()
    training = np.asarray(pictures.training)
    num = int((training < 80).sum())
    found = LabelledPopulation(pictures, num, seed=0)
    rows = np.asarray(found.labelled)
    assert sorted(rows.tolist()) == sorted(training[training < 80].tolist())
    np.testing.assert_array_equal(np.isnan(found.labels[:, 1]), rows >= 40)
    with pytest.raises(ConfigError, match=f"at least {num + 1} .* got {num}. Lower"):
        LabelledPopulation(pictures, num + 1, seed=0)


def test_too_few_pictures_or_none_with_labels_are_refused():
    num = len(Circles(8).table)
    with pytest.raises(ConfigError, match=f"at least {num + 1} .* got {num}. Lower"):
        LabelledPopulation(WHOLE, num + 1, seed=0)
    pixels = np.zeros((20, 8, 8), np.uint8)
    pixels[::2, 3] = 200
    with pytest.raises(ConfigError, match="got pictures without any"):
        LabelledPopulation(Pictures(pixels).population(), 5, seed=0)


def test_it_is_the_whole_population_in_all_else():
    assert isinstance(LABELLED, Population)
    rows = jnp.arange(5)
    for name in ("factors", "image_shape", "pixels"):
        assert getattr(LABELLED, name) == getattr(WHOLE, name)
    np.testing.assert_array_equal(LABELLED.images(rows), WHOLE.images(rows))
    np.testing.assert_array_equal(
        LABELLED.factor_values(rows), WHOLE.factor_values(rows)
    )
    np.testing.assert_array_equal(LABELLED.sample(9, key=KEY), WHOLE.sample(9, key=KEY))
    np.testing.assert_array_equal(LABELLED.table(99)[1], WHOLE.table(99)[1])
    assert LABELLED.held_out(99) is None


def test_each_kind_of_factor_becomes_numbers_that_latents_can_hold():
    factors = (
        Factor("size", (1.0, 2.0, 5.0), "px"),
        Factor("hue", (0.0, 90.0, 180.0, 270.0), kind="circular"),
        Factor("shape", (0.0, 1.0), kind="categorical", levels=("disc", "square")),
    )
    values = np.array([[1, 0, 1], [5, 90, 0], [np.nan, 180, np.nan], [2, np.nan, 1]])
    expected = [[1, 1, 0, 1], [5, 0, 1, 0], [np.nan, -1, 0, np.nan]]
    found = label_columns(factors, values)
    np.testing.assert_allclose(found[:3], expected, atol=1e-12)
    np.testing.assert_array_equal(np.isnan(found[3]), [False, True, True, False])
    assert num_columns(factors) == 4


def test_a_step_sees_all_labelled_pictures_or_a_batch_of_them():
    targets = LABELLED.labels
    batch = draw_with_labels(LABELLED, targets, 32, key=KEY)
    np.testing.assert_array_equal(batch.images, draw_one(WHOLE, 32, key=KEY).images)
    assert batch.labelled is not None
    np.testing.assert_array_equal(batch.labelled.targets, targets)
    np.testing.assert_array_equal(
        batch.labelled.images, WHOLE.images(LABELLED.labelled)
    )
    few = draw_with_labels(LABELLED, targets, 8, key=KEY).labelled
    assert few is not None
    assert few.targets.shape == (8, 3)
    # each is the picture of its own labels
    np.testing.assert_array_equal(few.images, Circles(8).draw(few.targets))
    again = draw_with_labels(LABELLED, targets, 8, key=jax.random.key(1)).labelled
    assert again is not None
    assert (few.targets != again.targets).any()
