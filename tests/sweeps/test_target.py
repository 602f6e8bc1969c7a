"""How many seeds of a setting reach a target, beside how many are clear."""

import math

import pytest
from typer.testing import CliRunner

import tinyvae as tv
from made_sweeps import made_sweep, one_run
from tinyvae.cli.commands import app
from tinyvae.cli.sweep_results import parse_target
from tinyvae.errors import ConfigError
from tinyvae.sweeps.rates import wilson_interval
from tinyvae.sweeps.search.targets import measured, target_of

QUALITIES = {tv.BetaVAE(2.0): 0.4, tv.BetaVAE(4.0): 0.9}
SEEDS = 8
NO_TARGETS = (
    "verdict", "nothing", "identity", "seed", "group", "step", "factors",
    "objective.beta", "training.steps", "radius.latent",
)  # fmt: skip
TARGET = {"smallest_share": 0.97, "elbo": -11.0}


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> tv.SweepTable:
    folder = tmp_path_factory.mktemp("target")
    return made_sweep(folder, one_run(), QUALITIES, SEEDS, failures=True)


def by_hand(table, beta):
    return sum(
        row["state"] == "done"
        and min(row[f"{factor}.share"] for factor in ("radius", "x", "y")) >= 0.97
        and row["elbo"] >= -11.0
        for row in table
        if row["objective.beta"] == beta
    )


def test_seeds_that_reach_every_value_are_counted(table):
    found = table.over_seeds(TARGET)
    counts = [one.on_target(TARGET) for one in found.settings]
    assert counts == [by_hand(table, 2.0), by_hand(table, 4.0)]
    assert 0 < sum(counts) < 2 * SEEDS
    rows = found.data_table()
    columns = ["on_target", "target_share", "target_low", "target_high"]
    for count, row in zip(counts, rows.rows, strict=True):
        cells = [row[rows.columns.index(name)] for name in columns]
        low, high, _ = wilson_interval(count, SEEDS - 1)
        assert cells == [count, count / (SEEDS - 1), low, high]


def test_a_target_that_all_reach_counts_the_judged_members(table):
    target = {"smallest_share": 0.0}
    for one in table.over_seeds(target).settings:
        assert one.on_target(target) == one.judged == SEEDS - 1


def test_without_a_target_there_is_no_column_of_it(table):
    assert "on_target" not in table.over_seeds().data_table().columns
    assert "on target" not in str(table.over_seeds())


def test_the_worst_factor_has_columns_of_its_own(table):
    for row in table:
        if row["state"] == "failed":
            assert row["smallest_share"] is None
            continue
        for part in ("share", "readout"):
            cells = [row[f"{factor}.{part}"] for factor in ("radius", "x", "y")]
            values = [0.0 if cell is None else cell for cell in cells]
            assert row[f"smallest_{part}"] == min(values)


def test_the_command_counts_too(table):
    text = "smallest_share=0.97, elbo=-11"
    done = CliRunner().invoke(
        app, ["sweep", "table", str(table.folder), "--target", text]
    )
    assert done.exit_code == 0
    assert f"{by_hand(table, 4.0)} of {SEEDS - 1}" in done.stdout
    assert "on target" in done.stdout


@pytest.mark.parametrize("text", ["smallest_share", "=1", "elbo=high", "elbo=1,,"])
def test_a_target_of_another_form_is_refused(text):
    with pytest.raises(ConfigError, match="--target: expected column=number"):
        parse_target(text)


@pytest.mark.parametrize(
    "name",
    NO_TARGETS,
)
def test_a_column_without_numbers_is_no_target(table, name):
    with pytest.raises(ConfigError, match="expected a column of numbers") as caught:
        table.over_seeds({name: 0.5})
    assert name in str(caught.value)


def test_numbers_that_are_not_finite_reach_nothing(table):
    one = table.over_seeds().settings[0]
    assert one.on_target({"elbo": math.inf}) == 0


@pytest.mark.parametrize("name", ["loss", "total_correlation", "seconds"])
def test_of_what_is_better_when_lower_at_most_is_counted(table, name):
    def value(row):
        parts = ("training_seconds", "measuring_seconds")
        return sum(row[one] for one in parts) if name == "seconds" else row[name]

    values = [value(row) for row in table if row["state"] == "done"]
    for bound in (min(values) - 1, float(sorted(values)[len(values) // 2])):
        found = table.over_seeds({name: bound})
        counts = [one.on_target({name: bound}) for one in found.settings]
        assert sum(counts) == sum(one <= bound for one in values)


def test_a_search_counts_at_most_too(table):
    target = target_of("smallest_share=0,loss=5")
    assert target.title == (
        "share of seeds with smallest share >= 0 and loss at the end of training <= 5"
    )
    done = [row for row in table if row["state"] == "done"]
    reached = [row["loss"] <= 5 for row in done]
    assert measured(target, done, table.folder) == tuple(map(float, reached))
