"""What every tracker is told, whether it works or fails."""

import json
import socket
import sys
from dataclasses import replace

import pytest

import tinyvae as tv
from tinyvae.answer import Answer
from tinyvae.errors import ConfigError
from tinyvae.interop.mlflow import MLflow
from tinyvae.interop.tensorboard import TensorBoard
from tinyvae.interop.trackers import named_trackers
from tinyvae.runs.checkpoints import MemberResult
from tinyvae.runs.guard import LONGEST_FAULT, fault
from tinyvae.runs.tracker import About, Outcome, Told, row_values, told_rows
from tinyvae.runs.tracking import Follower, listed_trackers
from tinyvae.training.history import HistoryRow, PenaltyRow
from tracked_runs import CONFIG, continued_run, interrupted_run


def row(step: int, member: int = 0) -> HistoryRow:
    return HistoryRow(step, member, float(step), -float(step), -9.0, (1.0, 2.0), 1.0)


class Notebook:
    """A tracker that fails at some of its calls, counted from 0."""

    def __init__(self, failing: tuple[int, ...] = ()) -> None:
        self.name, self.failing, self.calls = "notebook:here", failing, 0
        self.id, self.abouts = "first page", []
        self.lines, self.outcomes, self.ends = [], [], []

    def call(self) -> None:
        self.calls += 1
        if self.calls - 1 in self.failing:
            raise OSError("no pencil\nis left")

    def open(self, about):
        self.call()
        self.abouts.append(about)
        self.lines, self.outcomes, self.ends = [], [], []
        return self

    def log(self, rows):
        self.call()
        self.lines += rows

    def conclude(self, outcome):
        self.call()
        self.outcomes.append(outcome)

    def close(self, end, reason=""):
        self.call()
        self.ends.append((end, reason))


def test_rows_of_rivals_come_before_all_rows_of_the_one_that_is_kept():
    early = [row(10, 0), row(10, 1)]
    assert told_rows(early, (), several=True) == [Told(one, False) for one in early]
    chosen = (MemberResult(0, False, 2.0, None), MemberResult(1, True, 1.0, None))
    later = [*early, row(20, 1)]
    told = told_rows(later, chosen, several=True)
    assert told[:2] == told_rows(early, (), several=True)
    assert told[2:] == [Told(row(10, 1), True), Told(row(20, 1), True)]
    alone = [row(10), row(20)]
    assert told_rows(alone, (), several=False) == [Told(one, True) for one in alone]


def test_a_row_has_a_value_for_each_of_its_terms():
    penalties = (PenaltyRow("total correlation", 0.5, 6.0),)
    values = dict(row_values(row(10)._replace(penalties=penalties)))
    assert values == {
        "loss": 10.0, "elbo": -10.0, "reconstruction": -9.0, "kl/total": 3.0,
        "kl/z0": 1.0, "kl/z1": 2.0, "weight/kl": 1.0,
        "penalty/total_correlation": 0.5, "weight/total_correlation": 6.0,
    }  # fmt: skip


@pytest.mark.parametrize("failing", [(), (0,), (1,), (2,), (3,), (4,)])
def test_a_tracker_that_comes_back_is_told_everything_at_the_end(failing):
    notebook, said, ids = Notebook(failing), [], {}
    about = About("a run", {"seed": 0})
    follower = Follower(notebook, about, said.append, ids.__setitem__)
    follower.log([Told(row(10), True)])
    follower.log([Told(row(20), True)])
    outcome = Outcome(20, object.__new__(Answer))
    follower.conclude(outcome)
    follower.close("finished")
    assert [told.row.step for told in notebook.lines] == [10, 20]
    assert notebook.outcomes == [outcome]
    assert ("finished", "") in notebook.ends
    assert ids == {"notebook:here": "first page"}
    if failing and failing[0] > 0:  # the second opening goes on with the first
        assert [one.before for one in notebook.abouts] == [None, "first page"]
    assert said == [] or said == [
        "notebook:here failed: no pencil is left. Training goes on without it; at the "
        "end it is told everything again."
    ]


@pytest.mark.slow
def test_a_tracker_that_fails_loses_nothing_of_the_training(tmp_path):
    said = []
    broken, sound = Notebook(tuple(range(99))), Notebook()
    trackers = [broken, sound]
    run = tv.run_experiment(CONFIG, trackers=trackers, warn=said.append)
    plain = tv.run_experiment(CONFIG)
    assert run.history == plain.history
    assert run.answer.to_json() == plain.answer.to_json()
    assert [text.partition(" failed: ")[0] for text in said] == ["notebook:here"] * 2
    assert said[1].endswith(
        "It has the results in part, or not at all; all are kept elsewhere. The same "
        "command with --resume tells it the rest."
    )
    assert sound.lines == told_rows(run.history, run.members, several=True)
    assert sound.ends == [("finished", "")]
    assert sound.outcomes[0].run.vae is run.vae
    assert sound.abouts[0].settings["objective"]["kind"] == "coarse-to-fine"
    assert sound.abouts[0].name == "circles-coarse-to-fine-seed0"
    # in Python without `warn`, it is a warning of Python
    expected = "notebook:here failed: no pencil is left"
    with pytest.warns(UserWarning, match=expected) as caught:
        tv.track_run(run, [Notebook((1,))])
    assert caught[0].filename == __file__  # the line that called tinyvae


