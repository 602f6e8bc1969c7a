"""Searches with made-up results: what is suggested and told, what a stop leaves."""

import json
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

import tinyvae as tv
from made_sweeps import NETWORK, TRAINING, WORLD, MadeEngine, one_run
from tinyvae.errors import ConfigError, DataError, RunFolderError
from tinyvae.runs.config import config_from_mapping, read_config_file
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.search.record import read_record
from tinyvae.sweeps.search.result import BEST, SearchTrial

BEST_BETA = 5.0
FIXED = {
    "world": WORLD,
    "network": {"hidden": [8], "latents": 3},
    "training": TRAINING,
    "members": 1,
    "objective": "beta-vae",
}
BETA = {"objective.beta": {"low": 1, "high": 16, "log": True}}


@pytest.fixture(scope="module")
def run() -> tv.Run:
    return one_run()


def peak(config: tv.RunConfig) -> float:
    """A share that is largest, 0.9, at the best beta; seeds differ by up to 0.02."""
    objective = config.objective
    assert isinstance(objective, tv.BetaVAE)
    distance = math.log(objective.beta / BEST_BETA)
    return 0.9 * math.exp(-(distance**2)) - 0.01 * (config.seed % 3)


def spec_of(ranges=None, *, seeds: Any = "0:3", fixed=None, **search) -> dict:
    table = {"target": "smallest_share", "trials": 12, **search}
    table["ranges"] = BETA if ranges is None else ranges
    return {**FIXED, **(fixed or {}), "seeds": seeds, "search": table}


def searched(out: Path, run: tv.Run, spec=None, *, share=peak, **more):
    engine = more.pop("engine", None) or MadeEngine(run, share)
    return tv.search(spec or spec_of(), out=out, engine=engine, together=64, **more)


def values(found) -> list[float]:
    return [value for trial in found if (value := trial.value) is not None]


def asked(found) -> list[dict]:
    return [dict(trial.settings) for trial in found]


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    return searched(tmp_path_factory.mktemp("search") / "a", run, spec_of(trials=30))


def test_the_search_finds_the_maximum(finished):
    assert finished.best.value == max(values(finished))
    assert finished.best.value > statistics.median(values(finished)) + 0.1
    assert abs(math.log(finished.best.settings["objective.beta"] / BEST_BETA)) < 0.1


def test_a_value_is_the_mean_over_all_seeds(finished):
    for trial in finished:
        assert trial.seeds == (0, 1, 2)
        rows = {row["identity"]: row for row in finished.table}
        mine = [rows[name] for name in trial.identities]
        assert [row["seed"] for row in mine] == [0, 1, 2]
        assert {row["objective.beta"] for row in mine} == set(trial.settings.values())
        shares = [float(str(row["radius.share"])) for row in mine]
        assert trial.targets == pytest.approx(shares)
        assert trial.value == pytest.approx(statistics.fmean(shares))
        assert trial.spread.deviation == pytest.approx(statistics.stdev(shares))


def test_every_suggestion_lies_in_its_range(run, tmp_path):
    ranges = {
        **BETA,
        "network.latents": {"low": 2, "high": 8},
        "training.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "training.steps": {"low": 10, "high": 30, "step": 10},
        "network.activation": ["relu", "silu"],
        "network.hidden": [[8], [16, 8]],
    }
    fixed = {"network": {"kind": "fully-connected"}, "training": {"batch_size": 16}}
    found = searched(
        tmp_path, run, spec_of(ranges, fixed=fixed, seeds=[0], trials=40, at_once=8)
    )
    columns = {name: [trial.settings[name] for trial in found] for name in ranges}
    assert all(1 <= beta <= 16 for beta in columns["objective.beta"])
    # half of a log range lies below the geometric mean of its ends
    assert sum(beta < 4 for beta in columns["objective.beta"][:10]) in range(2, 9)
    assert {type(latents) for latents in columns["network.latents"]} == {int}
    assert set(columns["network.latents"]) <= set(range(2, 9))
    assert set(columns["training.steps"]) == {10, 20, 30}
    assert set(columns["network.activation"]) == {"relu", "silu"}
    assert {tuple(hidden) for hidden in columns["network.hidden"]} == {(8,), (16, 8)}
    table = found.table
    assert set(table["network.hidden"]) == {"[8]", "[16, 8]"}
    assert [row["network.latents"] for row in table] == columns["network.latents"]


