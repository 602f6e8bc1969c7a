"""What the models of a page are called, so that a person can tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from tinyvae.knowledge import told_in_brackets
from tinyvae.models.told import told_to
from tinyvae.objectives.naming import objective_name, setting_text
from tinyvae.runs.run import Run


def names_of(runs: Sequence[Run]) -> list[str]:
    """A name for each run, all different.

    Objective, layout and seed; behind them, where two would be the same, the settings
    in which they differ, or else their folders, or else their places in the list.
    """
    names = [_short_name(run, runs) for run in runs]
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


def _short_name(run: Run, runs: Sequence[Run]) -> str:
    """The objective, its settings that are not the default, world, layout and seed."""
    several = len({other.world.kind for other in runs}) > 1
    world = f", {run.world.kind}" if several else ""
    layout = getattr(run.world, "layout", "margin")
    layout = "" if layout == "margin" else f", {layout}"
    config = run.config
    told = told_in_brackets(told_to(config.network))
    name = f"{objective_name(config.objective)}{told}"
    return f"{name}{world}{layout}, seed {config.seed}"


def _of_name(name: str, names: list[str], runs: Sequence[Run]) -> list[Run]:
    return [run for other, run in zip(names, runs, strict=True) if other == name]


def _differing_settings(run: Run, others: list[Run]) -> str:
    """The settings in which runs of one name differ, such as ", latents 5"."""
    mine = settings_of(run.config)
    theirs = [settings_of(other.config) for other in others]
    return "".join(
        f", {key.rpartition('.')[2].replace('_', ' ')} {_short(value)}"
        for key, value in mine.items()
        if any(other.get(key) != value for other in theirs)
    )


def settings_of(config: Any, prefix: str = "") -> dict[str, Any]:
    """Nested settings as one level of dotted names."""
    found: dict[str, Any] = {}
    for entry in fields(config):
        value = getattr(config, entry.name)
        if not entry.repr:
            continue
        if is_dataclass(value):
            found |= settings_of(value, f"{prefix}{entry.name}.")
        else:
            found[prefix + entry.name] = value
    return found


def _short(value: Any) -> str:
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return setting_text(value)


def _folder(run: Run, others: list[Run]) -> str | None:
    """The folder's name, or its whole path, where that is the run's alone."""
    folders = [other.folder for other in others]
    if run.folder is None or folders.count(run.folder) > 1:
        return None
    same_name = [
        folder for folder in folders if folder and folder.name == run.folder.name
    ]
    return run.folder.name if len(same_name) == 1 else str(run.folder)
