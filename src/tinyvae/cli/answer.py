"""`tinyvae answer RUN`: which latent is which factor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, give, give_json


@app.command()
@ends_well
def answer(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Print the answer of a run: which latent is which factor.

    [bold]Examples[/bold]

    tinyvae answer runs/circles-annealed-tc-seed0

    tinyvae answer runs/circles-annealed-tc-seed0 --json
    """
    from tinyvae.runs.folder import load_run

    found = load_run(run)
    if as_json:
        give_json(found.to_json())
    else:
        give(str(found.answer))
