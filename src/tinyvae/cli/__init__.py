"""The command line: the only place that prints. One file per command or family.

Nothing large is imported here, so that Ctrl-C is answered from the beginning.
"""

from __future__ import annotations

from tinyvae.cli.interrupts import answer_interrupts, end_if_interrupted

__all__ = ["main"]


def main() -> None:
    """Run the command line; ends the process with one of the exit codes in `app`."""
    try:
        answer_interrupts()
        from tinyvae.cli.commands import app

        app(prog_name="tinyvae")
    except BaseException as error:
        end_if_interrupted(error)
        raise
