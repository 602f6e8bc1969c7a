"""`tinyvae sweep`: what it prints, writes and ends with.

A process of its own where it trains, and else within this one, which is quicker.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest

import tinyvae as tv
from in_process import tinyvae_here
from quick_compilation import QUICKLY
from tinyvae.cli.sweep_options import asked_spec, swept_settings
from tinyvae.errors import ConfigError
from tinyvae.sweeps.adding import lines_on_added
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.ledger_writing import Plan, create_ledger
from tinyvae.sweeps.members import Worlds, members_of
from tinyvae.sweeps.summary import PLACES

COMMAND = [sys.executable, "-m", "tinyvae"]
# a process that was started in the background ignores Ctrl-C, and its children do too
INTERRUPTIBLE = [
    sys.executable,
    "-c",
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('tinyvae', run_name='__main__')",
]
SMALL = [
    "--size", "8", "--hidden", "16,8", "--batch-size", "16", "--members", "2",
    "--together", "2",
]  # fmt: skip
LONG = [*SMALL, "--steps", "1000000"]
AS_IN_TESTS = QUICKLY | {"NO_COLOR": "1", "COLUMNS": "100"}


def tinyvae(*arguments, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | AS_IN_TESTS,
        capture_output=True,
        text=True,
        timeout=300,
    )


def begun(*arguments, cwd: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [*INTERRUPTIBLE, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | AS_IN_TESTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def make_ledger(folder: Path, spec: object) -> None:
    """A ledger without members, of a sweep that began with a spec."""
    create_ledger(folder, {"spec": spec}, Plan([], {}, {}, {})).close()


def await_state(folder: Path, state: str) -> None:
    """Wait until a member of a sweep is in a state."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        done = tinyvae("sweep", "status", folder, "--json", cwd=folder.parent)
        if done.returncode == 0 and json.loads(done.stdout)["members"][state]:
            return
        time.sleep(0.2)
    raise AssertionError(f"no member of {folder} is {state}")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps") / "small"
    done = tinyvae(
        "sweep", "--objective", "vae,beta-vae", "--beta", "2,4", "--seeds", "0:2",
        *SMALL, "--steps", "40", "--keep", "best", "--out", folder,
        cwd=folder.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "6 of 6 members done" in done.stderr
    lines = done.stdout.splitlines()
    head = ["objective", "beta", "smallest", "share", "done", "failed"]
    assert lines[0].split()[:6] == head
    assert [line.split()[0] for line in lines[1:4]] == ["vae", "beta-vae", "beta-vae"]
    return folder


def test_help_has_an_option_for_every_setting_but_the_seed(tmp_path):
    done = tinyvae_here("sweep", "--help", cwd=tmp_path)
    assert done.returncode == 0
    for setting in swept_settings():
        assert f"--{setting.flag}"[:20] in done.stdout, setting.flag
    assert "--seeds" in done.stdout
    assert "--seed " not in done.stdout
    for command in ("status", "export", "table", "report"):
        done = tinyvae_here("sweep", command, "--help", cwd=tmp_path)
        assert f"Usage: tinyvae sweep {command} [OPTIONS]" in done.stdout


def test_status_counts_the_members(finished):
    done = tinyvae_here("sweep", "status", finished, cwd=finished.parent)
    assert done.stdout == f"{finished}: 6 done; no process works on it\n"


def test_status_does_not_import_jax(finished, tmp_path):
    code = (
        "import sys\nfrom tinyvae.cli.commands import app\n"
        f"try: app(['sweep', 'status', {str(finished)!r}])\n"
        "except SystemExit: pass\n"
        "assert 'jax' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_export_writes_a_row_for_each_member(finished, tmp_path, ending):
    path = tmp_path / f"all.{ending}"
    done = tinyvae_here("sweep", "export", finished, "--to", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if ending == "csv":
        rows = list(csv.DictReader(path.read_text().splitlines()))
    elif ending == "json":
        rows = json.loads(path.read_text())
    else:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    assert [row["objective"] for row in rows] == ["vae"] * 2 + ["beta-vae"] * 4
    assert {row["state"] for row in rows} == {"done"}
    assert {"radius.latent", "mig_nearest", "elbo", "training.steps"} <= set(rows[0])


@pytest.mark.parametrize("ending", ["md", "tex", "csv", "json"])
def test_table_writes_a_row_for_each_setting(finished, tmp_path, ending):
    path = tmp_path / f"table.{ending}"
    done = tinyvae_here("sweep", "table", finished, "--to", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = path.read_text()
    assert text.count("beta-vae") >= 2
    if ending == "csv":
        (first, *_) = csv.DictReader(text.splitlines())
        assert first["clear_low"] == "0"
        assert float(first["share.mean"] or 0) >= 0


def test_kept_runs_are_ordinary_run_folders(finished, tmp_path):
    kept = sorted((finished / "runs").iterdir())
    assert len(kept) == 3  # the best seed of each setting
    done = tinyvae_here("answer", kept[0], "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["factors"] == ["radius", "x", "y"]


def test_a_folder_that_holds_a_sweep_is_not_overwritten(finished, tmp_path):
    done = tinyvae_here("sweep", "--seeds", "0", "--out", finished, cwd=tmp_path)
    assert done.returncode == 3
    assert "already holds a sweep. Continue it with --resume" in done.stderr


def test_the_example_is_a_spec_and_can_be_planned(tmp_path):
    done = tinyvae_here("sweep", "--example", cwd=tmp_path)
    assert done.returncode == 0
    (tmp_path / "example.toml").write_text(done.stdout)
    done = tinyvae_here(
        "sweep", "example.toml", "--objective", "vae", *SMALL, "--steps", "30",
        "--seeds", "0:3", "--dry-run", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["asked"] == 4 * 3
    assert found["members"] == 3
    assert found["seconds"] > 0
    assert found["memory"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["example.toml"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "expected a spec, or lists such as"),
        (["--objective", "vae"], 2, "expected --out FOLDER"),
        (["--objective", "vae", "--beta", "4"], 2, "got 'vae', which has no beta"),
        (["--objective", "vae,x"], 2, "expected an objective among"),
        (
            ["--objective", "vae,dip-vae-i", "--beta", "4"],
            2,
            "objective.beta: expected",
        ),
        (["--seeds", "x", "--out", "a"], 2, "seeds: expected a range"),
        (["--keep", "some", "--out", "a"], 2, "--keep: expected all, best, none"),
        (["--together", "0", "--out", "a"], 2, "together of at least 1, got 0"),
        (["--retry", "--seeds", "0", "--out", "a"], 2, "expected --resume with it"),
        (["--resume", "--out", "a"], 3, "expected the folder of a sweep"),
        (
            ["--engine", "dask", "--seeds", "0", "--out", "a"],
            2,
            "among local, ray, got",
        ),
        (
            ["--cpus", "2", "--seeds", "0", "--out", "a"],
            2,
            "expected --engine ray with",
        ),
        (["--engine", "ray", "--cpus", "0", "--seeds", "0", "--out", "a"], 2, "cpus=0"),
        (["absent.toml", "--out", "a"], 2, "cannot read the configuration"),
        (["status", "a"], 3, "expected the folder of a sweep"),
        (["export", "a", "--to", "b.xls"], 2, "a file that ends in .csv, .json, .parq"),
    ],
)
def test_a_wrong_use_is_one_message(arguments, code, message, tmp_path):
    done = tinyvae_here("sweep", *arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_members_that_fail_are_told_and_the_code_is_4(tmp_path):
    done = tinyvae(
        "sweep", "--objective", "dip-vae-i", "--diagonal", "1,3e38", *SMALL,
        "--steps", "40", "--quiet", "--out", "a", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 4
    assert "failed: the loss is not finite at step 1" in done.stderr
    assert "1 of 2 members failed" in done.stderr
    status = tinyvae_here("sweep", "status", "a", cwd=tmp_path).stdout
    assert "1 done, 1 failed" in status
    assert "Lower the learning rate" in status


def interrupted(process: subprocess.Popen) -> str:
    """What an interrupted process said; it must end within a second or so."""
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=60)
    # a second, and what a busy machine adds
    assert time.monotonic() - started < 3
    assert process.returncode == 130
    assert "Traceback" not in talk
    return talk


@pytest.mark.slow
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_ctrl_c_while_it_compiles(more, tmp_path):
    process = begun(
        "sweep", "--size", "12", "--steps", "5000", "--out", "a", *more, cwd=tmp_path
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("measuring shape 1 of 1")
    time.sleep(0.5)
    assert "tinyvae: interrupted." in interrupted(process)
    again = tinyvae_here("sweep", "status", "a", cwd=tmp_path)
    assert again.returncode == 3  # nothing was planned


@pytest.mark.slow
def test_ctrl_c_ends_within_a_second_and_keeps_what_is_done(tmp_path):
    folder = tmp_path / "a"
    process = begun("sweep", "--seeds", "0:4", *LONG, "--out", folder, cwd=tmp_path)
    await_state(folder, "running")
    second = tinyvae("sweep", "--resume", "--out", folder, cwd=tmp_path)
    assert second.returncode == 3
    assert f"in use by another process (process {process.pid} of" in second.stderr
    status = json.loads(
        tinyvae_here("sweep", "status", folder, "--json", cwd=tmp_path).stdout
    )
    assert status["running"]
    assert status["members"]["running"] == 2
    talk = interrupted(process)
    assert "tinyvae: interrupted. What is done is kept. Continue with: " in talk
    status = tinyvae_here("sweep", "status", folder, cwd=tmp_path).stdout
    assert "2 interrupted; no process works on it" in status
    assert f"Continue with: tinyvae sweep --resume --out {folder}" in status


@pytest.mark.slow
@pytest.mark.parametrize("doing", ["measuring", "writing"])
def test_ctrl_c_while_it_measures_or_writes(doing, tmp_path):
    folder = tmp_path / "a"
    few = [*SMALL, "--steps", "50"]
    steps = few if doing == "measuring" else [*LONG, "--checkpoint-every", "0"]
    process = begun("sweep", "--seeds", "0:4", *steps, "--out", folder, cwd=tmp_path)

    def reached() -> bool:
        if doing == "writing":
            return bool(list(folder.glob("checkpoints/*.safetensors")))
        return has_ledger(folder) and open_ledger(folder).counts()["done"] > 0

    end = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "What is done is kept. Continue with: " in interrupted(process)
    with open_ledger(folder) as ledger:
        assert sum(ledger.counts().values()) == 4


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that work in a folder, but not of Python's own."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            environment = (path / "environ").read_bytes()
        except OSError:
            continue
        if f"TINYVAE_TEST={folder}".encode() in environment.split(b"\0"):
            found.append(b" ".join(words).decode())
    return found


@pytest.mark.slow
def test_a_sweep_on_a_cluster_of_its_own_is_interrupted_and_continues(
    tmp_path, monkeypatch
):
    pytest.importorskip("ray")
    # Ray's processes have it too
    monkeypatch.setenv("TINYVAE_TEST", str(tmp_path))
    ray = ["--engine", "ray", "--out", "a", "--checkpoint-every", "0"]
    spec = ["--objective", "beta-vae", "--seeds", "0:1", *SMALL, "--together", "1"]
    process = begun("sweep", *spec, "--steps", "5000", *ray, cwd=tmp_path)
    await_state(tmp_path / "a", "running")
    assert any("raylet" in words for words in processes_of(tmp_path))
    assert "tinyvae: interrupted. What is done is kept." in interrupted(process)
    end = time.monotonic() + 10
    while processes_of(tmp_path) and time.monotonic() < end:
        time.sleep(0.1)
    assert processes_of(tmp_path) == []
    done = tinyvae("sweep", "--resume", "--quiet", "--json", *ray, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert tv.load_sweep(tmp_path / "a")["state"] == ["done"]
    assert processes_of(tmp_path) == []


def test_a_corner_with_a_comma_is_one_corner():
    options = {"world": "held-out-corners", "corners": "high radius, low x"}
    spec = asked_spec(None, None, [], "0:2", options)
    assert spec is not None
    (world,) = spec.blocks[0].worlds
    assert world == tv.HeldOutCorners(corners=("high radius, low x",))


def test_options_of_a_sweep_that_continues_change_the_spec_it_began_with(tmp_path):
    begun = tinyvae(
        "sweep", "--objective", "beta-vae", "--beta", "4", *SMALL, "--steps", "20",
        "--out", "a", cwd=tmp_path,
    )  # fmt: skip
    assert begun.returncode == 0, begun.stderr
    done = tinyvae("sweep", "--out", "a", "--resume", "--steps", "30", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    line = "adds 1 member: 8x8 circles; beta-VAE 4; fully connected, 16-8, "
    assert line in done.stderr
    assert done.stderr.index(line) < done.stderr.index("2 of 2 members done")
    table = tv.load_sweep(tmp_path / "a")
    first, second = table[0], table[1]
    changed = {name for name in first if first[name] != second[name]}
    settings = {name for name in changed if name.partition(".")[0] in PLACES}
    assert settings == {"training.steps"}
    again = asked_spec(None, None, [], None, {"steps": "30"}, tmp_path / "a")
    assert again is not None
    members = members_of(again.configs(), Worlds())
    (line,) = lines_on_added(tmp_path / "a", members)
    assert line == "adds no member: 1 member there already"


def test_blocks_and_lists_of_a_begun_sweep_are_changed_as_those_of_a_spec(tmp_path):
    spec = {
        "seeds": [0],
        "sweep": [
            {"objective": {"kind": "beta-vae", "beta": [2, 4]}},
            {"objective": "vae", "seeds": [5]},
        ],
        "changes": {"world": {"kind": "circles", "size": 8}},
    }
    make_ledger(tmp_path, spec)
    found = asked_spec(None, None, ["members=1"], "0:2", {"steps": "9"}, tmp_path)
    assert found is not None
    configs = list(found.configs())
    assert [one.seed for one in configs] == [0, 1] * 3
    assert {one.training.steps for one in configs} == {9}
    assert {one.world for one in configs} == {tv.Circles(8)}
    assert {one.members for one in configs} == {1}
    assert asked_spec(None, None, [], None, {}, tmp_path) is None


@pytest.mark.parametrize("spec", [None, {"search": {}}])
def test_a_sweep_that_records_no_spec_takes_no_options(spec, tmp_path):
    make_ledger(tmp_path, spec)
    with pytest.raises(ConfigError, match="Give the whole spec with --resume"):
        asked_spec(None, None, [], "0:2", {}, tmp_path)


def test_set_holds_for_the_objectives_that_have_it_and_lists_numbers():
    def betas(*assignments, objective="vae,beta-vae"):
        spec = asked_spec(None, None, [*assignments], None, {"objective": objective})
        assert spec is not None
        return [getattr(config.objective, "beta", None) for config in spec.configs()]

    for text in ("objective.beta=2,4", "objective.beta=[2, 4]"):
        assert betas(text) == [None, 2, 4]
        assert betas(text, objective="beta-vae") == [2, 4]
    with pytest.raises(ConfigError, match=r"unknown setting 'objective\.bta'.*'beta'"):
        betas("objective.bta=2")
    with pytest.raises(ConfigError, match="but vae or dip-vae-i has no beta"):
        betas("objective.beta=2", objective="vae,dip-vae-i")
