import dataclasses
import json
from typing import Any

import numpy as np
import pytest

import tinyvae as tv
from in_process import tinyvae_here
from made_sweeps import planned_sweep
from tinyvae.cli.progress import describe
from tinyvae.errors import ConfigError
from tinyvae.interop.hub_card import training_section
from tinyvae.page.names import names_of
from tinyvae.runs.opened import open_world
from tinyvae.runs.scoring import run_representation
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.summary import over_seeds
from tinyvae.worlds.labelled import LabelledPopulation

SHORT: dict[str, Any] = {
    "network": tv.FullyConnected((8,), latents=2),
    "training": tv.TrainingConfig(steps=3, batch_size=8),
    "members": 1,
}


@pytest.fixture(scope="module")
def run():
    return tv.train(tv.Circles(8), tv.AdaGVAE(), **SHORT)


def test_results_say_that_pairs_were_seen(run, tmp_path):
    assert str(run).endswith("supervision of training: pairs")
    assert run._repr_html_().count("supervision of training: pairs") == 1
    assert names_of([run]) == ["Ada-GVAE (supervision: pairs), seed 0"]
    tv.save_run(run, tmp_path)
    kept = json.loads((tmp_path / "answer.json").read_text())
    assert kept["supervision"] == "pairs"
    assert tv.load_run(tmp_path).supervision == "pairs"


def test_answer_and_scores_of_a_run_say_it_too(run):
    scores = tv.score(run)
    for shown in (run.answer, scores):
        assert str(shown).splitlines()[-1] == "supervision of training: pairs"
        assert "<br>supervision of training: pairs</p>" in shown._repr_html_() or (
            "<p>supervision of training: pairs</p>" in shown._repr_html_()
        )
    elsewhere = tv.scores.all(run_representation(run))
    assert "supervision" not in f"{elsewhere}{elsewhere._repr_html_()}"


def test_results_say_what_the_network_is_told(run, tmp_path):
    short: dict[str, Any] = {**SHORT, "network": tv.Translated((8,))}
    told = tv.train(tv.Circles(8), tv.ELBO(), **short)
    assert str(told).endswith("the network is told: there are places")
    assert "the network is told: there are places" in told._repr_html_()
    assert names_of([told]) == [
        "plain VAE (the network is told: there are places), seed 0"
    ]
    assert "the network is told: there are places" in describe(told.config)
    assert "- the network is told: there are places" in training_section(told)
    tv.save_run(told, tmp_path)
    kept = json.loads((tmp_path / "answer.json").read_text())
    assert (kept["supervision"], kept["told"]) == ("none", "there are places")
    assert str(tv.load_run(tmp_path)) == str(told)
    assert run.to_json()["told"] is None
    assert "told" not in str(run)


def test_a_table_of_a_sweep_says_what_the_network_is_told():
    row = {"objective": "vae", "network": "translated", "factors": 3, "clear": 3}
    others = {"elbo": -1.0, "training_seconds": 1.0, "measuring_seconds": 1.0}
    text = str(over_seeds([{**row, "state": "done", **others}], []))
    assert "translated (the network is told: there are places)" in text
    with_room = {**row, "network.room": True}
    text = str(over_seeds([{**with_room, "state": "done", **others}], []))
    assert "there are places, and the room for them may differ)" in text


def test_a_table_of_a_sweep_says_how_many_labels_an_objective_saw(
    tmp_path, monkeypatch
):
    row = {"objective": "semi-supervised", "factors": 3, "clear": 3, "state": "done"}
    others = {"elbo": -1.0, "training_seconds": 1.0, "measuring_seconds": 1.0}
    text = str(over_seeds([{**row, **others, "objective.labelled": 100}], []))
    assert "semi-supervised (supervision: labels of 100 pictures)" in text
    gone = {**row, **others, "objective": "gone_module:Gone"}
    assert "gone_module:Gone " in str(over_seeds([gone], []))
    (tmp_path / "broken_module.py").write_text("raise RuntimeError('no device')")
    monkeypatch.syspath_prepend(str(tmp_path))
    broken = {**row, **others, "objective": "broken_module:Broken"}
    assert "broken_module:Broken " in str(over_seeds([broken], []))


def test_a_table_of_a_sweep_says_it():
    row = {"objective": "ada-gvae", "factors": 3, "clear": 3, "state": "done"}
    others = {"elbo": -1.0, "training_seconds": 1.0, "measuring_seconds": 1.0}
    text = str(
        over_seeds([{**row, **others}, {**row, **others, "objective": "vae"}], [])
    )
    assert "ada-gvae (supervision: pairs)" in text
    assert "vae " in text.splitlines()[2]


def test_results_say_how_many_pictures_had_labels(tmp_path):
    network = tv.FullyConnected((8,), latents=3)
    short: dict[str, Any] = {**SHORT, "network": network}
    run = tv.train(tv.Circles(8), tv.SemiSupervised(10), **short)
    assert str(run).endswith("supervision of training: labels of 10 pictures")
    assert "supervision of training: labels of 10 pictures" in run._repr_html_()
    assert "(supervision: labels of 10 pictures)" in names_of([run])[0]
    assert "supervision: labels of 10 pictures" in describe(run.config)
    tv.save_run(run, tmp_path)
    kept = json.loads((tmp_path / "answer.json").read_text())
    assert kept["supervision"] == "labels"
    again = tv.load_run(tmp_path)
    assert again.config == run.config
    # the answer is measured on all pictures, labelled or not
    assert len(again.population.table(10_000)[1]) == len(tv.Circles(8).table)


