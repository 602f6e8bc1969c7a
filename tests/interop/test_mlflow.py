"""Runs in MLflow's database, as its own client gives them back."""

import json
import math
import os
from contextlib import chdir
from pathlib import Path

import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.interop.mlflow import ENVIRONMENT
from tinyvae.runs.tracker import About, outcome_values, row_values, told_rows
from tinyvae.runs.tracking import outcome_of
from tracked_runs import continued_run, interrupted_run, killed_run

os.environ |= ENVIRONMENT
from mlflow.entities import Run  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow")
    with chdir(folder):  # where MLflow keeps artifacts of a local database
        yield f"sqlite:///{folder}/mlflow.db"


@pytest.fixture(scope="module")
def client(uri) -> MlflowClient:
    return MlflowClient(uri)


@pytest.fixture(scope="module")
def run(uri, tmp_path_factory) -> tv.Run:
    """A run that was killed, begun again, and finished."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    folder.mkdir()
    killed_run(folder, [tv.MLflow(uri, pictures=False)])
    return continued_run(folder, [tv.MLflow(uri)])


def logged(client: MlflowClient, experiment: str = "tinyvae") -> list[Run]:
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    return list(client.search_runs([found.experiment_id]))


def test_every_row_is_there_once(run, client):
    (found,) = [one for one in logged(client) if one.info.run_name == "small"]
    expected = {}
    for row, kept in told_rows(run.history, run.members, several=True):
        prefix = "" if kept else f"member{row.member}/"
        for name, value in row_values(row):
            expected[prefix + name, row.step] = [value]
    for name, value in outcome_values(outcome_of(run)):
        if math.isfinite(value):
            expected[name, 60] = [value]
    values = {}
    for name in found.data.metrics:
        for metric in client.get_metric_history(found.info.run_id, name):
            values.setdefault((name, metric.step), []).append(metric.value)
    assert values == expected


def test_settings_are_params_and_the_answer_is_the_description(run, client):
    (found,) = [one for one in logged(client) if one.info.run_name == "small"]
    assert found.info.status == "FINISHED"
    params, tags = found.data.params, found.data.tags
    assert params["training.steps"] == "60"
    assert params["objective.kind"] == "coarse-to-fine"
    assert params["network.hidden"] == "[8]"
    assert params["likelihood"] == "bernoulli"
    assert tags["tinyvae.folder"] == str(run.folder)
    assert tags["tinyvae.verdict"] == run.answer.verdict
    for sentence in run.answer.sentences:
        assert sentence in tags["mlflow.note.content"]


def test_pictures_and_the_answer_are_artifacts(run, client):
    (found,) = [one for one in logged(client) if one.info.run_name == "small"]
    number = found.info.run_id
    pictures = {one.path for one in client.list_artifacts(number, "pictures")}
    assert pictures == {
        "pictures/traversals.png", "pictures/reconstructions.png",
        "pictures/answer.png",
    }  # fmt: skip
    for path in pictures:
        content = Path(client.download_artifacts(number, path)).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
    answer = Path(client.download_artifacts(number, "answer.json")).read_text()
    assert json.loads(answer) == run.answer.to_json()


def test_an_interrupted_run_is_killed_and_a_finished_one_can_be_told_again(
    run, uri, client, tmp_path
):
    tracker = tv.MLflow(uri, "another experiment", pictures=False)
    interrupted_run(tmp_path, [tracker], step=10)
    (found,) = logged(client, "another experiment")
    assert found.info.status == "KILLED"
    before = client.get_metric_history(found.info.run_id, "member0/loss")
    tv.track_run(run, [tv.MLflow(uri, "another experiment", pictures=False)])
    assert before == client.get_metric_history(found.info.run_id, "member0/loss")


def test_a_run_that_was_deleted_in_mlflow_begins_anew(uri, client, tmp_path):
    tracker = tv.MLflow(uri, "a third experiment", pictures=False)
    interrupted_run(tmp_path, [tracker], step=10)
    (first,) = logged(client, "a third experiment")
    client.delete_run(first.info.run_id)
    interrupted_run(tmp_path, [tracker], step=20)
    (second,) = logged(client, "a third experiment")
    assert second.info.run_id != first.info.run_id


def test_a_server_that_is_away_loses_no_training(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    said = []
    run = tv.run_experiment(
        tv.RunConfig(
            tv.Circles(8, radius=(2, 3)),
            network=tv.FullyConnected((8,), latents=2),
            training=tv.TrainingConfig(steps=20, batch_size=16),
            members=1,
        ),
        trackers=[tv.MLflow("http://127.0.0.1:9")],
        warn=said.append,
    )
    assert len(run.history) == 20
    assert len(said) == 2
    for text in said:
        assert text.startswith(
            "mlflow:http://127.0.0.1:9 failed: the server at http://127.0.0.1:9 cannot "
            "be reached (Connection refused). Check its address, and that it runs. "
        )


def test_old_runs_in_a_folder_are_not_continued_there(monkeypatch, tmp_path):
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    (tmp_path / "mlruns" / "0" / "meta.yaml").write_text("")
    monkeypatch.chdir(tmp_path)  # MLflow's own default is now the folder mlruns
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(ConfigError, match="no longer writes to folders. Use mlflow:sq"):
        tv.MLflow().open(About("a run", {}))


def test_mlflow_sends_its_makers_nothing():
    from mlflow.telemetry import get_telemetry_client

    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert get_telemetry_client() is None
