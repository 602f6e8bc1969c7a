"""Shows runs in MLflow: `tinyvae.MLflow`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tinyvae.errors import ConfigError
from tinyvae.extras import check_installed
from tinyvae.runs.tracker import About, TrackedRun

EXPERIMENT = "tinyvae"
# what holds for MLflow in this process, unless the environment says otherwise
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # it would tell its makers of each use
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # of 7, for which training would wait
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",  # seconds
}
ALLOWED = "MLFLOW_ALLOW_FILE_STORE"  # MLflow writes to folders where this is true
NAMED = ("databricks", "databricks-uc", "uc")  # URIs that look like folders


@dataclass(frozen=True)
class MLflow:
    """Logs runs to MLflow: a server, or a database on this machine.

    A run that is continued goes on as the same run of MLflow. Members of a sweep are
    runs below the run of the sweep. MLflow sends its makers no telemetry, unless
    MLFLOW_DISABLE_TELEMETRY is false, or the program has imported mlflow before.

    Args:
        uri: such as http://host:5000 or sqlite:///mlflow.db; by default that of
            MLFLOW_TRACKING_URI, or MLflow's own, sqlite:///mlflow.db.
        experiment: made if it does not exist; by default that of
            MLFLOW_EXPERIMENT_NAME, or tinyvae.
        pictures: whether traversals, reconstructions and the answer are drawn as well.

    Raises: ConfigError if mlflow is not installed, or of a folder.
    """

    uri: str | None = None
    experiment: str | None = None
    pictures: bool = True

    def __post_init__(self):
        check_installed("mlflow", "MLflow", "mlflow")
        check_no_folder(self.uri or os.environ.get("MLFLOW_TRACKING_URI", ""))

    @property
    def name(self) -> str:
        """The kind and the place, without a password."""
        place = re.sub(r"//[^/@]*@", "//", self.uri or "")
        return f"mlflow:{place}" if place else "mlflow"

    def open(self, about: About) -> TrackedRun | None:
        """Begin a run or go on with it; None if this member has finished there.

        Raises: MlflowException or others, if the server or the database fails;
        ConfigError if MLflow's own default is a folder.
        """
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        from mlflow.tracking import get_tracking_uri

        from tinyvae.interop.mlflow_run import opened_run

        check_no_folder(self.uri or get_tracking_uri())
        experiment = self.experiment or os.environ.get("MLFLOW_EXPERIMENT_NAME")
        return opened_run(self.uri, experiment or EXPERIMENT, about, self.pictures)


def check_no_folder(uri: str) -> None:
    """Refuse a folder, to which MLflow no longer writes; nothing is none.

    Raises: ConfigError that says what to use instead.
    """
    folder = uri and uri not in NAMED and urlsplit(uri).scheme in ("", "file")
    if folder and os.environ.get(ALLOWED, "").lower() not in ("true", "1"):
        raise ConfigError(
            f"expected a server or a database of MLflow, got {uri!r}, which MLflow "
            "takes for a folder, and it no longer writes to folders. Use "
            'mlflow:sqlite:///mlflow.db, in Python tv.MLflow("sqlite:///mlflow.db").'
        )
