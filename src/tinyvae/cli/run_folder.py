"""Where a training run goes: a new folder, one to go on in, or one to replace."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

from tinyvae.cli.app import talk
from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.files.whole import make_folder
from tinyvae.runs.config import RunConfig
from tinyvae.runs.folder import load_config, remove_run, write_config
from tinyvae.worlds.world import KeepsPictures

RUNS = Path("runs")


def run_folder(
    config: RunConfig, out: Path | None, *, resume: bool, overwrite: bool
) -> tuple[Path, RunConfig]:
    """The folder of this run, made and holding its `config.json`; and its settings.

    The settings are those given, with own pictures as the folder keeps them.

    Raises: RunFolderError if another run is there, or it cannot be written.
    """
    if resume and overwrite:
        raise ConfigError(
            "expected --resume or --overwrite, got both: the one keeps what a run has "
            "done, the other removes it."
        )
    folder = out or default_folder(config, resume=resume, overwrite=overwrite)
    if (folder / "config.json").exists():
        if resume:
            check_same_run(config, folder)
        elif overwrite:
            remove_run(folder)
        else:
            raise RunFolderError(
                f"{folder} already holds a run. Choose another --out, go on with "
                "--resume, or replace it with --overwrite."
            )
    else:
        check_free(folder)
        if resume:
            talk(f"nothing to go on with in {folder}: starting anew.")
    make_folder(folder)
    return folder, write_config(config, folder)


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something else than a run.

    What a killed process left half written does not count, and is removed.

    Raises: RunFolderError if it is no folder, or not empty.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunFolderError(f"--out: expected a folder, got the file {folder}.")
    for part in folder.glob(".*.part"):
        part.unlink()
    if any(folder.iterdir()):
        raise RunFolderError(
            f"expected a new or empty folder, or one with a run, got {folder}, "
            "which holds something else. Choose another --out."
        )


def default_folder(config: RunConfig, *, resume: bool, overwrite: bool) -> Path:
    """`runs/WORLD-OBJECTIVE-seedN`, with a number behind it where that is taken."""
    name = f"{config.world.kind}-{config.objective.kind}-seed{config.seed}"
    taken = RUNS / name
    count = 1
    while (RUNS / next_name(name, count)).exists():
        taken = RUNS / next_name(name, count)
        count += 1
    return taken if resume or overwrite else RUNS / next_name(name, count)


def next_name(name: str, count: int) -> str:
    """The name, with a number from the second on."""
    return name if count == 1 else f"{name}-{count}"


def check_same_run(config: RunConfig, folder: Path) -> None:
    """Refuse to go on with a run of other settings, or of other pictures.

    Raises: ConfigError naming the first setting that differs, or the files.
    """
    before = load_config(folder)
    if before == config:
        return
    if isinstance(before.world, KeepsPictures):
        before.world.population()  # says which pictures are new, gone or changed
    for name in vars(config):
        old, new = getattr(before, name), getattr(config, name)
        if old == new:
            continue
        if is_dataclass(old) and type(old) is type(new):
            key = next(k.name for k in fields(old) if _differs(old, new, k.name))
            name, old, new = f"{name}.{key}", getattr(old, key), getattr(new, key)
        raise ConfigError(
            f"--resume: expected the settings of the run in {folder}, "
            f"where {name} is {old}, got {new}. Give the same options as before."
        )


def _differs(old: object, new: object, name: str) -> bool:
    return getattr(old, name) != getattr(new, name)