def test_a_setting_is_suggested_for_the_kinds_that_have_it(run, tmp_path):
    ranges = {
        "objective": ["vae", "beta-vae", "factor-vae"],
        "objective.beta": {"low": 2, "high": 8},
        "objective.gamma": {"low": 1, "high": 50},
    }
    spec = spec_of(ranges, seeds=[0], trials=20)
    del spec["objective"]
    found = searched(tmp_path, run, spec, share=lambda config: 0.5)
    kinds = {"vae": set(), "beta-vae": {"objective.beta"}}
    kinds["factor-vae"] = {"objective.gamma"}
    seen = set()
    for trial in found:
        kind = trial.settings["objective"]
        assert set(trial.settings) - {"objective"} == kinds[kind]
        seen.add(kind)
    assert seen == set(kinds)
    assert {row["objective"] for row in found.table} == set(kinds)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_one_at_a_time_suggests_what_plain_optuna_does(sampler, run, tmp_path):
    ranges = {**BETA, "network.latents": {"low": 2, "high": 8}}
    spec = spec_of(
        ranges, fixed={"network": {"hidden": [8]}}, trials=16, at_once=1, seed=3,
        sampler=sampler,
    )  # fmt: skip
    found = searched(tmp_path, run, spec)

    def function(trial: optuna.Trial) -> float:
        beta = trial.suggest_float("objective.beta", 1, 16, log=True)
        trial.suggest_int("network.latents", 2, 8)
        return statistics.fmean(
            peak(tv.RunConfig(objective=tv.BetaVAE(beta), seed=seed))
            for seed in range(3)
        )

    samplers = {
        "tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler,
    }  # fmt: skip
    study = optuna.create_study(direction="maximize", sampler=samplers[sampler](seed=3))
    study.optimize(function, n_trials=16)
    assert asked(found) == [trial.params for trial in study.trials]
    assert [trial.value for trial in found] == pytest.approx(
        [trial.value for trial in study.trials]
    )
    assert found.best.number == study.best_trial.number
    assert [trial.params for trial in found.study.trials] == asked(found)


