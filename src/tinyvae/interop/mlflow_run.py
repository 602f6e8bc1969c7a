"""One run of MLflow: parameters, metrics, tags and artifacts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from tinyvae.interop.tracked_pictures import tracked_pictures
from tinyvae.runs.tracker import (
    About,
    End,
    Outcome,
    Told,
    TrackedRun,
    defined,
    flat_settings,
    outcome_values,
    row_values,
)

STATUS: dict[End, str] = {
    "finished": "FINISHED",
    "failed": "FAILED",
    "interrupted": "KILLED",
}
PARENT, NOTE = "mlflow.parentRunId", "mlflow.note.content"
IDENTITY = "tinyvae.identity"  # of a member of a sweep
MOST_METRICS, MOST_PARAMS = 1000, 100  # that MLflow takes at once
LONGEST_PARAM, LONGEST_TAG = 6000, 8000  # letters


class MlflowRun:
    """A run of MLflow that is open."""

    def __init__(self, client: MlflowClient, run: Run, about: About, pictures: bool):
        self.client, self.experiment = client, run.info.experiment_id
        self.id = run.info.run_id
        self._pictures = pictures
        # metrics and steps that are there already
        self._there = {
            (name, metric.step)
            for name in run.data.metrics
            for metric in client.get_metric_history(self.id, name)
        }
        self._log_params(about, set(run.data.params))

    def log(self, rows: Sequence[Told]) -> None:
        """Log the values of rows as metrics, each once."""
        now, metrics = milliseconds(), []
        for row, kept in rows:
            prefix = "" if kept else f"member{row.member}/"
            metrics += [
                Metric(prefix + name, value, now, row.step)
                for name, value in row_values(row)
            ]
        self._log_metrics(metrics)

    def conclude(self, outcome: Outcome) -> None:
        """Log answer and scores, and the answer and pictures as artifacts."""
        now, answer = milliseconds(), outcome.answer
        self._log_metrics(
            Metric(name, value, now, outcome.step)
            for name, value in defined(outcome_values(outcome))
        )
        note = "\n\n".join([f"**{answer.verdict}**", *answer.sentences])
        tags = {NOTE: note, "tinyvae.verdict": answer.verdict}
        self.client.log_batch(self.id, tags=run_tags(tags))
        self.client.log_dict(self.id, answer.to_json(), "answer.json")
        self.client.log_text(self.id, f"{answer}\n", "answer.txt")
        if self._pictures and outcome.run is not None:
            with TemporaryDirectory() as scratch:
                for name, png in tracked_pictures(outcome.run).items():
                    (Path(scratch) / f"{name}.png").write_bytes(png)
                self.client.log_artifacts(self.id, scratch, "pictures")

    def close(self, end: End, reason: str = "") -> None:
        """Say that the run is finished, failed or killed."""
        if reason:
            self.client.log_batch(self.id, tags=run_tags({"tinyvae.reason": reason}))
        self.client.set_terminated(self.id, STATUS[end])

    @cached_property
    def members(self) -> dict[str, Run]:
        """The members of this sweep that are there, by identity."""
        found: dict[str, Run] = {}
        token = None
        while True:
            page = self.client.search_runs(
                [self.experiment],
                f"tags.{PARENT} = '{self.id}'",
                max_results=MOST_METRICS,
                page_token=token,
            )
            found |= {run.data.tags.get(IDENTITY, ""): run for run in page}
            token = page.token
            if not token:
                return found

    def _log_params(self, about: About, there: set[str]) -> None:
        params = [
            Param(name, str(value)[:LONGEST_PARAM])
            for name, value in flat_settings(about.settings).items()
            if name not in there
        ]
        for first in range(0, len(params), MOST_PARAMS):
            part = params[first : first + MOST_PARAMS]
            self.client.log_batch(self.id, params=part)

    def _log_metrics(self, metrics: Iterable[Metric]) -> None:
        new = [one for one in metrics if (one.key, one.step) not in self._there]
        for first in range(0, len(new), MOST_METRICS):
            part = new[first : first + MOST_METRICS]
            self.client.log_batch(self.id, metrics=part)
            self._there |= {(one.key, one.step) for one in part}


def opened_run(
    uri: str | None, experiment: str, about: About, pictures: bool
) -> TrackedRun | None:
    """A new run, or the former one; None if this member of a sweep has finished."""
    sweep = about.sweep
    if isinstance(sweep, MlflowRun):
        member = sweep.members.get(about.identity)
        if member is not None and member.info.status == STATUS["finished"]:
            return None
        client, number = sweep.client, sweep.experiment
        former = None if member is None else member.info.run_id
    else:
        client = MlflowClient(uri)
        number, former = experiment_id(client, experiment), about.before
    run = former_run(client, former)
    if run is None:
        run = client.create_run(number, run_name=about.name, tags=first_tags(about))
    return MlflowRun(client, run, about, pictures)


def former_run(client: MlflowClient, run_id: str | None) -> Run | None:
    """The run of this id, which trains again; None if it is there no more."""
    if run_id is None:
        return None
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    if run.info.lifecycle_stage == "deleted":
        return None
    client.update_run(run_id, "RUNNING")
    return run


def experiment_id(client: MlflowClient, name: str) -> str:
    """The id of the experiment of this name, which is made if there is none."""
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name)
        except MlflowException:  # another process may have made it
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return found.experiment_id


def first_tags(about: About) -> dict[str, str]:
    """The tags of a new run."""
    tags = {"tinyvae.version": version("tinyvae")}
    if about.folder is not None:
        tags["tinyvae.folder"] = str(about.folder)
    if about.sweep is not None:
        tags |= {PARENT: about.sweep.id, IDENTITY: about.identity}
    return {name: value[:LONGEST_TAG] for name, value in tags.items()}


def run_tags(tags: dict[str, str]) -> list[RunTag]:
    """Tags as MLflow takes them."""
    return [RunTag(name, value[:LONGEST_TAG]) for name, value in tags.items()]


def milliseconds() -> int:
    """The time, as MLflow counts it."""
    return int(time.time() * 1000)
