"""A member's identity: its settings, whatever their order or spelling."""

import dataclasses
import json

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.sweeps.ledger_writing import settings_of
from tinyvae.sweeps.members import (
    Worlds,
    identity_of,
    member_from_json,
    members_of,
)
from tinyvae.sweeps.planning import keep_worlds
from tinyvae.sweeps.spec_reading import spec_from_mapping


def identities(*settings) -> list[str]:
    configs = [c for each in settings for c in spec_from_mapping(each).configs()]
    return [member.identity for member in members_of(configs, Worlds())]


def test_the_same_run_in_other_words_is_one_member():
    plain = {"objective": {"kind": "beta-vae", "beta": 4}, "seeds": [1]}
    other = {"seeds": "1", "objective": {"beta": 4.0, "kind": "beta-vae"}}
    default = {"objective": "beta-vae", "seeds": [1], "network": "by-size"}
    decided = default | {"network": {"hidden": [256, 128], "latents": 3}}
    assert len(identities(plain, other, default, decided)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": [2]},
        {"objective": {"kind": "beta-vae", "beta": 4.5}},
        {"objective": "vae"},
        {"network": {"latents": 4}},
        {"training": {"steps": 1999}},
        {"world": {"layout": "disc"}},
        {"members": 3},
        {"samples": 100},
    ],
)
def test_another_setting_is_another_member(change):
    base = {"objective": {"kind": "beta-vae", "beta": 4}, "seeds": [1]}
    assert len(identities(base, base | change)) == 2


def test_the_identity_of_the_default_is_known():
    # a change here makes every ledger of before hold other members
    (member,) = members_of([tv.RunConfig()], Worlds())
    assert member.identity == "443810ad257ee47c"


@pytest.fixture
def pictures() -> tv.Pictures:
    images = np.random.default_rng(0).random((40, 8, 8)) < 0.5
    return tv.Pictures(images, {"size": np.arange(40) % 4})


def test_own_pictures_count_by_their_contents(pictures, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, pictures.data.images)
    copy = tmp_path / "b.npy"
    copy.write_bytes(path.read_bytes())
    worlds = [tv.Pictures(path), tv.Pictures(copy)]
    found = members_of([tv.RunConfig(world) for world in worlds], Worlds())
    assert len(found) == 1


def test_own_pictures_of_python_are_found_again_in_the_folder(pictures, tmp_path):
    (member,) = members_of([tv.RunConfig(pictures)], Worlds())
    kept, place = keep_worlds([member], tmp_path)[member.identity]
    settings = json.loads(json.dumps(settings_of(kept)))
    back = member_from_json(member.identity, settings, tmp_path / place)
    opened = Worlds().opened(back.config)
    world = opened.config.world
    assert isinstance(world, tv.Pictures)
    assert world.fingerprint
    assert identity_of(opened.config) == member.identity


def test_the_same_pictures_split_otherwise_are_kept_apart(pictures, tmp_path):
    worlds = [pictures, dataclasses.replace(pictures, split_seed=3)]
    members = members_of([tv.RunConfig(world) for world in worlds], Worlds())
    kept = keep_worlds(members, tmp_path)
    assert len({place for _, place in kept.values()}) == 2
    found = [kept[member.identity][0].config.world for member in members]
    seeds = [world.split_seed for world in found if isinstance(world, tv.Pictures)]
    assert seeds == [0, 3]


def test_worlds_are_opened_once():
    worlds = Worlds()
    one = worlds.opened(tv.RunConfig(seed=1))
    other = worlds.opened(tv.RunConfig(objective=tv.ELBO(), seed=2))
    assert one.population is other.population
    assert other.config.objective == tv.ELBO()
    assert other.config.seed == 2
    faster = tv.TrainingConfig(learning_rate=0.01)
    third = worlds.opened(tv.RunConfig(training=faster))
    assert third.population is one.population
    assert third.config.training == faster
    # fixed pictures are drawn from the seed
    fixed = [worlds.opened(tv.RunConfig(seed=seed, samples=20)) for seed in (1, 2)]
    assert fixed[0].population is not fixed[1].population


def test_each_objective_has_its_own_learning_rate_on_the_same_pictures():
    configs = [
        tv.RunConfig(objective=objective, training=training)
        for objective in (tv.CoarseToFine(), tv.ELBO(), tv.BetaVAE(4.0))
        for training in (tv.TrainingConfig(), tv.TrainingConfig(learning_rate=0.01))
    ]
    members = members_of(configs, Worlds())
    rates = [member.config.training.learning_rate for member in members]
    assert rates == [0.008, 0.01, 0.004, 0.01, 0.004, 0.01]


def test_decided_settings_stay_decided():
    (member,) = members_of([tv.RunConfig()], Worlds())
    again = Worlds().opened(member.config).config
    assert again == member.config
    assert dataclasses.replace(again, likelihood=None) != again
