"""Every objective with every network, from settings to figures and page.

This is what a new objective, network or world must pass before it is of use.
"""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.models import NETWORKS
from tinyvae.objectives import OBJECTIVES
from tinyvae.page import page
from tinyvae.plots import draw_figures

CIRCLES = tv.Circles(8)
COLOURS = tv.Shapes(16, ("square", "heart"), scales=2, rotations=1, positions=2, hues=3)
# small settings of each registered network; a new one needs a line here
SMALL = {
    "fully-connected": tv.FullyConnected((8,), latents=3),
    "convolutional": tv.Convolutional((4, 4), hidden=8, latents=3),
    "additive": tv.Additive((1, 2), (8,)),
    "translated": tv.Translated((8,)),
}
# objectives whose defaults need more pictures than there are of the small circles
MAKERS = OBJECTIVES | {"semi-supervised": partial(tv.SemiSupervised, labelled=10)}
TRAINING = tv.TrainingConfig(steps=3, batch_size=8)


# Other networks differ in layers alone: with these objectives, each of which needs
# something else (a second network, labels, another head), they are tried too.
OTHER_NEEDS = ("vae", "factor-vae", "semi-supervised", "qlae")
TRIED = {
    "convolutional": OTHER_NEEDS,
    "additive": ("vae", "qlae"),
    "translated": ("vae",),
}


def test_every_network_is_tried():
    assert set(SMALL) == set(NETWORKS)


def combinations():
    """Circles with every objective and network; colours with every network."""
    for objective in OBJECTIVES:
        for network in NETWORKS:
            if objective not in TRIED.get(network, OBJECTIVES):
                continue
            yield pytest.param(CIRCLES, objective, network, marks=pytest.mark.slow)
    for network in NETWORKS:
        yield pytest.param(COLOURS, "vae", network, marks=pytest.mark.slow)


@pytest.mark.parametrize(("world", "objective", "network"), list(combinations()))
def test_a_run_goes_from_its_settings_to_figures_and_page(
    world, objective, network, tmp_path
):
    run = tv.train(
        world,
        MAKERS[objective](),
        network=SMALL[network],
        training=TRAINING,
        members=1,
    )
    assert np.isfinite([row.loss for row in run.history]).all()
    tv.save_run(run, tmp_path)
    back = tv.load_run(tmp_path)
    assert back.config == run.config
    assert back.history == run.history
    assert back.answer.to_json() == run.answer.to_json()
    latents = np.zeros((1, 3))
    np.testing.assert_array_equal(back.decode(latents), run.decode(latents))
    figures = draw_figures(back)
    assert {"data", "answer", "reconstructions", "training"} <= set(figures)
    plt.close("all")
    text = page([(f"{objective}, {network}", back)])
    assert OBJECTIVES[objective].title in text


def test_two_objectives_stand_on_one_page(tmp_path):
    """Members, penalties and networks may differ from run to run."""
    short = {"training": TRAINING, "network": SMALL["fully-connected"]}
    runs = [
        tv.train(CIRCLES, tv.DIPVAEII(), members=2, **short),
        tv.train(COLOURS, tv.FactorVAE(), members=1, **short),
    ]
    names = {p.name for run in runs for row in run.history for p in row.penalties}
    assert len(names) == 3
    text = page([(run.config.objective.kind, run) for run in runs])
    assert all(run.config.objective.title in text for run in runs)
