"""The folder that keeps a run.

config.json          settings, in the form of the command line and TOML files
answer.json          which latent is which factor, for the selected member and for all
history.jsonl        terms of the objective, one row per record and member
model.safetensors    weights of the selected member
environment.json     versions, machine and times
pictures/            figures
checkpoint.safetensors   only while training is unfinished
tracked.json         where trackers show the run, if any do
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax

from tinyvae.answer import Answer
from tinyvae.errors import ConfigError, OwnClassError, RunFolderError
from tinyvae.files.whole import (
    FORMAT,
    PICTURE_FORMATS,
    make_folder,
    read_json,
    remove_file,
    write_json,
)
from tinyvae.runs.checkpoints import CHECKPOINT, MemberResult
from tinyvae.runs.config import RunConfig, config_from_mapping, config_to_json
from tinyvae.runs.opened import vae_of
from tinyvae.runs.run import Run
from tinyvae.runs.trees import read_history, read_tree, write_history, write_tree
from tinyvae.worlds.world import KeepsPictures

TRACKED = "tracked.json"
# every file that belongs to a run, except its pictures
RUN_FILES = (
    "answer.json",  # removed first and written last: it marks a finished run
    "config.json",
    "history.jsonl",
    "model.safetensors",
    "environment.json",
    CHECKPOINT,
    TRACKED,
)


def save_run(run: Run, folder: str | Path) -> None:
    """Write a finished run; `answer.json` comes last and marks it as finished.

    Raises: RunFolderError if the disk is full or not writable.
    """
    folder = Path(folder)
    make_folder(folder)
    write_config(run.config, folder)
    write_results(run, folder)
    remove_file(folder / CHECKPOINT)


def write_results(run: Run, folder: Path) -> None:
    """Write all of a finished run but its settings; `answer.json` comes last.

    Raises: RunFolderError if the disk is full or not writable.
    """
    write_tree(folder / "model.safetensors", run.vae)
    write_history(folder / "history.jsonl", run.history)
    write_json(folder / "environment.json", {**run.environment, "format": FORMAT})
    write_json(folder / "answer.json", {"format": FORMAT, **run.to_json()})


def write_config(config: RunConfig, folder: Path) -> RunConfig:
    """Write the settings of a run, and the files that its world must keep.

    Returns the settings that find the pictures again from the folder.

    Raises: RunFolderError if the disk is full or not writable.
    """
    if isinstance(config.world, KeepsPictures):
        config = replace(config, world=config.world.keep(folder))
    write_json(folder / "config.json", {"format": FORMAT, **config_to_json(config)})
    return config


def load_run(folder: str | Path) -> Run:
    """Read and check a finished run.

    Raises: RunFolderError if it is not a finished run, or if one of its files is
    damaged or does not fit the others.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunFolderError(
            f"expected the folder of a run, got {folder}, which is not a folder. "
            "`tinyvae train --out FOLDER` makes one."
        )
    return read_results(load_config(folder), folder)


def read_results(config: RunConfig, folder: Path) -> Run:
    """Read and check all of a finished run but its settings, which are given.

    Raises: RunFolderError as `load_run` does.
    """
    answer = read_json(folder / "answer.json")
    expected = jax.eval_shape(lambda: vae_of(config, key=jax.random.key(0)))
    try:
        members = tuple(MemberResult.from_json(entry) for entry in answer["members"])
        return Run(
            config,
            read_tree(folder / "model.safetensors", expected),
            Answer.from_json(answer),
            tuple(read_history(folder / "history.jsonl")),
            members,
            read_json(folder / "environment.json"),
            answer["test"],
            folder,
        )
    except RunFolderError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{folder / 'answer.json'} is damaged: {_fault(error)}. "
            "Train again, or copy the run again from its source."
        ) from None


def _fault(error: Exception) -> str:
    text = f"no entry {error}" if isinstance(error, KeyError) else str(error)
    return text.removesuffix(".")


def kinds_of(config: RunConfig) -> str:
    """`WORLD-OBJECTIVE`, as the name of a folder; classes of your own by their name."""
    kinds = (config.world.kind, config.objective.kind)
    return "-".join(kind.rpartition(":")[2] for kind in kinds)


def load_config(folder: Path) -> RunConfig:
    """The settings of a run, finished or not.

    Raises: RunFolderError if there are none, or they are damaged.
    """
    settings = read_json(folder / "config.json")
    if settings.pop("format") == 1:  # had only one likelihood
        settings = {**settings, "likelihood": "bernoulli"}
    try:
        config = config_from_mapping(settings)
    except OwnClassError as error:
        raise RunFolderError(f"{folder / 'config.json'}: {error}") from None
    except ConfigError as error:
        raise RunFolderError(f"{folder / 'config.json'} is damaged: {error}") from None
    if isinstance(config.world, KeepsPictures):
        config = replace(config, world=config.world.resolved(folder))
    return config


def remove_run(folder: Path) -> None:
    """Remove the files and the pictures of a run, and nothing else."""
    for name in RUN_FILES:
        remove_file(folder / name)
    for picture_format in PICTURE_FORMATS:
        for picture in (folder / "pictures").glob(f"*.{picture_format}"):
            remove_file(picture)
    remove_file(folder / "page.html")
