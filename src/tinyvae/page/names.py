"""What the models of a page are called, so that a person can tell them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyvae.runs.config import config_to_json
from tinyvae.runs.run import Run

OBJECTIVES = {"vae": "plain VAE", "beta-vae": "beta-VAE", "annealed-tc": "recipe"}


def names_of(runs: Sequence[Run]) -> list[str]:
    """A name for each run, all different.

    Objective, layout and seed; behind them, where two would be the same, the settings
    in which they differ, or else their folders, or else their places in the list.
    """
    names = [_short_name(run) for run in runs]
    names = [
        name + _differing_settings(run, _of_name(name, names, runs))
        for name, run in zip(names, runs, strict=True)
    ]
    return [
        name
        if names.count(name) == 1
        else f"{name} ({_folder(run, _of_name(name, names, runs)) or place})"
        for place, (name, run) in enumerate(zip(names, runs, strict=True), start=1)
    ]


def _short_name(run: Run) -> str:
    objective = run.config.objective
    beta = f" {objective.beta:g}" if objective.kind == "beta-vae" else ""
    layout = "" if run.world.layout == "margin" else f", {run.world.layout}"
    return f"{OBJECTIVES[objective.kind]}{beta}{layout}, seed {run.config.seed}"


def _of_name(name: str, names: list[str], runs: Sequence[Run]) -> list[Run]:
    return [run for other, run in zip(names, runs, strict=True) if other == name]


def _differing_settings(run: Run, others: list[Run]) -> str:
    """The settings in which runs of one name differ, such as ", latents 5"."""
    mine = _settings(config_to_json(run.config))
    theirs = [_settings(config_to_json(other.config)) for other in others]
    return "".join(
        f", {key.rpartition('.')[2].replace('_', ' ')} {value}"
        for key, value in mine.items()
        if any(other.get(key) != value for other in theirs)
    )


def _settings(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as one level of dotted names."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            found |= _settings(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def _folder(run: Run, others: list[Run]) -> str | None:
    """The folder's name, or its whole path, where that is the run's alone."""
    folders = [other.folder for other in others]
    if run.folder is None or folders.count(run.folder) > 1:
        return None
    same_name = [
        folder for folder in folders if folder and folder.name == run.folder.name
    ]
    return run.folder.name if len(same_name) == 1 else str(run.folder)
