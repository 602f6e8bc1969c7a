"""Runs of a group are the runs that `tinyvae.train` gives, whatever the group."""

import dataclasses
from collections.abc import Sequence

import jax
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.objectives import Objective
from tinyvae.sweeps.group import GroupSession, begin, train_group, vaes_of
from tinyvae.sweeps.members import Worlds

SMALL = tv.RunConfig(
    tv.Circles(8),
    network=tv.FullyConnected(hidden=(16, 8), latents=2),
    training=tv.TrainingConfig(steps=60, batch_size=16),
    members=2,
)
# no bits are promised, since matrix products of another batch may add in another order
CLOSE = {"rtol": 2e-3, "atol": 2e-4}


def configs(objectives: Sequence[Objective], seeds: Sequence[int]):
    return [
        dataclasses.replace(SMALL, objective=objective, seed=seed)
        for objective in objectives
        for seed in seeds
    ]


def trained(settings: Sequence[tv.RunConfig]) -> GroupSession:
    worlds = Worlds()
    opened = [worlds.opened(config) for config in settings]
    *_, last = train_group(opened, begin(opened))
    return last


def assert_same_weights(one, other, **tolerance):
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, **tolerance)


@pytest.fixture(scope="module")
def group():
    settings = configs([tv.BetaVAE(2.0), tv.BetaVAE(8.0)], (0, 1))
    return settings, trained(settings)


def test_a_run_of_a_group_is_that_of_train(group):
    settings, session = group
    vaes = vaes_of(session)
    for place in (1, 2):
        run = tv.run_experiment(settings[place])
        assert_same_weights(vaes[place], run.vae, **CLOSE)
        found = session.runs[place]
        assert [m.chosen for m in found.members] == [m.chosen for m in run.members]
        assert [(r.step, r.member) for r in found.history] == [
            (r.step, r.member) for r in run.history
        ]
        np.testing.assert_allclose(
            [r.loss for r in found.history], [r.loss for r in run.history], rtol=1e-3
        )


def test_a_run_is_the_same_alone_and_in_two_groups(group):
    settings, session = group
    place = 3
    alone = vaes_of(trained([settings[place]]))[0]
    other = vaes_of(trained([settings[place], *configs([tv.BetaVAE(5.0)], (7, 8))]))[0]
    for vae in (alone, other):
        assert_same_weights(vaes_of(session)[place], vae, **CLOSE)


OTHERS = {
    "factor-vae": {"objective": tv.FactorVAE(10.0)},  # trains a second network
    "alone": {"objective": tv.AnnealedTC(tc_weight=10.0), "members": 1},
    "samples": {"samples": 50},
    # VAEs of larger pictures train one after another on a CPU
    "large": {"world": tv.Circles(49, (22, 23)), "members": 1},
}


@pytest.mark.slow
@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_other_runs_are_those_of_train_too(change):
    config = dataclasses.replace(SMALL, **change)
    other = dataclasses.replace(config, seed=5)
    settings = [config] if config.samples else [other, config]
    vae = vaes_of(trained(settings))[-1]
    assert_same_weights(vae, tv.run_experiment(config).vae, **CLOSE)


def test_runs_of_a_group_differ_by_seed_and_by_number(group):
    losses = [run.history[-1].loss for run in group[1].runs]
    assert len(np.unique(np.round(losses, 6))) == 4


def test_a_new_number_or_seed_compiles_nothing(monkeypatch):
    calls = []
    loss = tv.BetaVAE.loss

    def counted(self, *arguments, **keywords):
        calls.append(1)
        return loss(self, *arguments, **keywords)

    monkeypatch.setattr(tv.BetaVAE, "loss", counted)
    training = tv.TrainingConfig(steps=20, batch_size=4, learning_rate=1.75e-3)

    def train(betas, seeds):
        objectives = [tv.BetaVAE(beta) for beta in betas]
        trained(
            [
                dataclasses.replace(config, training=training)
                for config in configs(objectives, seeds)
            ]
        )
        return len(calls)

    first = train((1.0, 4.0), (0,))
    assert first > 0
    assert train((16.0, 0.5), (5,)) == first
    assert train((3.0,), (8, 9)) == first


OVERFLOWS = tv.DIPVAEI(diagonal=3e38)  # times 2, at the start, is no float32


def test_a_diverging_run_is_marked_and_the_others_go_on():
    objectives = [tv.DIPVAEI(1.0, 1.0), OVERFLOWS, tv.DIPVAEI(4.0, 40.0)]
    session = trained(configs(objectives, (0,)))
    first, bad, last = (run.divergence for run in session.runs)
    assert (first, last) == (None, None)
    assert bad is not None
    assert bad.step == 1
    assert "not finite at step 1: " in bad.reason
    assert "Lower the learning rate" in bad.reason
    assert all(np.isfinite(r.loss) for r in session.runs[2].history)
    assert session.runs[2].history[-1].step == SMALL.training.steps
    alone = vaes_of(trained(configs(objectives[2:], (0,))))[0]
    assert_same_weights(vaes_of(session)[2], alone, **CLOSE)


def test_a_group_of_diverging_runs_ends():
    session = trained(configs([OVERFLOWS], (0, 1)))
    assert all(run.divergence is not None for run in session.runs)
    assert session.step < SMALL.training.steps
