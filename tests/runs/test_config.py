import json

import pytest

import tinyvae as tv
from tinyvae.cli.settings import combined
from tinyvae.errors import ConfigError
from tinyvae.runs.config import (
    config_from_mapping,
    config_to_json,
    merged,
    parse_assignment,
    read_config_file,
)
from tinyvae.runs.opened import open_world

CONFIGS = [
    tv.RunConfig(),
    tv.RunConfig(tv.Circles(48, (4, 12), "inside"), tv.BetaVAE(8.0), seed=3, members=2),
    tv.RunConfig(objective=tv.ELBO(), samples=1000),
    tv.RunConfig(network=tv.FullyConnected((64,), "relu", 5)),
    tv.RunConfig(network=tv.Convolutional((8, 16), latents=5)),
    tv.RunConfig(network=tv.BySize(7), likelihood="continuous-bernoulli"),
    tv.RunConfig(tv.Shapes(24, ("heart",), rotations=1, hues=6), tv.DIPVAEI(2.0)),
    tv.RunConfig(objective=tv.FactorVAE(10.0)),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_configuration_survives_json(config):
    assert config_from_mapping(json.loads(json.dumps(config_to_json(config)))) == config


def test_what_is_left_out_is_the_default():
    assert config_from_mapping({}) == tv.RunConfig()


def test_toml_and_the_json_of_a_run_are_read_alike(tmp_path):
    toml, as_json = tmp_path / "a.toml", tmp_path / "config.json"
    toml.write_text("seed = 4\n[objective]\nkind = 'beta-vae'\nbeta = 2.0\n")
    config = config_from_mapping(read_config_file(toml))
    assert config == tv.RunConfig(objective=tv.BetaVAE(2.0), seed=4)
    as_json.write_text(json.dumps({"format": 2, **config_to_json(config)}))
    assert config_from_mapping(read_config_file(as_json)) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sead": 1}, "unknown setting 'sead'.*Did you mean 'seed'"),
        ({"training": {"stepz": 1}}, "'training.stepz'.*Did you mean 'steps'"),
        ({"objective": {"kind": "beta-vea"}}, "Did you mean 'beta-vae'"),
        ({"objective": {"kind": "vae", "beta": 2}}, "unknown setting 'objective.beta'"),
        ({"training": {"steps": "many"}}, "training.steps: .*got 'many'"),
        ({"training": {"steps": 1.5}}, "training.steps: .*got 1.5"),
        ({"training": {"learning_rate": "nan"}}, "learning rate above 0, got nan"),
        ({"objective": {"kind": "beta-vae", "beta": -1}}, "beta of at least 0, got -1"),
        ({"network": {"latents": 0}}, "1 to 512 latents, got 0"),
        ({"world": {"radius": [3, 40]}}, "at most 15 pixels.*got 40"),
        ({"world": {"layout": "insid"}}, "a layout among .* got 'insid'"),
        ({"objective": {"kind": ["a"]}}, r"an objective among .* got \['a'\]"),
        ({"world": 3}, "world: expected a table of settings, got 3"),
        ({"members": 0}, "at least 1 member, got 0"),
        ({"samples": 3}, "at least 10 samples, got 3"),
        ({"seed": -1}, "a seed of 0 to .* got -1"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        config_from_mapping(settings)


def test_assignments_lie_over_files_leaf_by_leaf():
    base = {"training": {"steps": 10, "batch_size": 4}, "seed": 1}
    assert merged(base, parse_assignment("training.steps=20")) == {
        "training": {"steps": 20, "batch_size": 4},
        "seed": 1,
    }


def test_another_kind_of_objective_replaces_the_whole_objective():
    base = {"objective": {"kind": "beta-vae", "beta": 4.0}}
    changed = merged(base, parse_assignment("objective.kind=vae"))
    assert config_from_mapping(changed).objective == tv.ELBO()


def test_an_assignment_without_a_value_is_refused():
    with pytest.raises(ConfigError, match="form a.b=value, got 'steps'"):
        parse_assignment("steps")


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the configuration"):
        read_config_file(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("seed = = 3")
    with pytest.raises(ConfigError, match=r"broken\.toml: .*line 1"):
        read_config_file(broken)


def test_an_assignment_without_a_kind_keeps_to_the_kind_of_the_options():
    settings = combined(None, ["world.size=16"], {"images": "photos"})
    assert settings["world"] == {"kind": "pictures", "images": "photos", "size": 16}


def test_an_assignment_of_a_kind_keeps_earlier_assignments():
    assigned = ["network.latents=5", "network.kind=convolutional"]
    assert combined(None, assigned, {})["network"] == {
        "latents": 5,
        "kind": "convolutional",
    }


def test_an_option_of_another_kind_leaves_no_setting_of_the_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('objective = {kind = "annealed-tc", tc_weight = 3.0}')
    assert combined(file, [], {"objective": "vae"})["objective"] == {"kind": "vae"}


def test_a_setting_without_a_kind_is_refused_by_a_kind_that_has_none_such():
    settings = combined(None, ["objective.tc_weight=3"], {"objective": "vae"})
    with pytest.raises(ConfigError, match=r"unknown setting 'objective\.tc_weight'"):
        config_from_mapping(settings)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("world.size=abc", r"^world\.size: expected a whole number, got 'abc'\.$"),
        ("training.steps=1.5", r"^training\.steps: expected a whole number, got 1\.5"),
        ("world.radius=5", r"^world\.radius: expected a list, got 5\.$"),
        ("training.learning_rate=fast", r"expected a number, got 'fast'"),
    ],
)
def test_a_setting_of_a_wrong_type_says_what_was_expected(assignment, message):
    with pytest.raises(ConfigError, match=message):
        config_from_mapping(combined(None, [assignment], {}))


def test_a_setting_of_several_types_says_all_that_were_expected():
    settings = {"objective": {"kind": "ada-gvae", "changed_factors": "some"}}
    with pytest.raises(
        ConfigError,
        match=r"^objective\.changed_factors: expected a whole number or 'random', got",
    ):
        config_from_mapping(settings)


def test_a_picture_setting_of_a_wrong_type_names_no_type_in_its_path():
    settings = combined(None, ["world.size=abc"], {"images": "photos"})
    with pytest.raises(ConfigError, match=r"^world\.size: expected a whole number"):
        config_from_mapping(settings)


@pytest.mark.parametrize("layout", ["margin", "inside", "disc", "gaussian"])
def test_a_drawn_world_has_a_latent_for_each_factor(layout):
    config, _ = open_world(tv.RunConfig(tv.Circles(layout=layout)))
    assert config.network.latents == 3  # whether factors are independent or not


def test_settings_of_own_pictures_read_none_of_them():
    """A run is read again where its pictures have gone."""
    settings = {"world": {"kind": "pictures", "images": "gone"}}
    config = config_from_mapping(settings)
    assert config.world == tv.Pictures("gone")
