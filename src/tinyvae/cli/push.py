"""`tinyvae push RUN NAME`: a run as a repository of the Hugging Face Hub."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, give, talk
from tinyvae.errors import ConfigError


@app.command()
@ends_well
def push(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    name: Annotated[
        str | None, typer.Argument(help="Repository on the hub: OWNER/MODEL.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Write the files into this folder; send nothing."),
    ] = None,
    private: Annotated[
        bool | None,
        typer.Option(
            "--private/--public",
            help="Who may see a new repository; by default as its owner has set.",
        ),
    ] = None,
    revision: Annotated[
        str | None, typer.Option(help="Branch; made if there is none.")
    ] = None,
    license: Annotated[
        str | None,
        typer.Option(help="The hub's identifier of a license, such as mit."),
    ] = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Measure every score, for the card.")
    ] = False,
) -> None:
    r"""Share a run: weights, settings, answer and a card, on the Hugging Face Hub.

    Pictures of your own, checkpoints and paths of this computer are left out. Log in
    before with `hf auth login`, or set HF_TOKEN. Needs the package of tinyvae\[hub];
    --to does without.

    [bold]Examples[/bold]

    tinyvae push runs/RUN ada/circles --license mit --scores

    tinyvae push runs/circles-coarse-to-fine-seed0 --to shared
    """
    if (name is None) == (to is None):
        got = "neither" if name is None else "both"
        raise ConfigError(
            "expected the name of a repository, OWNER/MODEL, or --to FOLDER, got "
            f"{got}."
        )
    if to is not None and (private is not None or revision is not None):
        raise ConfigError(
            "--to: expected no --private, --public or --revision with it: a folder has "
            "none of them."
        )
    bars_on_terminals_alone()
    from tinyvae.interop.hub import check_license, check_name
    from tinyvae.runs.folder import load_run
    from tinyvae.runs.scoring import score

    check_license(license)
    if name is not None:
        check_name(name, ", or --to FOLDER")
    found = load_run(run)
    measured = score(found) if scores else None
    if to is not None:
        found.save_pretrained(to, license=license, scores=measured)
        talk(f"wrote {to}: see its README.md before you share it")
    elif name is not None:
        address = found.push_to_hub(
            name,
            private=private,
            revision=revision,
            license=license,
            scores=measured,
        )
        talk(f"shared {name}; load it with tv.from_pretrained({name!r})")
        give(address)


def bars_on_terminals_alone() -> None:
    """Keep the hub's progress bars out of files; its library looks when imported."""
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
