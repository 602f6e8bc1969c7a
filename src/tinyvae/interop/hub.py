"""Shares runs: as a folder, or as a repository of the Hugging Face Hub."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.extras import check_installed
from tinyvae.files.whole import (
    FORMAT,
    make_folder,
    remove_file,
    write_json,
    write_whole,
)
from tinyvae.interop.hub_card import START, card_text
from tinyvae.interop.hub_files import read_shared, write_shared
from tinyvae.runs.run import Run
from tinyvae.scores.suite import Suite
from tinyvae.worlds import Pictures

CARD, SCORES = "README.md", "scores.json"
LICENSE = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def save_pretrained(
    run: Run,
    folder: str | Path,
    *,
    license: str | None = None,
    scores: Suite | None = None,
) -> None:
    """Write a run into a folder to be shared, with a card; `run.save_pretrained`.

    Weights, settings, answer and history, as safetensors and JSON; no pictures, no
    checkpoints and no paths of this computer. `from_pretrained` reads it.

    Args:
        run: a finished run.
        folder: new, empty, or written by `save_pretrained` before.
        license: the hub's identifier of a license, such as mit or cc-by-4.0.
        scores: what `tinyvae.score(run)` gave, for the card and a file scores.json.

    Raises: ConfigError on a license of another form; RunFolderError if the folder holds
    anything else, or cannot be written.
    """
    folder = Path(folder)
    check_license(license)
    check_folder(folder)
    write_files(run, folder, folder.absolute().name, license, scores)


def write_files(
    run: Run, folder: Path, name: str, license: str | None, scores: Suite | None
) -> None:
    """Write all files of a shared run; its card says how to load it by this name."""
    make_folder(folder)
    card = card_text(run, name, license=license, scores=scores)
    write_whole(folder / CARD, card.encode())
    if scores is None:
        remove_file(folder / SCORES)
    else:
        write_json(folder / SCORES, {"format": FORMAT, "scores": scores.to_json()})
    write_shared(run, folder)


def push_to_hub(
    run: Run,
    name: str,
    *,
    token: str | bool | None = None,
    private: bool | None = None,
    revision: str | None = None,
    license: str | None = None,
    scores: Suite | None = None,
) -> str:
    """Share a run as a model repository of the hub; `run.push_to_hub`.

    The repository is made if there is none. All files arrive as one commit.

    Args:
        run: a finished run.
        name: of the repository: OWNER/MODEL.
        token: with the right to write; by default the one of `hf auth login`, or of the
            variable HF_TOKEN.
        private: whether a new repository is private; by default as its owner has set.
        revision: a branch, made if there is none; by default the main one.
        license: the hub's identifier of a license, such as mit or cc-by-4.0.
        scores: what `tinyvae.score(run)` gave, for the card and a file scores.json.

    Returns: the address of the commit, which ends in its revision.

    Raises: ConfigError if huggingface_hub is not installed, or the name or license has
    another form; HubError if the hub refuses, or cannot be reached.
    """
    check_name(name)
    check_license(license)
    check_client()
    from tinyvae.interop.hub_client import hub_of

    hub = hub_of(token)
    with TemporaryDirectory() as place:
        folder = Path(place)
        write_files(run, folder, name, license, scores)
        return hub.commit(name, folder, private=private, revision=revision)


def from_pretrained(
    source: str | Path,
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    images: Any = None,
    labels: Any = None,
    import_own_classes: bool = False,
) -> Run:
    """A shared run, from the hub or from a folder; `tinyvae.from_pretrained`.

    It encodes, decodes and answers as the original. Whoever wrote it is not trusted: no
    file that its settings name is opened, and none of its code runs. Pictures of a
    drawn world are drawn again; own pictures are not shared, so scores and new answers
    need `images`.

    Args:
        source: OWNER/MODEL on the hub, or a folder.
        revision: a branch, tag or commit of the repository; by default main.
        token: for a private repository; by default the one of `hf auth login`, or of
            the variable HF_TOKEN.
        images: the pictures that the run was trained on, as for `Pictures`, if you have
            them. They are checked to be the same.
        labels: their labels, as they were given in training.
        import_own_classes: allow that a module of this computer which the settings name
            is imported: a world or an objective of the author's own.

    Raises: ConfigError if huggingface_hub is not installed, or classes would be
    imported; HubError if the hub refuses or cannot be reached; RunFolderError if the
    files are not those of a run, too large, damaged or do not fit together.
    """
    check_source(source)
    folder = Path(source)
    if not folder.is_dir():
        check_client()
        from tinyvae.interop.hub_client import hub_of

        folder = hub_of(token).download(str(source), revision)
    elif revision is not None:
        raise ConfigError(
            f"expected no revision of a folder, got revision {revision!r} of {source}."
        )
    run = read_shared(folder, import_own_classes=import_own_classes)
    return (
        run if images is None and labels is None else with_images(run, images, labels)
    )


def check_client() -> None:
    """Refuse to go on without the hub's client library, of version 2 or later.

    Raises: ConfigError.
    """
    for package in ("huggingface_hub", "httpx2"):  # httpx2 came with version 2
        check_installed(package, "the hub", "hub")


def with_images(run: Run, images: Any, labels: Any) -> Run:
    """The run with the pictures that it was trained on.

    Raises: ConfigError if it was not trained on own pictures, or on others.
    """
    world = run.world
    if images is None or not isinstance(world, Pictures):
        got = "labels alone" if images is None else f"images of {world.kind}"
        raise ConfigError(
            f"expected images (and labels) of a run on own pictures, got {got}."
        )
    labels = world.labels if labels is None else labels
    world = replace(world, images=images, labels=labels)
    world.read()
    return replace(run, config=replace(run.config, world=world))


def check_name(name: str, instead: str = "") -> None:
    """Refuse what is no name of a repository; `instead` is what else may be given.

    Raises: ConfigError.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"expected the name of a repository, OWNER/MODEL{instead}, got {name!r}."
        )


def check_source(source: str | Path) -> None:
    """Refuse what is neither a folder nor a name of a repository.

    Raises: ConfigError.
    """
    if source == "" or not Path(source).is_dir():
        check_name(str(source), ", or a folder that exists")


def check_license(license: str | None) -> None:
    """Refuse what is no identifier of a license.

    Raises: ConfigError.
    """
    if license is not None and not LICENSE.fullmatch(license):
        raise ConfigError(
            "license: expected an identifier of the hub, such as mit, apache-2.0 or "
            f"cc-by-4.0, got {license!r}."
        )


def check_folder(folder: Path) -> None:
    """Refuse a folder that contains anything but a shared run.

    Raises: RunFolderError.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunFolderError(f"expected a folder, got the file {folder}.")
    card = folder / CARD
    shared = card.is_file() and card.read_bytes().startswith(START.encode())
    if not shared and any(folder.iterdir()):
        raise RunFolderError(
            f"expected a new or empty folder, or one of a shared run, got {folder}, "
            "which contains other files. A run is shared from a folder of its own: "
            "choose another."
        )
