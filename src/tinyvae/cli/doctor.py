"""`tinyvae doctor`: versions, devices, caches and missing parts."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import EXIT_FAILED, app, ends_well, give, give_json
from tinyvae.machine import cores

FOR_DEVELOPMENT = ("dev", "docs")


@app.command()
@ends_well
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show versions, extras, devices and caches, and what is missing."""
    from tinyvae.runs.environment import PACKAGES

    versions, missing = {}, []
    for package in (
        *PACKAGES,
        "matplotlib",
        "pydantic",
        "rich",
        "safetensors",
        "typer",
    ):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            missing.append(package)
    report = {
        "versions": versions,
        "missing": missing,
        "extras": extras(),
        **machine(),
    }
    if as_json:
        give_json(report)
    else:
        for name, value in report.items():
            if isinstance(value, dict):
                value = ", ".join(f"{key} {text}" for key, text in value.items())
            elif isinstance(value, list):
                value = ", ".join(value) or "nothing"
            give(f"{name + ':':<20}{value}")
    if missing:
        raise typer.Exit(EXIT_FAILED)


def extras() -> dict[str, str]:
    """For each extra of tinyvae: installed, or which packages are not.

    Those for development are left out.
    """
    lacking: dict[str, list[str]] = {}
    for line in requires("tinyvae") or ():
        requirement, _, marker = line.partition(";")
        extra = re.search(r"extra == ['\"](\w+)['\"]", marker)
        package = re.match(r"[\w.-]+", requirement)
        if extra is None or package is None or extra[1] in FOR_DEVELOPMENT:
            continue
        absent = lacking.setdefault(extra[1], [])
        try:
            version(package[0])
        except PackageNotFoundError:
            absent.append(package[0])
    return {
        extra: f"lacks {' and '.join(absent)}" if absent else "installed"
        for extra, absent in lacking.items()
    }


def machine() -> dict[str, object]:
    """Devices, the cache of compiled programs, and whether runs can be written here."""
    import jax

    from tinyvae.runs.compilation import cache_folder

    cache = cache_folder()
    files = (
        [path for path in cache.glob("*") if path.is_file()] if cache.is_dir() else []
    )
    size = sum(path.stat().st_size for path in files)
    return {
        "devices": [f"{d.platform} {d.device_kind}" for d in jax.devices()],
        "cores": str(cores()),
        "compilation cache": f"{cache} ({len(files)} programs, {size / 1e6:.1f} MB)",
        "runs go to": f"{Path('runs').absolute()} "
        f"({'writable' if os.access('.', os.W_OK) else 'NOT writable'})",
    }
