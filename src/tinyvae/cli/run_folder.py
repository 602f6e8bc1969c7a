"""The folder of a training run: new, continued or replaced."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

from tinyvae.cli.app import talk
from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.files.whole import make_folder, remove_file
from tinyvae.runs.config import RunConfig
from tinyvae.runs.folder import kinds_of, load_config, remove_run, write_config
from tinyvae.worlds.world import KeepsPictures

RUNS = Path("runs")


def run_folder(
    config: RunConfig, out: Path | None, *, resume: bool, overwrite: bool
) -> tuple[Path, RunConfig]:
    """Make the folder of this run with its `config.json`; returns it and its settings.

    The settings are the given ones, with own pictures as the folder keeps them.

    Raises: RunFolderError if the folder holds another run or cannot be written.
    """
    if resume and overwrite:
        raise ConfigError(
            "expected --resume or --overwrite, got both: --resume keeps the previous "
            "run, --overwrite removes it."
        )
    folder = out or default_folder(config, resume=resume, overwrite=overwrite)
    if (folder / "config.json").exists():
        if resume:
            check_same_run(config, folder)
        elif overwrite:
            remove_run(folder)
        else:
            raise RunFolderError(
                f"{folder} already holds a run. Choose another --out, continue it with "
                "--resume, or replace it with --overwrite."
            )
    else:
        check_free(folder)
        if resume:
            talk(f"nothing to resume in {folder}: starting from the beginning.")
    make_folder(folder)
    return folder, write_config(config, folder)


def check_free(folder: Path) -> None:
    """Refuse a folder that contains anything but a run.

    Half-written files of a killed process are removed.

    Raises: RunFolderError if it is not a folder, or not empty.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunFolderError(f"--out: expected a folder, got the file {folder}.")
    for part in folder.glob(".*.part"):
        remove_file(part)
    if any(folder.iterdir()):
        raise RunFolderError(
            f"expected a new or empty folder, or one with a run, got {folder}, "
            "which contains other files. Choose another --out."
        )


def default_folder(config: RunConfig, *, resume: bool, overwrite: bool) -> Path:
    """`runs/WORLD-OBJECTIVE-seedN`, with a number appended if that is taken."""
    name = f"{kinds_of(config)}-seed{config.seed}"
    taken = RUNS / name
    count = 1
    while (RUNS / next_name(name, count)).exists():
        taken = RUNS / next_name(name, count)
        count += 1
    return taken if resume or overwrite else RUNS / next_name(name, count)


def next_name(name: str, count: int) -> str:
    """The name, with a number appended from the second on."""
    return name if count == 1 else f"{name}-{count}"


def check_same_run(config: RunConfig, folder: Path) -> None:
    """Refuse to resume a run that has other settings or other pictures.

    Raises: ConfigError naming the first setting that differs, or the files.
    """
    before = load_config(folder)
    if before == config:
        return
    if isinstance(before.world, KeepsPictures):
        before.world.population()  # raises, naming new, missing or changed pictures
    for name in vars(config):
        old, new = getattr(before, name), getattr(config, name)
        if old == new:
            continue
        if is_dataclass(old) and type(old) is type(new):
            key = next(k.name for k in fields(old) if _differs(old, new, k.name))
            name, old, new = f"{name}.{key}", getattr(old, key), getattr(new, key)
        elif is_dataclass(old):
            old, new = getattr(old, "kind", old), getattr(new, "kind", new)
        raise ConfigError(
            f"--resume: expected the settings of the run in {folder}, "
            f"where {name} is {old}, got {new}. Give the same options as before, or "
            "--resume and --out alone."
        )


def _differs(old: object, new: object, name: str) -> bool:
    return getattr(old, name) != getattr(new, name)
