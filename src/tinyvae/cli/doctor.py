"""`tinyvae doctor`: versions, devices, caches and missing parts."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import EXIT_FAILED, app, ends_well, give, give_json
from tinyvae.machine import cores


@app.command()
@ends_well
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show versions, devices and caches, and what is missing."""
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
    report = {"versions": versions, "missing": missing, **machine()}
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
