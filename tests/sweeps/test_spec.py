"""Specs: lists of settings, blocks, seeds; and a message for each mistake."""

import tomllib
from typing import Any

import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.sweeps.example import EXAMPLE
from tinyvae.sweeps.spec import SweepBlock, SweepSpec, parse_seeds
from tinyvae.sweeps.spec_reading import read_spec, spec_from_mapping


def configs(text: str, **changes) -> list[tv.RunConfig]:
    return list(spec_from_mapping(tomllib.loads(text), changes).configs())


def objectives(text: str) -> list:
    return [config.objective for config in configs(text)]


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0:3", (0, 1, 2)),
        (":2", (0, 1)),
        ("7", (7,)),
        ("1, 5:7", (1, 5, 6)),
        ([4, "8:10"], (4, 8, 9)),
        (range(2), (0, 1)),
    ],
)
def test_seeds_are_ranges_and_lists(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "5:5", [], "3:1"])
def test_no_seed_at_all_is_refused(text):
    with pytest.raises(ConfigError, match="seeds: expected at least one seed"):
        parse_seeds(text)


@pytest.mark.parametrize("seeds", [3, 0])
def test_a_number_alone_may_mean_two_things(seeds):
    with pytest.raises(ConfigError, match=rf"Write \[{seeds}\] for the seed {seeds}"):
        parse_seeds(seeds)


@pytest.mark.parametrize("text", ["0:99999999999", "5,0:1000000000", ["0:9999999999"]])
def test_far_too_many_seeds_are_refused_before_they_are_listed(text):
    with pytest.raises(ConfigError, match="seeds: expected at most 1,000,000 seeds"):
        parse_seeds(text)


def test_kinds_may_be_given_by_name():
    found = tv.SweepBlock(objectives=["vae", tv.BetaVAE(2.0)], worlds=["shapes"])
    assert list(found.objectives) == [tv.ELBO(), tv.BetaVAE(2.0)]
    assert list(found.worlds) == [tv.Shapes()]


@pytest.mark.parametrize("entry", [3, tv.BetaVAE, {"kind": "vae"}])
def test_an_entry_that_is_no_objective_is_refused(entry):
    with pytest.raises(ConfigError, match=r"objectives: expected entries such as tv"):
        tv.SweepBlock(objectives=[entry])


def test_a_class_or_a_network_in_place_of_an_objective_is_told_of_the_plain_vae():
    entries: list[Any] = [tv.VAE, tv.BetaVAE, tv.FullyConnected()]
    for entry in entries:
        with pytest.raises(ConfigError, match=r"tv.ELBO\(\) is the plain VAE"):
            list(tv.SweepBlock(objectives=[entry]).configs())
    for entry in entries[:2]:
        with pytest.raises(ConfigError, match=r"got the class .* tv.ELBO\(\) is the"):
            tv.RunConfig(objective=entry)


@pytest.mark.parametrize("text", ["a", "0-20", 1.5, True, "0:x", {"from": 0}])
def test_what_are_no_seeds_is_refused(text):
    with pytest.raises(ConfigError, match="seeds: expected"):
        parse_seeds(text)


def test_an_empty_spec_is_one_run_with_the_defaults():
    assert configs("") == [tv.RunConfig()]


def test_lists_multiply_and_seeds_come_last():
    found = configs(
        """
        seeds = [3, 4]
        objective = { kind = "beta-vae", beta = [2, 4] }
        members = [1, 2]
        """
    )
    assert [(c.members, c.objective, c.seed) for c in found] == [
        (members, tv.BetaVAE(beta), seed)
        for members in (1, 2)
        for beta in (2.0, 4.0)
        for seed in (3, 4)
    ]


def test_a_setting_holds_for_the_objectives_that_have_it():
    text = "objective = { kind = ['vae', 'beta-vae'], beta = [2, 4] }"
    assert objectives(text) == [tv.ELBO(), tv.BetaVAE(2.0), tv.BetaVAE(4.0)]


def test_objectives_are_words_and_tables_in_one_list():
    text = "objective = ['vae', { kind = 'beta-vae', beta = 8 }]"
    assert objectives(text) == [tv.ELBO(), tv.BetaVAE(8.0)]


