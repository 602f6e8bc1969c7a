"""The command within this process, where neither Python nor JAX must start again."""

import contextlib
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from tinyvae.cli.commands import app


class Done(NamedTuple):
    """What a command has left, as `subprocess.run` names it."""

    returncode: int
    stdout: str
    stderr: str


def tinyvae_here(*arguments, cwd: Path) -> Done:
    """Run a command, as it is without a terminal.

    Raises: what the command does not turn into a message and an exit code.
    """
    runner = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "100"})
    with contextlib.chdir(cwd):
        result = runner.invoke(app, [*map(str, arguments)], prog_name="tinyvae")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)
