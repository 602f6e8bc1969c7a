"""The application, and the exit codes of its commands.

Exit codes: 0 done, 1 failed, 2 usage, 3 bad data, 4 some members of a sweep failed, 130
interrupted. Data goes to stdout, messages go to stderr.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any, NoReturn, ParamSpec

import typer

from tinyvae.cli.interrupts import EXIT_INTERRUPTED, interrupt_was_said
from tinyvae.cli.wrapping import wrapped
from tinyvae.errors import (
    ConfigError,
    DataError,
    HubError,
    NonFiniteLoss,
    RunFolderError,
)

EXIT_FAILED, EXIT_USAGE, EXIT_BAD_DATA, EXIT_SOME_FAILED = 1, 2, 3, 4

app = typer.Typer(
    name="tinyvae",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="""Which latent dimension is the radius, the x, the y?

    tinyvae draws pictures whose factors are known, trains tiny variational autoencoders
    on them and says which latent is which factor.

    [bold]Examples[/bold]

    tinyvae train                     # circles, VAE, answer, pictures

    tinyvae train --objective vae     # a plain VAE: none of them

    tinyvae answer runs/RUN --json    # the answer, for a program

    tinyvae sweep --objective vae,beta-vae --seeds 0:20 --out sweeps/a

    tinyvae data --npz circles.npz    # the pictures with their factors
    """,
)

Parameters = ParamSpec("Parameters")


def show_version(asked: bool) -> bool:
    """Print the version of tinyvae and end."""
    if asked:
        from tinyvae import __version__

        give(f"tinyvae {__version__}")
        raise typer.Exit
    return asked


@app.callback()
def before_any_command(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=show_version,
            is_eager=True,
            help="Print the version, and end.",
        ),
    ] = False,
) -> None:
    """Options that stand before the command."""


def talk(message: str = "") -> None:
    """Print a message for a person, on stderr; on a terminal wrapped to its width."""
    if sys.stderr.isatty():
        with suppress(OSError):
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            message = wrapped(message, max(40, width))
    print(message, file=sys.stderr, flush=True)


def give(text: str) -> None:
    """Print data, on stdout."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_stdout()
        stop(f"cannot write the output: {error.strerror}.", EXIT_FAILED)


def give_json(content: Mapping[str, Any]) -> None:
    """Print data for a program, on stdout."""
    give(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))


def stop(message: str, code: int) -> NoReturn:
    """End the command with a message and an exit code."""
    talk(f"tinyvae: {message}")
    if code == EXIT_INTERRUPTED:
        interrupt_was_said()
    raise typer.Exit(code)


def drop_stdout() -> None:
    """Discard further output, since its reader has closed the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def ends_well(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Turn errors that a user can fix into a message and an exit code."""

    @functools.wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConfigError as error:
            stop(str(error), EXIT_USAGE)
        except (DataError, RunFolderError) as error:
            stop(str(error), EXIT_BAD_DATA)
        except (NonFiniteLoss, HubError) as error:
            stop(str(error), EXIT_FAILED)
        except MemoryError:
            stop("out of memory: lower --size or --batch-size.", EXIT_FAILED)
        except BrokenPipeError:  # the reader of the pipe has stopped
            drop_stdout()
        except OSError as error:
            place = f" {error.filename}" if error.filename else ""
            stop(f"cannot read or write{place}: {error.strerror}.", EXIT_FAILED)
        except KeyboardInterrupt:
            stop("interrupted.", EXIT_INTERRUPTED)

    return run
