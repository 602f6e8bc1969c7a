"""A run that tinyvae 0.1.0 wrote, when there was one world, network and likelihood.

`tinyvae train --size 8 --hidden 8 --steps 20 --batch-size 16 --members 2 --no-pictures`
wrote the folder; the same version computed the codes and pictures beside it.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import tinyvae as tv

HERE = Path(__file__).parent
FOLDER = HERE / "format_1"


@pytest.fixture(scope="module")
def old() -> tv.Run:
    return tv.load_run(str(FOLDER))


@pytest.fixture(scope="module")
def computed() -> dict:
    return json.loads((HERE / "format_1_codes.json").read_text())


def test_settings_of_an_old_run_are_read(old):
    assert old.config == tv.RunConfig(
        tv.Circles(8),
        tv.AnnealedTC(),
        tv.FullyConnected((8,)),
        tv.TrainingConfig(steps=20, batch_size=16, learning_rate=4e-3),
        likelihood="bernoulli",
        members=2,
    )


def test_codes_and_pictures_are_those_that_the_old_version_computed(old, computed):
    images = np.asarray(old.world.draw(np.array(computed["factors"])), np.float32)
    np.testing.assert_allclose(old.encode(images), computed["codes"], atol=1e-5)
    pictures = old.decode(np.array(computed["latents"]))[..., 0]
    np.testing.assert_allclose(pictures[:, 4], computed["middle_rows"], atol=1e-5)


def test_the_history_of_an_old_run_has_total_correlation_as_its_penalty(old):
    lines = (FOLDER / "history.jsonl").read_text().splitlines()
    for line, row in zip(lines, old.history, strict=True):
        written = json.loads(line)
        found = row.penalty("total correlation")
        assert found.value == written["total_correlation"]
        assert found.weight == written["tc_weight"]
        assert row.loss == written["loss"]
        assert list(row.kl) == written["kl"]


def test_the_answer_of_an_old_run_is_read(old):
    written = json.loads((FOLDER / "answer.json").read_text())
    assert old.answer.verdict == written["verdict"] == "none of them"
    np.testing.assert_array_equal(old.answer.share, written["share"])
    assert [member.chosen for member in old.members] == [True, False]


def test_an_old_run_is_written_in_todays_format(old, tmp_path):
    tv.save_run(old, tmp_path)
    for name in ("config.json", "answer.json", "environment.json"):
        assert json.loads((tmp_path / name).read_text())["format"] == 2
    back = tv.load_run(tmp_path)
    assert back.config == old.config
    assert back.history == old.history
    assert back.answer.to_json() == old.answer.to_json()
    latents = np.eye(3)
    np.testing.assert_array_equal(back.decode(latents), old.decode(latents))
