"""Run folders that a sweep keeps: in its own folder, or at a URL through fsspec.

What the ledger names counts as kept, and nothing else: a folder at a URL is written
whole, under a name that was never used before, and only then recorded.
"""

from __future__ import annotations

import secrets
import shutil
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.files.whole import make_folder
from tinyvae.runs.config import RunConfig
from tinyvae.runs.folder import kinds_of, load_run, save_run
from tinyvae.runs.run import Run

RUNS = "runs"
LOCAL = "file://"
LAST = "answer.json"  # of the files of a run: it marks a finished one
PAGE = "page.html"  # of a member, in its run folder
PAGES = "pages"  # of members whose run folders are elsewhere


def folder_name(config: RunConfig, identity: str) -> str:
    """`WORLD-OBJECTIVE-seedN-IDENTITY`."""
    return f"{kinds_of(config)}-seed{config.seed}-{identity[:8]}"


def save_in_folder(run: Run, identity: str, folder: Path) -> str:
    """Write a run into the folder of a sweep; returns its place, relative to it.

    Raises: RunFolderError if it cannot be written.
    """
    place = f"{RUNS}/{folder_name(run.config, identity)}"
    make_folder(folder / RUNS)
    save_run(run, folder / place)
    return place


def save_at_url(run: Run, identity: str, base: str) -> str:
    """Write a run into a new folder below a URL; returns the URL of that folder.

    Raises: RunFolderError if it cannot be written.
    """
    url = f"{base}/{folder_name(run.config, identity)}-{secrets.token_hex(4)}"
    shared, path = local_path(base), local_path(url)
    if shared is not None and path is not None:
        if not shared.is_dir():
            raise RunFolderError(
                f"cannot write {url}: expected a folder that all machines share, and "
                "it does not exist on this one. Choose other --weights."
            )
        save_run(run, path)
        return url
    with TemporaryDirectory() as scratch, _explained("write", url):
        save_run(run, scratch)
        system, place = file_system(url)
        files = sorted(p.name for p in Path(scratch).iterdir())
        for name in sorted(files, key=lambda name: name == LAST):
            content = (Path(scratch) / name).read_bytes()
            system.pipe_file(f"{place}/{name}", content)
    return url


def kept_run(folder: Path, kept: str) -> Run:
    """The run that the ledger of a folder names as kept.

    A run at a URL is copied into a temporary folder, which lives as long as the run.

    Raises: RunFolderError if it is missing or damaged, or cannot be reached;
    ConfigError if a package for its URL is missing.
    """
    path = path_of(folder, kept)
    if path is not None:
        return load_run(path)
    scratch = TemporaryDirectory()
    try:
        _fetch(kept, Path(scratch.name))
        run = load_run(scratch.name)
    except BaseException:
        scratch.cleanup()
        raise
    weakref.finalize(run, scratch.cleanup)
    return run


@contextmanager
def run_folder_of(folder: Path, kept: str) -> Iterator[Path]:
    """The folder of a kept run; of one at a URL, a copy that lasts for the block.

    Raises: RunFolderError and ConfigError as `kept_run` does.
    """
    path = path_of(folder, kept)
    if path is not None:
        yield path
        return
    with TemporaryDirectory() as scratch:
        _fetch(kept, Path(scratch))
        yield Path(scratch)


def remove_kept(folder: Path, kept: str) -> None:
    """Remove the run folder of this place, as far as that is possible."""
    path = path_of(folder, kept)
    if path is not None:
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(RunFolderError), _explained("remove", kept):
        system, place = file_system(kept)
        system.rm(place, recursive=True)


def left_behind(base: str, named: set[str]) -> list[str]:
    """URLs of run folders below `base` that are not among those named."""
    path = local_path(base)
    if path is not None:
        names = [p.name for p in path.glob("*-seed*-*")]
    else:
        with _explained("read", base):
            system, place = file_system(base)
            system.invalidate_cache()
            found = system.ls(place, detail=False) if system.exists(place) else []
            names = [str(name).rstrip("/").rpartition("/")[2] for name in found]
    return [f"{base}/{name}" for name in names if f"{base}/{name}" not in named]


def place_for_weights(asked: str, before: str | None) -> str:
    """The URL of a folder of its own, below the one asked for, that can be written.

    `before`: the one that the sweep has had, which stays if it is below the same one.

    Raises: ConfigError if it cannot be used.
    """
    base = asked.rstrip("/") if is_url(asked) else f"{LOCAL}{Path(asked).absolute()}"
    if before is not None and before.rpartition("/")[0] == base:
        return before
    url = f"{base}/sweep-{secrets.token_hex(4)}"
    check_writable(url)
    return url


def check_writable(url: str) -> None:
    """Refuse a URL at which nothing can be written.

    Raises: ConfigError.
    """
    try:
        path = local_path(url)
        if path is not None:
            make_folder(path)
            return
        with _explained("write", url):
            system, place = file_system(url)
            system.pipe_file(f"{place}/writable", b"")
            system.rm(f"{place}/writable")
    except RunFolderError as error:
        raise ConfigError(f"--weights: {error}") from None


def is_url(place: str) -> bool:
    """Whether a place is a URL, and not a path.

    >>> is_url("s3://bucket/study"), is_url("runs/circles-vae-seed0-1a2b3c4d")
    (True, False)
    """
    return "://" in place


def local_path(url: str) -> Path | None:
    """The path that a URL names on this machine; None if it is elsewhere.

    >>> str(local_path("file:///shared/x")), local_path("s3://bucket/x")
    ('/shared/x', None)
    """
    return Path(url.removeprefix(LOCAL)) if url.startswith(LOCAL) else None


def path_of(folder: Path, kept: str) -> Path | None:
    """Where on this machine a kept run is; None if it is elsewhere."""
    return local_path(kept) if is_url(kept) else folder / kept


def page_of(folder: Path, kept: str) -> Path:
    """Where the page of a kept run is, if it is written: beside the run if possible."""
    path = path_of(folder, kept)
    if path is None:
        return folder / PAGES / f"{kept.rpartition('/')[2]}.html"
    return path / PAGE


def file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path there.

    Raises: ConfigError if a package for it is missing.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ConfigError(
            f"{url}: weights at a URL need the package fsspec, which is not installed: "
            "pip install 'tinyvae[ray]'."
        ) from None
    try:
        return url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ConfigError(
            f"{url}: expected a URL that fsspec can open, such as s3://bucket/study "
            f"(with the package s3fs) or file:///shared/study, got one that it cannot: "
            f"{str(error).rstrip('.')}."
        ) from None


def _fetch(url: str, folder: Path) -> None:
    with _explained("read", url):
        system, place = file_system(url)
        system.invalidate_cache()
        if not system.exists(f"{place}/{LAST}"):
            raise FileNotFoundError(f"expected a run with {LAST}, found none")
        for name in system.ls(place, detail=False):
            short = str(name).rpartition("/")[2]
            (folder / short).write_bytes(system.cat_file(name))


@contextmanager
def _explained(what: str, url: str) -> Iterator[None]:
    """Turn the errors of any file system into one that says what to do."""
    try:
        yield
    except (ConfigError, RunFolderError):
        raise
    except Exception as error:  # noqa: BLE001 (each file system has errors of its own)
        raise RunFolderError(
            f"cannot {what} {url}: {str(error).rstrip('.') or type(error).__name__}. "
            "Check the address, the rights and the network, and continue with --resume."
        ) from error
