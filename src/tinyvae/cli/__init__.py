"""The command line: the only place that prints. One file per command or family."""

from __future__ import annotations

from tinyvae.cli.app import app
from tinyvae.cli.commands import REGISTERED

__all__ = ["REGISTERED", "app", "main"]


def main() -> None:
    """Run the command line; ends the process with one of the exit codes in `app`."""
    app(prog_name="tinyvae")
