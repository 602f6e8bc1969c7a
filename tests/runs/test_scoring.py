from dataclasses import replace

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.runs.scoring import run_representation


@pytest.fixture(scope="module")
def run() -> tv.Run:
    training = tv.TrainingConfig(steps=200, batch_size=32)
    network = tv.FullyConnected(hidden=(16, 8))
    settings = {"training": training, "network": network, "members": 1}
    return tv.train(tv.Circles(8), tv.ELBO(), **settings)


def test_a_run_is_scored_over_its_whole_world(run):
    assert run.answer.measurement.axes.active.any()
    suite = tv.score(run)
    assert 0 <= suite["MIG"].value <= 1
    assert suite["share"].part_names == ("radius", "x", "y")
    assert "<td>MIG</td>" in suite._repr_html_()
    assert suite["share"].matrix is not None
    assert suite["share"].matrix.shape == run.answer.share.shape


def test_runs_of_one_world_are_compared_on_the_same_pictures(run):
    other = replace(run, config=replace(run.config, seed=7))
    found = tv.compare([run, other], against=[other, run], only=["share"])
    first = found.first.models
    assert [model.seed for model in first] == [0, 7]
    expected = run_representation(run)
    np.testing.assert_allclose(first[0].found.codes, expected.codes, atol=1e-5)
    assert (first[0].found.active == expected.active).all()
    assert first[0].found.table.names == ("radius", "x", "y")
    assert found.against is not None
    assert found.against.paired_by == "seed"
    number = int(expected.active.sum())
    assert [len(group.members) for group in found.recurring] == [2] * number
