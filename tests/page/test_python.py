"""Python lines and words of a page, without a browser."""

import numpy as np
import pytest
from bars import IMAGES, bars

import tinyvae as tv
from tinyvae.objectives.naming import objective_name
from tinyvae.page.python import call, without_default_rate
from tinyvae.page.world import world_data


def test_a_call_gives_what_is_not_the_default():
    assert call(tv.Circles()) == "tv.Circles()"
    assert call(tv.Circles(layout="inside")) == "tv.Circles(layout='inside')"
    assert call(tv.AnnealedTC(kl_weight=3.0)) == "tv.AnnealedTC(kl_weight=3.0)"
    assert call(tv.FactorVAE()) == "tv.FactorVAE()"


def test_arrays_stand_under_the_name_of_their_setting():
    assert call(bars()).startswith("tv.Pictures(images=images, labels=labels, kinds=")


def test_a_page_does_not_say_where_files_are_kept(tmp_path):
    np.save(tmp_path / "bars.npy", IMAGES)
    world = tv.Pictures(str(tmp_path / "bars.npy")).settled()
    assert "images='bars.npy'" in call(world)
    told = world_data(world, world.population())
    assert str(tmp_path) not in str(told)
    assert "bars.npy" in told["describe"]
    assert told["factors"] == []
    assert told["script"] is None


def test_an_objective_is_named_by_its_title_and_what_is_not_the_default():
    assert objective_name(tv.ELBO()) == "plain VAE"
    assert objective_name(tv.BetaVAE(8.0)) == "beta-VAE 8"
    assert objective_name(tv.DIPVAEII()) == "DIP-VAE II"
    assert objective_name(tv.DIPVAEII(diagonal=5.0)) == "DIP-VAE II, diagonal 5"
    assert objective_name(tv.CoarseToFine()) == "recipe"


@pytest.mark.parametrize(
    ("rate", "likelihood", "shown"),
    [
        (0.008, "bernoulli", False),
        (0.004, "bernoulli", True),
        (0.001, "gaussian", False),
        (0.004, "gaussian", True),
    ],
)
def test_a_learning_rate_is_shown_where_it_is_not_the_default(rate, likelihood, shown):
    training = tv.TrainingConfig(steps=9, learning_rate=rate)
    config = tv.RunConfig(training=training, likelihood=likelihood)
    assert ("learning_rate" in call(without_default_rate(config))) == shown
