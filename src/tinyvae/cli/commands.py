"""Registers every command. None of them imports JAX before it runs.

The options of `train` and `data` derive from the registered settings, which need JAX.
They are made only when the command is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from tinyvae.cli import (
    answer,
    compare,
    doctor,
    encode,
    export,
    generate,
    plot,
    pull,
    push,
    report,
    score,
)
from tinyvae.cli.app import app

REGISTERED = (
    answer,
    compare,
    doctor,
    encode,
    export,
    generate,
    plot,
    pull,
    push,
    report,
    score,
)
# commands whose options derive from the settings: module, and help in the list
DERIVED = {
    "train": "Train a VAE, and say which latent is which factor.",
    "sweep": "Train many VAEs: settings, objectives, seeds; and count the answers.",
    "data": "Draw a labelled sheet of the pictures that a network learns from.",
}
# commands of two words: module of the second one
TWO_WORDS = {
    ("sweep", "status"): "sweep_results",
    ("sweep", "export"): "sweep_results",
    ("sweep", "table"): "sweep_results",
    ("sweep", "report"): "sweep_report",
    ("sweep", "search"): "sweep_search",
}
TAKES_A_FILE = ("sweep",)  # as its first argument


class Commands(TyperGroup):
    """The commands; those with derived options are made at first use."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands, in the order of the list: the main job first."""
        return sorted(super().list_commands(ctx), key=lambda name: name not in DERIVED)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, and the remaining arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and (name, *rest[:1]) in TWO_WORDS:
            module = TWO_WORDS[name, rest[0]]
            return f"{name} {rest[0]}", derived(rest[0], module), rest[1:]
        arguments = rest and not rest[0].startswith("-")
        if name in DERIVED and name not in TAKES_A_FILE and arguments:
            raise typer.BadParameter(
                f"expected options, got {rest[0]!r}. For your own pictures write "
                f"--images {rest[0]}."
            )
        return name, derived(name) if name in DERIVED else command, rest


def derived(name: str, module: str | None = None) -> Any:
    """A command with all its options."""
    command = getattr(import_module(f"tinyvae.cli.{module or name}"), name)
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    alone.command(name=name)(command)
    return typer.main.get_command(alone)


def _stands_in() -> None:
    """Placeholder in the list of commands for one that is made later."""


for _name, _help in DERIVED.items():
    app.command(name=_name, help=_help)(_stands_in)
app.info.cls = Commands