def test_blocks_change_the_settings_above_them():
    found = configs(
        """
        seeds = "0:2"
        members = 1
        training = { steps = 7 }
        [[sweep]]
        objective = "annealed-tc"
        seeds = "0:3"
        [[sweep]]
        objective = { kind = "beta-vae", beta = [2, 4] }
        training = { batch_size = 8 }
        """
    )
    assert len(found) == 3 + 2 * 2
    assert {config.members for config in found} == {1}
    assert found[0].training == tv.TrainingConfig(steps=7)
    assert found[-1].training == tv.TrainingConfig(steps=7, batch_size=8)


def test_changes_override_every_block():
    text = "[[sweep]]\nobjective = 'vae'\n[[sweep]]\nobjective = 'beta-vae'\n"
    found = configs(text, training={"steps": 9}, seeds=[5])
    assert [config.training.steps for config in found] == [9, 9]
    assert [config.seed for config in found] == [5, 5]


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [("[8, 4]", [(8, 4)]), ("[[8, 4], [16]]", [(8, 4), (16,)])],
)
def test_a_setting_that_is_a_list_takes_a_list_of_lists(hidden, expected):
    found = configs(f"network = {{ kind = 'fully-connected', hidden = {hidden} }}")
    widths = [tv.FullyConnected(hidden) for hidden in expected]
    assert [config.network for config in found] == widths


def test_ranges_of_worlds_are_one_value():
    found = configs("world = { radius = [3, 8], layout = ['margin', 'disc'] }")
    assert [config.world for config in found] == [
        tv.Circles(radius=(3, 8), layout="margin"),
        tv.Circles(radius=(3, 8), layout="disc"),
    ]


def test_the_example_is_a_spec(tmp_path):
    path = tmp_path / "example.toml"
    path.write_text(EXAMPLE)
    spec = read_spec(path)
    assert len(spec) == 100 + 2 * 20 + 4 * 20 + 4 * 20
    assert len(list(spec.configs())) == len(spec)


def test_a_block_in_python_is_the_same_as_in_toml():
    block = SweepBlock(objectives=[tv.BetaVAE(2.0), tv.BetaVAE(4.0)], seeds=range(2))
    text = "seeds = '0:2'\nobjective = { kind = 'beta-vae', beta = [2, 4] }"
    assert list(SweepSpec((block,)).configs()) == configs(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("objective = 'bata-vae'", "expected an objective among .*Did you mean 'beta"),
        ("objective = ['vae', 'x']", "expected an objective among .* got 'x'"),
        (
            "objective = { kind = ['vae', 'dip-vae-i'], beta = 2 }",
            "objective.beta: expected objective beta-vae or .*, but vae or dip-vae-i "
            "has no beta",
        ),
        (
            "objective = { kind = 'beta-vae', bet = 2 }",
            "unknown setting 'objective",
        ),
        (
            "objective = { kind = 'beta-vae', beta = [] }",
            "objective.beta: expected at",
        ),
        (
            "objective = { kind = 'beta-vae', beta = [2, -1] }",
            "beta of at least 0",
        ),
        ("objective = { kind = 'beta-vae', beta = ['a'] }", "beta: .* got 'a'"),
        ("objective = []", "objective: expected at least one value"),
        ("objective = 3", "objective: expected a word or a table of settings, got 3"),
        ("seeds = []", "seeds: expected at least one seed"),
        ("seed = 3", r"expected seeds, got seed = 3. Write seeds = \[3\]"),
        ("seeds = [-1]", "expected a seed of 0 to"),
        ("objectives = 'vae'", "unknown setting 'objectives'.*mean 'objective'"),
        ("training = 5", "training: expected a table of settings, got 5"),
        ("training = { stepz = 5 }", "unknown setting 'training.stepz'.*mean 'steps'"),
        ("members = [1, 0]", "at least 1 member, got 0"),
        ("sweep = 3", r"sweep: expected tables, each begun with \[\[sweep\]\], got 3"),
        ("sweep = []", "sweep: expected at least one block"),
        (
            "[[sweep]]\nseeds = [1]\n[[sweep]]\nobjective = 'x'",
            "block 2 of 2: expected an objective",
        ),
        ("seeds = '0:2000000'", "at most 1,000,000 seeds, got 2,000,000"),
    ],
)
def test_each_mistake_has_its_message(text, message):
    with pytest.raises(ConfigError, match=message):
        configs(text)


@pytest.mark.parametrize("name", ["objectives", "worlds", "networks", "seeds"])
def test_an_empty_list_in_python_is_refused(name):
    message = f"{name}: expected at least one entry, got none"
    with pytest.raises(ConfigError, match=message):
        SweepBlock(**{name: []})


def test_a_spec_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        read_spec(tmp_path / "absent.toml")
