"""Registers every command. None of them imports JAX before it runs.

The options of `train` and `data` derive from the registered settings, which need JAX.
They are made only when the command is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from tinyvae.cli import answer, compare, doctor, encode, generate, plot, report, score
from tinyvae.cli.app import app

REGISTERED = (answer, compare, doctor, encode, generate, plot, report, score)
# commands whose options derive from the settings: module, and help in the list
DERIVED = {
    "train": "Train a VAE, and say which latent is which factor.",
    "data": "Draw a labelled sheet of the pictures that a network learns from.",
}


class Commands(TyperGroup):
    """The commands; those with derived options are made at first use."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands, in the order of the list: the main job first."""
        return sorted(super().list_commands(ctx), key=lambda name: name not in DERIVED)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, and the remaining arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in DERIVED and rest and not rest[0].startswith("-"):
            raise typer.BadParameter(
                f"expected options, got {rest[0]!r}. For your own pictures write "
                f"--images {rest[0]}."
            )
        return name, derived(name) if name in DERIVED else command, rest


def derived(name: str) -> Any:
    """A command with all its options."""
    command = getattr(import_module(f"tinyvae.cli.{name}"), name)
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    alone.command(name=name)(command)
    return typer.main.get_command(alone)


def _stands_in() -> None:
    """Placeholder in the list of commands for one that is made later."""


for _name, _help in DERIVED.items():
    app.command(name=_name, help=_help)(_stands_in)
app.info.cls = Commands
