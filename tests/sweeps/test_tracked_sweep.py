"""Sweeps in trackers: each member is a run, below the run of the sweep."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tinyvae as tv
from made_sweeps import NETWORK, TRAINING, WORLD, MadeEngine, one_run
from tinyvae.interop.mlflow import ENVIRONMENT
from tinyvae.runs.tracker import row_values

os.environ |= ENVIRONMENT
from mlflow.entities import Run  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402


@pytest.fixture(scope="module")
def run() -> tv.Run:
    return one_run()


def made(folder: Path, run: tv.Run, stop_after: int | None = None, **more):
    """A sweep of four members, one of which fails."""
    engine = MadeEngine(
        run, lambda config: None if config.seed == 1 else 0.97, stop_after=stop_after
    )
    return tv.sweep(
        out=folder,
        objectives=[tv.ELBO()],
        worlds=[WORLD],
        networks=[NETWORK],
        trainings=[TRAINING],
        members=[1],
        seeds=range(4),
        together=4,
        engine=engine,
        **more,
    )


def logged(client: MlflowClient) -> tuple[Run, list[Run]]:
    """The run of the sweep, and those of its members."""
    found = client.get_experiment_by_name("tinyvae")
    assert found is not None
    runs = client.search_runs([found.experiment_id])
    parents = [one for one in runs if "mlflow.parentRunId" not in one.data.tags]
    (parent,) = parents
    members = [one for one in runs if one is not parent]
    assert {one.data.tags["mlflow.parentRunId"] for one in members} == {
        parent.info.run_id
    } or not members
    return parent, members


def test_each_member_of_a_sweep_is_a_run_of_mlflow_once(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    client = MlflowClient(uri := f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "a", run, stop_after=2, trackers=[tv.MLflow(uri)])
    parent, members = logged(client)
    assert (parent.info.run_name, parent.info.status) == ("a", "KILLED")
    assert Counter(one.info.status for one in members) == {"FINISHED": 1, "FAILED": 1}

    made(tmp_path / "a", run, resume=True, trackers=[tv.MLflow(uri)])
    again, members = logged(client)
    assert again.info.run_id == parent.info.run_id
    assert again.info.status == "FINISHED"
    assert Counter(one.info.status for one in members) == {"FINISHED": 3, "FAILED": 1}
    (failed,) = [one for one in members if one.info.status == "FAILED"]
    assert failed.data.tags["tinyvae.reason"] == "the loss is not finite"
    assert sorted(one.data.params["seed"] for one in members) == ["0", "1", "2", "3"]
    table = tv.load_sweep(tmp_path / "a")
    assert {one.data.tags["tinyvae.identity"] for one in members} == {
        str(identity) for identity in table["identity"]
    }
    for one in members:
        if one is failed:
            continue
        assert one.data.metrics["share/radius"] == pytest.approx(0.97)
        assert one.data.metrics["score/mig_nearest"] == pytest.approx(0.97**2)
        losses = client.get_metric_history(one.info.run_id, "loss")
        assert [(m.step, m.value) for m in losses] == [
            (row.step, row.loss) for row in run.history
        ]


def test_a_finished_sweep_can_be_shown_in_tensorboard_later(tmp_path, run):
    made(tmp_path / "a", run)
    for _ in range(2):  # a second time changes nothing
        made(
            tmp_path / "a", run, resume=True, trackers=[tv.TensorBoard(tmp_path / "t")]
        )
    folders = sorted((tmp_path / "t" / "a").iterdir())
    assert [path.name.split("-")[:3] for path in folders] == [
        ["circles", "vae", f"seed{seed}"] for seed in range(4)
    ]
    sizes = [[path.stat().st_size for path in f.glob("events.*")] for f in folders]
    assert [sum(size > 0 for size in each) for each in sizes] == [1] * 4
    reader = EventAccumulator(str(folders[0]), size_guidance={"scalars": 0})
    reader.Reload()
    expected = [
        (row.step, float(np.float32(value)))
        for row in run.history
        for name, value in row_values(row)
        if name == "kl/z2"
    ]
    assert [(e.step, e.value) for e in reader.Scalars("kl/z2")] == expected
    (share,) = reader.Scalars("share/radius")
    assert share.value == pytest.approx(0.97)


class Forgetful:
    """A tracker that fails when it is given its second member, once."""

    name, id = "forgetful", "1"

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.opened = 0

    def open(self, about):
        self.opened += 1
        if self.opened == 3:
            raise OSError("who are you?")
        if about.is_sweep:
            self.seen.clear()
        self.seen.append(about.name.split("-")[0])
        return self

    def log(self, rows):
        pass

    def conclude(self, outcome):
        assert outcome.run is None

    def close(self, end, reason=""):
        self.seen.append(end)


def test_a_tracker_that_fails_has_the_whole_sweep_at_its_end(tmp_path, run):
    tracker = Forgetful()
    with pytest.warns(UserWarning, match=r"forgetful failed: who are you\?"):
        table = made(tmp_path / "sweep", run, trackers=[tracker])
    assert [row["state"] for row in table].count("done") == 3
    assert tracker.seen == ["sweep", *["circles", "finished"] * 3, "circles", "failed",
                            "finished"]  # fmt: skip
