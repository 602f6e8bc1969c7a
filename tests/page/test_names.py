"""Names by which a person tells the models of a page apart."""

import dataclasses
from pathlib import Path

import tinyvae as tv
from tinyvae.page.names import names_of


def test_a_name_is_objective_layout_and_seed(runs):
    (_, recipe), (_, other) = runs
    assert names_of([recipe, other]) == [
        "recipe, seed 10000",
        "beta-VAE 30, seed 10001",
    ]


def test_settings_that_differ_tell_runs_of_one_name_apart(runs):
    run = runs[0][1]
    network = dataclasses.replace(run.config.network, latents=7)
    training = tv.TrainingConfig(steps=9)
    more = dataclasses.replace(run.config, network=network)
    less = dataclasses.replace(run.config, training=training)
    found = names_of([run, *(dataclasses.replace(run, config=c) for c in (more, less))])
    assert found[0].startswith("recipe, seed 10000, latents 3, steps 150")
    assert ", latents 7, " in found[1]
    assert ", steps 9" in found[2]


def test_folders_tell_runs_of_the_same_settings_apart(runs):
    run = runs[0][1]

    def at(folder):
        return dataclasses.replace(run, folder=None if folder is None else Path(folder))

    assert names_of([at("a/one"), at("a/two")]) == [
        "recipe, seed 10000 (one)",
        "recipe, seed 10000 (two)",
    ]
    found = names_of([at("a/one"), at("b/one")])
    assert found == [
        "recipe, seed 10000 (a/one)",
        "recipe, seed 10000 (b/one)",
    ]
    found = names_of([at(None), at(None)])
    assert found == ["recipe, seed 10000 (1)", "recipe, seed 10000 (2)"]
