"""Commands that make a member's own page, for those that have none yet."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from tinyvae.runs.config import RunConfig, config_to_json
from tinyvae.worlds.world import KeepsPictures

# writes the page of each member, also where the weights are at a URL
PAGES_COMMAND = "tinyvae sweep report . --pages"
SEED = "SEED"  # stands for the seed in a command for all members of a setting


def train_command(config: RunConfig) -> str | None:
    """The command that trains the members of a setting again, each with its page.

    None where the pictures are somebody's own: no command finds them.
    """
    if isinstance(config.world, KeepsPictures):
        return None
    usual = dict(leaves(config_to_json(RunConfig())))
    parts = [
        f"--set {shlex.quote(f'{name}={json.dumps(value)}')}"
        for name, value in leaves(config_to_json(config))
        if name != "seed" and value is not None and usual.get(name) != value
    ]
    return " ".join(["tinyvae train", *parts, f"--seed {SEED}"])


def page_command(folder: str) -> str:
    """The command that writes the page of a run into its folder."""
    page = shlex.quote(f"{folder}/page.html")
    return f"tinyvae report {shlex.quote(folder)} --out {page}"


def leaves(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting by its dotted name, `objective.beta`, with its value."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{before}{name}.")
        else:
            yield before + name, value