def test_pictures_without_labels_are_refused_before_training():
    pixels = np.random.default_rng(0).integers(0, 2, (200, 8, 8)).astype(bool)
    with pytest.raises(ConfigError, match="got pictures without any. Give labels"):
        tv.train(pixels, tv.SemiSupervised(), **SHORT)
    with pytest.raises(ConfigError, match="at least 3 latents, .* got 2. Raise"):
        tv.train(tv.Circles(8), tv.SemiSupervised(10), **SHORT)
    with pytest.raises(ConfigError, match="at least 17 different .* got"):
        tv.train(tv.Circles(8), tv.SemiSupervised(17), samples=20, **SHORT)


def test_a_sweep_refuses_too_few_labels_before_training():
    fits = tv.RunConfig(tv.Circles(8), tv.SemiSupervised(10))
    too_many = tv.RunConfig(tv.Circles(8), tv.SemiSupervised(1000))
    worlds = Worlds()
    (member,) = members_of([fits], worlds)
    labelled = worlds.opened(member.config).training_population()
    assert isinstance(labelled, LabelledPopulation)
    assert len(labelled.labelled) == 10
    with pytest.raises(ConfigError, match="at least 1000 different training pictures"):
        members_of([fits, too_many], worlds)


def test_a_default_network_has_latents_for_all_labels():
    world = tv.Shapes(16, hues=3)  # the hue and the angle are circular
    plain = tv.RunConfig(world)
    told = tv.RunConfig(world, tv.SemiSupervised(10))
    fewer = dataclasses.replace(told, network=tv.BySize(5))
    factors = open_world(plain).population.factors
    circular = [factor for factor in factors if factor.kind == "circular"]
    assert open_world(plain).config.network.latents == len(factors)
    needed = len(factors) + len(circular)
    assert circular
    assert open_world(told).config.network.latents == needed
    with pytest.raises(ConfigError, match=f"at least {needed} latents.*, got 5. Raise"):
        open_world(fewer)


def test_a_sweep_has_latents_for_all_labels_and_opens_the_pictures_once(monkeypatch):
    opened = []
    population = tv.Shapes.population
    monkeypatch.setattr(
        tv.Shapes, "population", lambda self: opened.append(1) or population(self)
    )
    told, worlds = tv.SemiSupervised(10), Worlds()
    configs = [tv.RunConfig(tv.Shapes(16), one) for one in (tv.ELBO(), told)]
    members = members_of(configs, worlds)
    assert [member.config.network.latents for member in members] == [5, 6]
    again = [worlds.opened(member.config).config for member in members]
    assert again == [member.config for member in members]
    assert [open_world(config).config for config in again] == again
    assert len(opened) == 3  # once by the sweep, and twice in the line above


def test_own_pictures_of_which_some_have_labels_train():
    rng = np.random.default_rng(0)
    place, hue = rng.integers(0, 6, 60), 90.0 * rng.integers(0, 4, 60)
    pixels = np.zeros((60, 8, 8), np.uint8)
    pixels[np.arange(60), place] = 40 + hue[:, None].astype(np.uint8) // 2
    labels = {"place": place.astype(float), "hue": hue}
    labels["place"][::2], labels["hue"][::3] = np.nan, np.nan
    kinds = {"hue": "circular:360", "place": "ordered"}
    pictures = tv.Pictures(pixels, labels, kinds=kinds)
    network = tv.FullyConnected((8,), latents=4)
    short: dict[str, Any] = {**SHORT, "network": network}
    run = tv.train(pictures, tv.SemiSupervised(12), **short)
    (penalty,) = run.history[-1].penalties
    assert penalty.weight == 100
    assert 0 < penalty.value < np.inf
    population: Any = run.population
    assert len(population.names) == 60  # as without labels


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


def test_codes_in_files_and_tables_say_it_too(run, tmp_path):
    tv.save_run(run, tmp_path / "a")
    talk = tinyvae_here("encode", "a", "codes.npz", cwd=tmp_path)
    assert "supervision of training: pairs\n" in talk.stderr
    kept = np.load(tmp_path / "codes.npz")
    assert str(kept["supervision"]) == "pairs"
    assert "told" not in kept
    asked = tinyvae_here("answer", "codes.npz", cwd=tmp_path)
    assert asked.stdout.splitlines()[-1] == "supervision of training: pairs"
    for name in ("a", "codes.npz"):
        known = json.loads(tinyvae_here("answer", name, "--json", cwd=tmp_path).stdout)
        assert (known["supervision"], known["told"]) == ("pairs", None)
        score = ("score", name, "--only", "mig")
        assert f"{name} (saw pairs)" in tinyvae_here(*score, cwd=tmp_path).stdout
        tinyvae_here(*score, "--to", "table.tex", cwd=tmp_path)
        table = (tmp_path / "table.tex").read_text()
        assert table.startswith(f"% scores of {name} (saw pairs)\n")


def test_an_array_of_the_same_name_that_means_something_else_says_nothing(tmp_path):
    codes = np.random.default_rng(0).normal(size=(60, 2))
    others = {"supervision": np.ones(60), "told": 3}
    np.savez(tmp_path / "codes.npz", codes=codes, factors=codes, **others)
    asked = tinyvae_here("answer", "codes.npz", cwd=tmp_path)
    assert asked.returncode == 0
    assert "supervision" not in asked.stdout
    assert "told" not in asked.stdout


def test_a_sweep_as_a_table_has_a_column_for_each(tmp_path):
    objectives = (tv.ELBO(), tv.SemiSupervised(10))
    ledger, _ = planned_sweep(tmp_path, objectives, seeds=1)
    ledger.close()
    rows = tv.load_sweep(tmp_path)
    assert rows["supervision"] == ["none", "labels of 10 pictures"]
    assert rows["told"] == [None, None]
    table = rows.over_seeds().data_table()
    assert [row[table.columns.index("supervision")] for row in table.rows] == [
        "none", "labels of 10 pictures",
    ]  # fmt: skip
