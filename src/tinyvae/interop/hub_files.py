"""The files of a run that is shared: written without what is private, read as doubtful.

What another person wrote may be made to do harm. It is read with limits on its size,
opens no file that it names, and imports no class that it names unless that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.files.whole import FORMAT, make_folder, read_json, remove_file, write_json
from tinyvae.own import is_own
from tinyvae.pictures.elsewhere import last_part
from tinyvae.runs.config import RunConfig, config_to_json
from tinyvae.runs.folder import load_config, read_results, write_results
from tinyvae.runs.kinds import OWN_SECTIONS
from tinyvae.runs.run import Run
from tinyvae.worlds import Pictures

MEGABYTE = 2**20
# the files that are read, and how large each may be
LARGEST = {
    "config.json": 16 * MEGABYTE,
    "answer.json": 64 * MEGABYTE,
    "environment.json": MEGABYTE,
    "history.jsonl": 256 * MEGABYTE,
    "model.safetensors": 1024 * MEGABYTE,
}
# as JSON writes them, or as they are; a new line and a tab are written as \n and \t
CONTROL = re.compile(
    r"\\u00(?:[01][0-9a-f]|7f|[89][0-9a-f])|[\x7f-\x9f]", re.IGNORECASE
)
# of the environment; the rest says more about a computer than about a result
SHARED_ENVIRONMENT = (
    "python",
    "versions",
    "devices",
    "training_seconds",
    "answer_seconds",
)


def write_shared(run: Run, folder: Path) -> None:
    """Write a run without pictures, checkpoints and paths of this computer.

    Raises: RunFolderError if the disk is full or not writable.
    """
    make_folder(folder)
    remove_file(folder / "answer.json")  # which marks a finished run
    settings = {"format": FORMAT, **shared_settings(run.config)}
    write_json(folder / "config.json", settings)
    kept = {key: run.environment.get(key) for key in SHARED_ENVIRONMENT}
    known = {key: value for key, value in kept.items() if value is not None}
    write_results(replace(run, environment=known), folder)


def shared_settings(config: RunConfig) -> dict[str, Any]:
    """The settings as JSON values; of every path only the last part."""
    if isinstance(config.world, Pictures):
        config = replace(config, world=config.world.elsewhere())
    return without_places(config_to_json(config))


def without_places(value: Any) -> Any:
    """JSON values with the last part of each path in place of the path.

    >>> without_places({"kind": "faces", "table": "/home/ada/labels.csv"})
    {'kind': 'faces', 'table': 'labels.csv'}
    """
    if isinstance(value, Mapping):
        return {name: without_places(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_places(one) for one in value]
    return last_part(value) if isinstance(value, str) and _is_path(value) else value


def _is_path(text: str) -> bool:
    absolute = PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()
    return absolute or text.startswith(("~/", "../"))


def read_shared(folder: Path, *, import_own_classes: bool) -> Run:
    """A run that another person may have written; its pictures are elsewhere.

    Raises: RunFolderError if it is not a finished run, or a file is missing, damaged,
    too large or does not fit the others; ConfigError if it needs classes that may not
    be imported.
    """
    check_sizes({path.name: path.stat().st_size for path in _files(folder)}, folder)
    check_texts(folder)
    try:
        if not import_own_classes:
            check_no_own_classes(folder)
        config = load_config(folder)
        if isinstance(config.world, Pictures):
            config = replace(config, world=config.world.elsewhere())
        run = read_results(config, folder)
    # shapes that no array can have, lists within lists without end
    except (OverflowError, RecursionError, TypeError, MemoryError) as error:
        raise RunFolderError(
            f"{folder} is damaged, or was made to do harm: {type(error).__name__}. "
            "Use another revision, or ask its author."
        ) from None
    latents = run.vae.head.latents
    if len(run.answer.latents) != latents:
        raise RunFolderError(
            f"{folder / 'answer.json'} does not fit config.json: expected an answer of "
            f"{latents} latents, got {len(run.answer.latents)}. Use another revision, "
            "or ask its author."
        )
    return run


def _files(folder: Path) -> list[Path]:
    return [path for name in LARGEST if (path := folder / name).is_file()]


def check_sizes(sizes: Mapping[str, int], where: Path | str) -> None:
    """Refuse files that are larger than those of any tiny VAE.

    Raises: RunFolderError.
    """
    for name, size in sizes.items():
        if size > LARGEST[name]:
            raise RunFolderError(
                f"{where}: expected {name} of at most {LARGEST[name] // MEGABYTE} MB, "
                f"got {size / MEGABYTE:.0f} MB. It is no run of tinyvae; nothing of it "
                "was read."
            )


def check_texts(folder: Path) -> None:
    """Refuse control characters, with which a name could write over a terminal.

    Raises: RunFolderError.
    """
    for path in _files(folder):
        if path.suffix == ".safetensors":
            continue
        found = CONTROL.search(path.read_text(encoding="utf-8", errors="replace"))
        if found is not None:
            raise RunFolderError(
                f"{path} was made to do harm, or is damaged: expected texts, got the "
                f"control character {found[0]!a} in one. Use another revision, or ask "
                "its author."
            )


def check_no_own_classes(folder: Path) -> None:
    """Refuse settings that name a class to be imported.

    Raises: ConfigError, saying which, and how to allow it.
    """
    settings = read_json(folder / "config.json")
    for section in OWN_SECTIONS:
        found = settings.get(section)
        kind = found.get("kind") if isinstance(found, Mapping) else found
        if is_own(kind):
            module = str(kind).partition(":")[0]
            raise ConfigError(
                f"expected settings of tinyvae alone, got the {section} {kind}, a "
                f"class of its author's own. To read it, Python imports {module} from "
                "this computer, which runs the code of that module. If you know that "
                "module and have it, pass import_own_classes=True "
                "(--import-own-classes)."
            )
