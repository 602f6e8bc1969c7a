"""The label loss by brute force, and what it is added to."""

import math
import typing

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from small_models import CONFIG, POPULATION, keys_of, loss, maker_of_vae, model_of

from tinyvae.errors import ConfigError
from tinyvae.objectives import SemiSupervised
from tinyvae.objectives.by_settings import draw_for, labelled_for
from tinyvae.objectives.naming import objective_name
from tinyvae.objectives.semi_supervised import (
    BASES,
    LABEL_LOSS,
    Base,
    LabelLoss,
    cross_entropy,
    in_unit_interval,
    mean_label_loss,
    squared_loss,
    standardised,
)
from tinyvae.training.state import initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles
from tinyvae.worlds.draws import draw_one

KEY = jax.random.key(10_002)
LABELS = jnp.array([[2.0, 5.0], [4.0, jnp.nan], [9.0, 5.0], [jnp.nan, 5.0]])
CODES = jnp.array([[0.3, -1.0], [2.0, 0.5], [-0.7, 4.0], [1.0, -20.0]])


def drawn(objective, num=16):
    pictures = labelled_for(objective, POPULATION)
    return draw_for(objective, pictures, num, key=KEY)


def test_labels_are_standardised_by_those_that_are_known():
    found = np.asarray(standardised(LABELS))
    known = np.array([2.0, 4.0, 9.0])
    np.testing.assert_allclose(found[:3, 0], np.asarray(stats.zscore(known)), rtol=1e-6)
    np.testing.assert_array_equal(found[[0, 2, 3], 1], 0)  # a constant label
    np.testing.assert_array_equal(np.isnan(found), np.isnan(LABELS))


def test_labels_lie_between_the_smallest_and_the_largest():
    found = np.asarray(in_unit_interval(LABELS))
    np.testing.assert_allclose(found[:3, 0], [0, 2 / 7, 1], rtol=1e-6)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(LABELS))


def test_half_the_squared_error_is_a_density_in_nats():
    targets = jnp.array([[0.5, -1.0], [0.1, 2.0], [0.0, 0.3], [1.0, 1.0]])
    density = stats.norm.logpdf(np.asarray(targets), np.asarray(CODES))
    expected = -density - 0.5 * math.log(2 * math.pi)
    np.testing.assert_allclose(
        squared_loss(CODES, targets), expected, rtol=1e-5, atol=1e-6
    )


def test_cross_entropy_is_that_of_two_probabilities():
    targets = jnp.array([[0.5, 0.0], [0.1, 1.0], [1.0, 0.3], [0.0, 1.0]])
    white = 1 / (1 + np.exp(-np.asarray(CODES, float)))
    expected = -targets * np.log(white) - (1 - targets) * np.log1p(-white)
    np.testing.assert_allclose(cross_entropy(CODES, targets), expected, rtol=1e-5)


def test_the_mean_counts_each_label_that_is_known_once():
    losses = jnp.array([[1.0, 10.0], [3.0, 999.0], [5.0, 20.0]])
    known = jnp.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert mean_label_loss(losses, known) == 3 + 15
    assert mean_label_loss(losses, 0 * known) == 0


@pytest.mark.parametrize("label_loss", typing.get_args(LabelLoss))
def test_the_penalty_is_the_label_loss_of_the_first_latents(label_loss):
    objective = SemiSupervised(10, label_loss=label_loss)
    model, batch = model_of("semi-supervised"), drawn(objective)
    terms = loss(objective, model, batch, 0.3, KEY)[1]
    (penalty,) = terms.penalties
    assert batch.labelled is not None
    images, targets = batch.labelled
    total = 0.0
    for image, target in zip(images, np.asarray(targets, float), strict=True):
        code = np.asarray(model.vae.encode(image).mean, float)
        for value, wanted in zip(code, target, strict=True):
            if label_loss == "squared":
                total += (value - wanted) ** 2 / 2
            else:
                total += math.log1p(math.exp(value)) - wanted * value
    np.testing.assert_allclose(penalty.value, total / 10, rtol=1e-4)
    assert (penalty.name, penalty.weight) == (LABEL_LOSS, 100)


@pytest.mark.parametrize("base", typing.get_args(Base))
def test_without_weight_it_is_the_base(base):
    assert set(typing.get_args(Base)) == set(BASES)
    objective = SemiSupervised(10, 0.0, base=base)
    model, batch = model_of("semi-supervised"), drawn(objective)
    plain = objective.base_objective()
    assert plain.kind == base
    # the same pictures as without labels
    np.testing.assert_array_equal(
        batch.images, draw_one(POPULATION, 16, key=KEY).images
    )
    found, expected = (loss(o, model, batch, 0.3, KEY)[1] for o in (objective, plain))
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-6)
    names = [penalty.name for penalty in found.penalties]
    assert names == [*(p.name for p in expected.penalties), LABEL_LOSS]
    assert objective.selection_window() == plain.selection_window()


def test_beta_is_that_of_the_base():
    for base in ("beta-vae", "beta-tcvae"):
        objective = SemiSupervised(10, base=base, beta=3.0)
        assert objective.base_objective() == type(BASES[base])(3.0)


def test_training_lowers_the_label_loss():
    objective = SemiSupervised(10)
    pictures, keys = labelled_for(objective, POPULATION), keys_of((10_000, 0))
    make_vae = maker_of_vae(objective)
    state = initial_state(keys, make_vae, objective, pictures, CONFIG)
    values = []
    for steps in (1, 19):
        state = advance(objective, pictures, keys, state, steps, config=CONFIG)
        values.append(float(state.last.penalties[0].value[0]))
    assert values[1] < 0.8 * values[0]


def test_its_name_says_how_many_pictures_have_labels():
    assert objective_name(SemiSupervised(10, beta=2.0)) == (
        "semi-supervised VAE (supervision: labels of 10 pictures), beta 2"
    )


def test_pictures_that_are_not_labelled_are_refused():
    with pytest.raises(ConfigError, match="some have labels, got ListedPopulation"):
        draw_for(SemiSupervised(), POPULATION, 8, key=KEY)


def test_a_circle_needs_no_more_labels_than_there_are_pictures():
    with pytest.raises(ConfigError, match="at least 100 different training pictures"):
        labelled_for(SemiSupervised(), Circles(8).population())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"labelled": 0}, "at least 1 labelled picture, got 0"),
        ({"label_weight": -1.0}, "finite label_weight of at least 0, got -1.0"),
        ({"beta": math.inf}, "finite beta of at least 0, got inf"),
        ({"label_seed": -1}, "label_seed of 0 to .* got -1"),
        ({"label_loss": "l1"}, "label_loss among squared, cross-entropy, got 'l1'"),
        ({"base": "factor-vae"}, "base among beta-vae, .* got 'factor-vae'"),
        ({"base": "dip-vae-i", "beta": 2.0}, "no beta with the base dip-vae-i"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        SemiSupervised(**settings)