def test_an_interrupted_run_goes_on_in_the_same_place(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    before, after = Notebook(), Notebook()
    interrupted_run(folder, [before])
    assert before.ends == [("interrupted", "")]
    assert before.abouts[0].folder == folder
    run = continued_run(folder, [after])
    assert (after.abouts[0].name, after.abouts[0].before) == ("mine", "first page")
    assert after.lines == told_rows(run.history, run.members, several=True)
    assert after.lines[: len(before.lines)] == before.lines
    tracked = json.loads((folder / "tracked.json").read_text())
    assert tracked == {"format": 2, "runs": {"notebook:here": "first page"}}


def test_a_failed_run_says_why(tmp_path):
    notebook = Notebook()
    training = tv.TrainingConfig(steps=60, batch_size=16, learning_rate=1e30)
    wild = replace(CONFIG, training=training, members=1)
    with pytest.raises(ArithmeticError) as error:
        tv.run_experiment(wild, trackers=[notebook])
    assert notebook.ends == [("failed", str(error.value))]


def test_a_tracker_may_stand_alone():
    notebook = Notebook()
    assert listed_trackers(notebook) == listed_trackers([notebook]) == (notebook,)
    with pytest.raises(ConfigError, match=r"got 'mlflow'\.$"):
        listed_trackers("mlflow")
    with pytest.raises(ConfigError, match=r"got <class .*Notebook'>\.$"):
        listed_trackers(Notebook)


def test_trackers_have_names():
    found = named_trackers(["tensorboard", "mlflow", "mlflow:http://me:pw@host:5000"])
    assert [tracker.name.rpartition("/")[2] for tracker in found] == [
        "logs", "mlflow", "host:5000"
    ]  # fmt: skip
    assert found[2].name == "mlflow:http://host:5000"
    assert found[1:] == (MLflow(), MLflow("http://me:pw@host:5000"))
    quiet = named_trackers(["tensorboard:./a", "tensorboard:a"], pictures=False)
    assert quiet == (TensorBoard("a", pictures=False),)
    with pytest.raises(ConfigError, match="mlflow or mlflow:URI, got 'wandb'"):
        named_trackers(["wandb"])
    with pytest.raises(ConfigError, match="a folder of this machine .* got s3://a"):
        named_trackers(["tensorboard:s3://a"])
    with pytest.raises(ConfigError, match="expected a list such as .* got 'mlflow'"):
        listed_trackers(["mlflow"])


@pytest.mark.parametrize(
    ("name", "package"), [("tensorboard", "tensorboardX"), ("mlflow", "mlflow")]
)
def test_a_missing_package_is_named_with_its_extra(monkeypatch, name, package):
    monkeypatch.setitem(sys.modules, package, None)
    expected = rf"needs the package {package}, .* pip install 'tinyvae\[{name}\]'"
    with pytest.raises(ConfigError, match=expected):
        named_trackers([name])


def test_a_fault_is_one_sentence_and_says_where_it_is_cut():
    assert fault(ValueError("one\n two.")) == "one two."
    assert fault(ValueError()) == "ValueError."
    assert fault(ValueError("at http://me:pw@host/a.")) == "at http://host/a."
    assert fault(ValueError("x" * 999)) == "x" * (LONGEST_FAULT - 1) + "…"


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (TimeoutError("timed out"), "timed out"),
        (TimeoutError(), "no answer in time"),
    ],
)
def test_a_server_that_cannot_be_reached_is_named(cause, why):
    at = "API request to http://me:pw@host:5000/api failed"
    for text, server in (at, "the server at http://host:5000"), ("", "the server"):
        error = ValueError(text)
        error.__context__ = OSError("Max retries exceeded")
        error.__context__.__context__ = cause
        assert fault(error) == (
            f"{server} cannot be reached ({why}). Check its address, and that it runs."
        )


@pytest.mark.parametrize("uri", ["files", "mydb.db", "./runs", "file:///data/runs"])
def test_a_folder_is_refused_as_mlflow_refuses_it(monkeypatch, uri):
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    expected = f"got '{uri}', which MLflow .* Use mlflow:sqlite:///mlflow.db"
    with pytest.raises(ConfigError, match=expected):
        named_trackers([f"mlflow:{uri}"])
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(ConfigError, match=expected):
        MLflow()
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    assert MLflow().uri is None


@pytest.mark.parametrize("uri", ["sqlite:///a.db", "https://host", "databricks", None])
def test_servers_and_databases_are_taken(monkeypatch, uri):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert MLflow(uri).uri == uri
