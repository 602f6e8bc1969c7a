import json

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.page.names import names_of
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.summary import over_seeds

SHORT = {
    "network": tv.FullyConnected((8,), latents=2),
    "training": tv.TrainingConfig(steps=3, batch_size=8),
    "members": 1,
}


@pytest.fixture(scope="module")
def run():
    return tv.train(tv.Circles(8), tv.AdaGVAE(), **SHORT)


def test_results_say_that_pairs_were_seen(run, tmp_path):
    assert str(run).endswith("supervision of training: pairs")
    assert "supervision pairs" in run._repr_html_()
    assert names_of([run]) == ["Ada-GVAE (supervision: pairs), seed 0"]
    tv.save_run(run, tmp_path)
    kept = json.loads((tmp_path / "answer.json").read_text())
    assert kept["supervision"] == "pairs"
    assert tv.load_run(tmp_path).supervision == "pairs"


def test_a_table_of_a_sweep_says_it():
    row = {"objective": "ada-gvae", "factors": 3, "clear": 3, "state": "done"}
    others = {"elbo": -1.0, "training_seconds": 1.0, "measuring_seconds": 1.0}
    text = str(
        over_seeds([{**row, **others}, {**row, **others, "objective": "vae"}], [])
    )
    assert "ada-gvae (supervision: pairs)" in text
    assert "vae " in text.splitlines()[2]


def test_pictures_without_pairs_are_refused_before_training():
    pixels = np.random.default_rng(0).integers(0, 2, (20, 8, 8)).astype(bool)
    with pytest.raises(ConfigError, match="come in pairs"):
        tv.train(pixels, tv.AdaGVAE(), **SHORT)
    with pytest.raises(ConfigError, match="without a fixed number of samples"):
        tv.train(tv.Circles(8), tv.AdaMLVAE(), samples=20, **SHORT)


def test_a_sweep_refuses_them_before_training():
    fits = tv.RunConfig(tv.Circles(8), tv.AdaGVAE())
    too_many = tv.RunConfig(tv.Circles(8), tv.AdaGVAE(3))
    worlds = Worlds()
    assert len(members_of([fits], worlds)) == 1
    with pytest.raises(ConfigError, match="at least 4 factors"):
        members_of([fits, too_many], worlds)