def test_the_same_seed_gives_the_same_trials_and_another_one_others(run, tmp_path):
    first, again, other = (
        searched(tmp_path / name, run, spec_of(trials=8, seeds=[0], seed=seed))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert asked(first) == asked(again)
    assert asked(first) != asked(other)


@pytest.mark.parametrize("stop_after", [0, 13, 35])
def test_a_stopped_search_ends_as_if_it_had_never_stopped(stop_after, run, tmp_path):
    whole = searched(tmp_path / "whole", run)
    engines = [MadeEngine(run, peak, stop_after=stop_after), MadeEngine(run, peak)]
    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path / "a", run, engine=engines[0])
    told = []
    found = tv.search(
        out=tmp_path / "a",
        resume=True,
        engine=engines[1],
        together=64,
        told=told.append,
    )
    # of a batch that had not ended all trials are told, of those before none
    assert [one.number for one in told] == list(range(stop_after // 12 * 4, 12))
    assert asked(found) == asked(whole)
    assert [one.targets for one in found] == [one.targets for one in whole]
    trained = engines[0].trained + engines[1].trained
    assert set(trained.values()) == {1}
    assert len(trained) == 12 * 3
    states = {trial.state for trial in found.study.trials}
    assert states == {optuna.trial.TrialState.COMPLETE}


def test_a_search_that_stops_between_two_tells_loses_no_trial(run, tmp_path):
    whole = searched(tmp_path / "whole", run)

    def stop(trial: SearchTrial) -> None:
        if trial.number == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path / "a", run, told=stop)
    engine, told = MadeEngine(run, peak), []
    found = searched(tmp_path / "a", run, resume=True, engine=engine, told=told.append)
    assert asked(found) == asked(whole)
    assert len(engine.trained) == 4 * 3
    assert [trial.number for trial in told] == [8, 9, 10, 11]


def test_more_trials_extend_a_search(run, tmp_path, finished):
    searched(tmp_path, run, spec_of(trials=12))
    engine = MadeEngine(run, peak)
    found = tv.search(out=tmp_path, resume=True, trials=30, engine=engine, together=64)
    assert asked(found) == asked(finished)
    assert len(engine.trained) == 18 * 3
    fewer = tv.search(out=tmp_path, resume=True, trials=5, engine=engine)
    assert len(fewer) == 30
    assert len(engine.trained) == 18 * 3


def test_recorded_trials_stay_where_optuna_would_suggest_others(run, tmp_path):
    searched(tmp_path, run, spec_of(trials=8))
    path = tmp_path / "search.json"
    content = json.loads(path.read_text())
    content["batches"][0][1]["objective.beta"] = 2.5
    path.write_text(json.dumps(content))
    engine = MadeEngine(run, peak)
    found = tv.search(out=tmp_path, resume=True, trials=12, engine=engine, together=9)
    assert found[1].settings == {"objective.beta": 2.5}
    assert asked(found)[:8] == list(read_record(tmp_path).trials)[:8]
    assert len(engine.trained) == (1 + 4) * 3
    assert [trial.params for trial in found.study.trials] == asked(found)


def test_a_setting_that_comes_twice_is_trained_once(run, tmp_path):
    ranges = {"objective.beta": [2.0, 4.0]}
    engine = MadeEngine(run, peak)
    found = searched(tmp_path, run, spec_of(ranges, trials=10), engine=engine)
    assert len(found) == 10
    assert set(engine.trained.values()) == {1}
    assert len(engine.trained) == 2 * 3
    assert len(found.ranked()) == 2
    assert found.ties == 0
    same = searched(tmp_path / "b", run, spec_of(trials=4), share=lambda config: 0.5)
    assert (same.best.number, same.ties) == (0, 3)
    assert "10 trials, 2 different settings, 3 seeds each" in str(found)


def test_a_seed_that_fails_leaves_a_trial_without_value(run, tmp_path):
    def share(config: tv.RunConfig) -> float | None:
        assert isinstance(config.objective, tv.BetaVAE)
        high = config.objective.beta > 4
        return None if high and config.seed == 1 else peak(config)

    found = searched(tmp_path, run, spec_of(trials=24), share=share)
    failed = [one for one in found if one.settings["objective.beta"] > 4]
    assert failed
    assert {trial.value for trial in failed} == {None}
    assert failed[0].reason == ("1 of 3 seeds failed: seed 1: the loss is not finite")
    assert failed[0].spread.seeds == 2
    assert found.best.settings["objective.beta"] <= 4
    # the sampler keeps away from them: few of the last trials are such
    assert sum(trial.number >= 12 for trial in failed) <= 3
    states = [trial.state.name for trial in found.study.trials]
    assert [state == "PRUNED" for state in states] == [one in failed for one in found]
    assert found.ranked()[-1] in failed
    # trained again with another outcome, the trials have values
    again = tv.search(
        out=tmp_path, resume=True, retry=True, engine=MadeEngine(run, peak), together=9
    )
    assert asked(again) == asked(found)
    assert None not in [trial.value for trial in again]


def test_without_any_value_there_is_no_best(run, tmp_path):
    found = searched(tmp_path, run, spec_of(trials=4), share=lambda config: None)
    with pytest.raises(DataError, match="expected a trial with a value, got none"):
        _ = found.best
    assert not (tmp_path / BEST).exists()


@pytest.mark.parametrize(
    ("target", "maximise", "labels", "value"),
    [
        ("elbo", True, False, lambda share: -9 - share),
        ("smallest share", True, True, lambda share: share),
        ("scores.mig_nearest", True, True, lambda share: share**2),
        ("y.share", True, True, lambda share: share),
        ("total_correlation", False, False, lambda share: 1 - share),
        ("clear_share", True, True, lambda share: 0.0),
        ("seconds", False, False, lambda share: 3.0),
        ("smallest_share=0.7, elbo=-20", True, True, lambda share: float(share >= 0.7)),
        ("elbo=-9.8", True, False, lambda share: float(share <= 0.8)),
    ],
)
def test_a_target_is_read_from_the_members(
    target, maximise, labels, value, run, tmp_path
):
    found = searched(tmp_path, run, spec_of(target=target, trials=2, seeds=[0]))
    assert found.spec.target.maximise is maximise
    assert found.spec.target.labels is labels
    said = f"chosen {'with' if labels else 'without'} labels: "
    assert said + found.spec.target.title in str(found)
    for trial in found:
        beta = trial.settings["objective.beta"]
        share = peak(tv.RunConfig(objective=tv.BetaVAE(beta)))
        assert trial.value == pytest.approx(value(share))


def test_a_direction_can_be_stated(run, tmp_path):
    found = searched(tmp_path, run, spec_of(direction="minimize"))
    assert found.best.value == min(values(found))
    assert found.study.direction.name == "MINIMIZE"


def test_udr_compares_the_weights_of_seeds(run, tmp_path):
    spec = spec_of(target="udr", trials=2, seeds="0:2")
    with pytest.raises(ConfigError, match="got --keep none. Add --keep all"):
        searched(tmp_path, run, spec)
    assert list(tmp_path.iterdir()) == []
    found = searched(tmp_path, run, spec, keep="all")
    # all are one network, which agrees with itself
    assert len({trial.value for trial in found}) == 1
    assert found.spec.target.labels is False


def test_the_best_setting_is_a_file_that_trains_its_members(finished):
    settings = read_config_file(finished.folder / BEST)
    configs = [
        config_from_mapping({**settings, "seed": seed}) for seed in finished.spec.seeds
    ]
    members = members_of(configs, Worlds())
    assert tuple(one.identity for one in members) == finished.best.identities
    assert finished.best_config(7).seed == 7
    assert finished.fresh_seeds(10) == "3:13"


def test_the_table_of_trials(finished):
    frame = finished.to_frame()
    assert frame["trial"].tolist() == list(range(30))
    assert frame["objective.beta"].tolist() == [
        trial.settings["objective.beta"] for trial in finished
    ]
    lines = finished.text(3).splitlines()
    assert lines[2].split("  ")[0] == "trial"
    assert lines[3].startswith(str(finished.best.number))
    assert lines[-1] == "and 27 settings more"
    assert finished[0].number == 0


def test_a_search_may_begin_in_the_folder_of_a_sweep(run, tmp_path):
    engine = MadeEngine(run, peak)
    tv.sweep(
        out=tmp_path, objectives=[tv.BetaVAE(2.0)], worlds=[WORLD], seeds="0:3",
        networks=[NETWORK], trainings=[TRAINING], members=[1], engine=engine,
        together=9,
    )  # fmt: skip
    spec = spec_of({"objective.beta": [2.0, 4.0]}, trials=6)
    with pytest.raises(RunFolderError, match="already holds a sweep"):
        searched(tmp_path, run, spec)
    searched(tmp_path, run, spec, engine=engine, resume=True)
    assert set(engine.trained.values()) == {1}
    assert len(engine.trained) == 2 * 3


def test_another_search_does_not_continue_in_the_folder(run, tmp_path):
    searched(tmp_path, run, spec_of(trials=2))
    with pytest.raises(RunFolderError, match="already holds a search"):
        searched(tmp_path, run)
    with pytest.raises(ConfigError, match=r"search.target: expected that of the sea"):
        searched(tmp_path, run, spec_of(target="elbo"), resume=True)
    with pytest.raises(ConfigError, match=r"seeds: expected .* \[0, 1, 2\], got \[0\]"):
        searched(tmp_path, run, spec_of(seeds=[0]), resume=True)
    (tmp_path / "search.json").write_text("{")
    with pytest.raises(RunFolderError, match="search.json is damaged"):
        tv.search(out=tmp_path, resume=True)


def test_own_pictures_are_searched(run, tmp_path):
    images = np.asarray(run.population.images(np.arange(40)), np.float32)
    world = tv.Pictures(images, {"height": np.arange(40) * 7 % 40})
    spec = spec_of(trials=2, fixed={"world": world}, target="height.share")
    with pytest.raises(ConfigError, match="a factor among height, got 'x'"):
        searched(tmp_path / "a", run, {**spec, "search": {**spec["search"],
                 "target": "x.share"}})  # fmt: skip
    spec["world"] = tv.Pictures(images)
    with pytest.raises(ConfigError, match="no factor of these pictures is known"):
        searched(tmp_path / "a", run, {**spec, "search": {**spec["search"],
                 "target": "mig"}})  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    spec["world"] = world
    found = searched(tmp_path / "a", run, spec)
    assert found.table["world"] == ["pictures"] * 6


def test_a_search_needs_optuna(run, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"pip install 'tinyvae\[search\]'"):
        searched(tmp_path, run)
    assert list(tmp_path.iterdir()) == []


WRONG = [
    ({"search": None}, r"expected a table \[search\]"),
    ({"sweep": [{}]}, "expected one setting and ranges"),
    ({"seed": 1}, "expected seeds, got seed = 1"),
    ({"objektive": "vae"}, "unknown setting 'objektive': .* Did you mean 'objective'"),
    ({"objective": {"kind": "beta-vae", "bta": 1}}, "unknown setting 'objective.bta'"),
    ({"training": {"steps": [10, 20]}}, "training: expected one value of each fixed"),
    ({"objective": ["vae", "beta-vae"]}, "objective: expected one value of each fixed"),
    ({"objective": "vae"}, "objective.beta: expected objective beta-vae .*vae has no"),
    ({"objective": {"kind": "beta-vae", "beta": 2}}, "objective.beta: .* got both 2"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_wrong_fixed_settings_are_refused(changes, message, run, tmp_path):
    spec = {k: v for k, v in {**spec_of(), **changes}.items() if v is not None}
    with pytest.raises(ConfigError, match=message):
        searched(tmp_path, run, spec)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"target": None}, "search.target: expected what is to be best"),
        ({"target": "mgi"}, "search.target: expected one of .* got 'mgi'. Did you"),
        ({"target": "test_elbo"}, "expected elbo, got test_elbo"),
        ({"target": "z.share"}, "expected a factor among radius, x, y, got 'z'"),
        ({"target": "mig=x"}, "search.target: expected column=number.* got 'mig=x'"),
        ({"target": "nonsense"}, r"expected one of smallest_share.* 'nonsense'\.$"),
        ({"target": "mgi=1"}, "got 'mgi=1'.*Did you mean 'mig'"),
        ({"target": "udr=1"}, "a value that each member has of its own, got udr"),
        ({"direction": "up"}, "search.direction: expected maximise or minimise"),
        ({"trials": 0}, "search.trials: expected a whole number of at least 1, got 0"),
        ({"at_once": 1.5}, "search.at_once: expected a whole number"),
        ({"sampler": "tp"}, "search.sampler: expected tpe or random, got 'tp'"),
        ({"trails": 4}, "unknown setting 'search.trails': .* Did you mean 'trials'"),
    ],
)
def test_wrong_search_settings_are_refused(search, message, run, tmp_path):
    spec = spec_of(**search)
    spec["search"] = {k: v for k, v in spec["search"].items() if v is not None}
    with pytest.raises(ConfigError, match=message):
        searched(tmp_path, run, spec)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({}, "search.ranges: expected the range of at least one setting"),
        ({"objective.beta": 4}, r"expected a range \{ low = \.\.\., high = \.\.\. \}"),
        ({"objective.beta": {"low": 8, "high": 2}}, "expected low < high, got low = 8"),
        ({"objective.beta": {"low": 8}}, "expected low and high, got low alone"),
        (
            {"objective.beta": {"low": 1, "hihg": 2}},
            "unknown key 'objective.beta.hihg'",
        ),
        ({"objective.beta": {"low": 0, "high": 2, "log": True}}, "expected low > 0"),
        (
            {"objective.beta": {"low": "a", "high": 2}},
            "expected a finite number as low",
        ),
        ({"objective.beta": {"low": -1, "high": 2}}, r"objective.beta = -1.0: .*"),
        ({"objective.beta": [2]}, r"expected two values or more, .* got \[2\]"),
        ({"objective.gamma": {"low": 1, "high": 2}}, "gamma: expected objective facto"),
        ({"objective.bet": {"low": 1, "high": 2}}, "unknown setting 'objective.bet'"),
        ({"objectiv.beta": {"low": 1, "high": 2}}, "Did you mean 'objective'"),
        ({"training.stps": {"low": 1, "high": 2}}, "Did you mean 'steps'"),
        ({"seeds": {"low": 1, "high": 2}}, "seeds: expected no range"),
        ({"members": {"low": 1.5, "high": 4}}, "members: expected a fixed value or"),
        ({"samples": {"low": 10.5, "high": 40}}, "expected a whole number as low, got"),
        ({"samples": {"low": 1, "high": 40}}, "samples = 1: expected at least 10"),
        ({"network.activation": {"low": 1, "high": 2}}, "it is no number, got a range"),
        ({"network.activation": ["relu", "x"]}, 'network.activation = "x": .*'),
        ({"objective": ["vae", "x"]}, "expected an objective among .* got 'x'"),
        ({"objective": ["vae", "dip-vae-i"]}, "objective: expected a fixed value or"),
        ({"likelihood": ["gaussian", "x"]}, 'likelihood = "x": .*'),
    ],
)
def test_wrong_ranges_are_refused(ranges, message, run, tmp_path):
    with pytest.raises(ConfigError, match=message):
        searched(tmp_path, run, spec_of(ranges))
    assert list(tmp_path.iterdir()) == []
