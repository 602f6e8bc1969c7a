"""Trackers by the names that `--track` takes."""

from __future__ import annotations

from collections.abc import Sequence

from tinyvae.errors import ConfigError
from tinyvae.interop.mlflow import MLflow
from tinyvae.interop.tensorboard import FOLDER, TensorBoard
from tinyvae.runs.tracker import Tracker


def named_trackers(
    names: Sequence[str] | None, *, pictures: bool = True
) -> tuple[Tracker, ...]:
    """The trackers of names such as tensorboard:logs, each once.

    Raises: ConfigError on another name, or if its package is not installed.
    """
    found = [named_tracker(name, pictures) for name in names or ()]
    return tuple({tracker.name: tracker for tracker in found}.values())


def named_tracker(name: str, pictures: bool = True) -> Tracker:
    """The tracker of a name: its kind, a colon, and the folder or URI.

    Raises: ConfigError on another name, or if its package is not installed.
    """
    kind, _, place = name.partition(":")
    if kind == "tensorboard":
        return TensorBoard(place or FOLDER, pictures=pictures)
    if kind == "mlflow":
        return MLflow(place or None, pictures=pictures)
    raise ConfigError(
        "--track: expected tensorboard, tensorboard:FOLDER, mlflow or mlflow:URI, "
        f"got {name!r}."
    )
