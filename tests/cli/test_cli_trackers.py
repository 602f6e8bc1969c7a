"""`--track` of train and sweep, as processes."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from typer.testing import CliRunner

from quick_compilation import QUICKLY
from tinyvae.cli.commands import app

SMALL = [
    "--size", "8", "--hidden", "8", "--steps", "20", "--batch-size", "16",
    "--members", "1",
]  # fmt: skip


def tinyvae(*arguments, cwd: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tinyvae", *arguments],
        cwd=cwd,
        env=os.environ | QUICKLY | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.parametrize("command", [["train"], ["sweep"], ["sweep", "search"]])
@pytest.mark.parametrize(
    ("tracker", "said"),
    [
        ("wandb", "--track: expected tensorboard, tensorboard:FOLDER, mlflow"),
        ("mlflow:files", "Use mlflow:sqlite:///mlflow.db"),
    ],
)
def test_a_tracker_that_cannot_be_is_refused_before_anything_is_written(
    command, tracker, said, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={"COLUMNS": None})
    done = runner.invoke(app, [*command, "--track", tracker])
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_train_shows_a_run_and_one_that_has_ended(tmp_path):
    track = ["--track", "tensorboard", "--track", "mlflow:sqlite:///m.db"]
    done = tinyvae(
        "train", *SMALL, *track, "--no-pictures", "--out", "run", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stderr
    with closing(sqlite3.connect(tmp_path / "m.db")) as database:
        query = "SELECT name, status FROM runs"
        assert database.execute(query).fetchall() == [("run", "FINISHED")]
        query = "SELECT COUNT(*) FROM metrics WHERE key = 'loss'"
        assert database.execute(query).fetchone() == (20,)
    tracked = json.loads((tmp_path / "run" / "tracked.json").read_text())["runs"]
    assert list(tracked) == [
        f"tensorboard:{tmp_path / 'logs'}",
        "mlflow:sqlite:///m.db",
    ]
    later = ["--resume", "--out", "run", "--no-pictures", "--track", "tensorboard:b"]
    done = tinyvae("train", *later, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    losses = []
    for folder in ("logs", "b"):
        reader = EventAccumulator(str(tmp_path / folder / "run"))
        reader.Reload()
        losses.append([(e.step, e.value) for e in reader.Scalars("loss")])
    assert losses[0] == losses[1]
    assert len(losses[0]) == 20
