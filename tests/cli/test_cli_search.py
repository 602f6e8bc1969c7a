"""`tinyvae sweep search` as a process: what it prints, writes and ends with."""

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import tinyvae as tv
from quick_compilation import QUICKLY
from tinyvae.cli.sweep_search import without_value_text
from tinyvae.runs.config import config_from_mapping, read_config_file
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.search.example import EXAMPLE
from tinyvae.sweeps.search.result import SearchTrial
from tinyvae.sweeps.search.spec import search_from_mapping

COMMAND = [sys.executable, "-m", "tinyvae", "sweep", "search"]
AS_IN_TESTS = QUICKLY | {"NO_COLOR": "1", "COLUMNS": "100"}
SPEC = """
seeds = "0:2"
objective = "beta-vae"
members = 1
world = { size = 8 }
network = { hidden = [8], latents = 2 }
training = { steps = 60, batch_size = 16 }

[search]
target = "smallest_share"
trials = 3
at_once = 2

[search.ranges]
objective.beta = { low = 1, high = 16, log = true }
"""


def search(*arguments, cwd: Path, command=COMMAND) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | AS_IN_TESTS,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, str, str]:
    """The folder of a search, and what it printed to stdout and stderr."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "search.toml").write_text(SPEC)
    done = search("search.toml", "--out", "a", "--together", "4", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "a", done.stdout, done.stderr


def test_a_real_search_says_what_it_found_and_what_to_do(finished):
    folder, out, err = finished
    assert "3 trials, 3 different settings, 2 seeds each" in out
    assert "chosen with labels: smallest share" in out
    assert "tinyvae train --config a/best.toml --seed 0" in out
    assert "tinyvae sweep --config a/best.toml --seeds 2:22 --out a-check" in out
    lines = out.splitlines()
    assert lines[2].split() == ["trial", "beta", "smallest", "share", "seeds"]
    assert "search: beta 1 to 16 (log)" in err
    assert "chosen with labels: it compares codes with the known factors" in err
    assert "3 trials of 2 seeds each: 6 members" in err
    for number in range(3):
        assert f"trial {number}: beta " in err
    table = tv.load_sweep(folder)
    assert table["state"] == ["done"] * 6
    settings = read_config_file(folder / "best.toml")
    assert config_from_mapping(settings).training.steps == 60


def test_resuming_a_finished_search_trains_nothing_and_gives_json(finished):
    folder, out, _ = finished
    before = (folder / "ledger.sqlite").read_bytes()
    done = search("--resume", "--out", "a", "--json", cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["target"] == {
        "name": "smallest_share",
        "title": "smallest share",
        "direction": "maximise",
        "with_labels": True,
    }
    assert [trial["number"] for trial in found["trials"]] == [0, 1, 2]
    values = [trial["value"] for trial in found["trials"]]
    assert found["best"]["value"] == max(values)
    assert found["best"]["toml"] in (folder / "best.toml").read_text()
    assert f"\n{found['best']['number']}  " in out
    assert (folder / "ledger.sqlite").read_bytes() == before


def test_the_commands_of_a_sweep_work_on_its_folder(finished, tmp_path):
    folder, _, _ = finished
    sweep = COMMAND[:-1]
    status = search("status", folder, cwd=tmp_path, command=sweep)
    assert "6 done; no process works on it" in status.stdout
    table = search("table", folder, cwd=tmp_path, command=sweep)
    first, *_ = table.stdout.split("\n\n")  # further columns come below
    assert first.count("beta-vae") == 3
    export = search("export", folder, "--to", "a.csv", cwd=tmp_path, command=sweep)
    assert export.returncode == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 7


@pytest.mark.slow
def test_a_killed_search_continues_and_trains_no_member_twice(finished, tmp_path):
    (tmp_path / "search.toml").write_text(SPEC.replace("steps = 60", "steps = 4000"))
    arguments = [*COMMAND, "search.toml", "--out", "b", "--together", "4"]
    process = subprocess.Popen(
        arguments, cwd=tmp_path, env=os.environ | AS_IN_TESTS, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if has_ledger(tmp_path / "b") and _done(tmp_path / "b") >= 1:
            break
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = {
        row["identity"]: row["ended"]
        for row in tv.load_sweep(tmp_path / "b")
        if row["state"] == "done"
    }
    assert before
    done = search("--resume", "--out", "b", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    table = tv.load_sweep(tmp_path / "b")
    assert table["state"] == ["done"] * 6
    after = dict(zip(table["identity"], table["ended"], strict=True))
    assert before.items() <= after.items()
    trials = json.loads(done.stdout)["trials"]
    first = search("--resume", "--out", "a", "--json", cwd=finished[0].parent)
    assert [trial["settings"] for trial in trials] == [
        trial["settings"] for trial in json.loads(first.stdout)["trials"]
    ]


def _done(folder: Path) -> int:
    with open_ledger(folder) as ledger:
        return ledger.counts()["done"]


def test_the_example_is_a_spec(tmp_path):
    done = search("--example", cwd=tmp_path)
    assert done.stdout == EXAMPLE
    spec = search_from_mapping(tomllib.loads(EXAMPLE))
    assert [one.name for one in spec.parameters] == [
        "objective.beta", "network.latents", "network.activation",
    ]  # fmt: skip
    assert spec.seeds == (0, 1, 2, 3, 4)


def test_optuna_is_imported_by_a_search_alone(tmp_path):
    code = (
        "import sys, tinyvae.cli.sweep_search, tinyvae.sweeps.search.search\n"
        "assert 'optuna' not in sys.modules\n"
        "sys.modules['optuna'] = None\n"
        "sys.argv = ['tinyvae', 'sweep', 'search', 'a.toml', '--out', 'a']\n"
        "tinyvae.cli.main()\n"
    )
    (tmp_path / "a.toml").write_text(SPEC)
    done = search(cwd=tmp_path, command=[sys.executable, "-c", code])
    assert done.returncode == 2
    assert "not installed: pip install 'tinyvae[search]'." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "expected a spec, a TOML file with a table [search], got none"),
        (["a.toml"], 2, "expected --out FOLDER, the folder of the search"),
        (["--seeds", "0:3", "--out", "a"], 2, "expected a spec with --set, --seeds"),
        (["a.toml", "--retry", "--out", "a"], 2, "expected --resume with it"),
        (["a.toml", "--target", "mgi", "--out", "a"], 2, "got 'mgi'. Did you mean"),
        (["a.toml", "--trials", "0", "--out", "a"], 2, "of at least 1, got 0"),
        (["--resume", "--out", "a"], 3, "expected the folder of a search, got a"),
    ],
)
def test_a_wrong_use_is_one_message(arguments, code, message, tmp_path):
    (tmp_path / "a.toml").write_text(SPEC)
    done = search(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


@pytest.mark.parametrize(
    ("reason", "again"),
    [("1 of 2 seeds failed: seed 0: too bold", True), ("mig is undefined", False)],
)
def test_trials_without_a_value_are_explained(reason, again):
    trials = [SearchTrial(k, {}, (0,), (), (None,), reason) for k in (2, 5)]
    text = without_value_text(trials, 8)
    assert f"2 of 8 trials (trial 2, 5). Trial 2: {reason}." in text
    assert ("--retry trains failed members again" in text) == again
