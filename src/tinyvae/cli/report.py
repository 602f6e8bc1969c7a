"""`tinyvae report` and `tinyvae explore`: the page for exploring the latents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, give, talk

PAGE = "page.html"

Guess = Annotated[
    bool,
    typer.Option(
        "--guess", help="Open it with the answer hidden: guess first, then reveal."
    ),
]


@app.command()
@ends_well
def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, one or several.")],
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path(PAGE),
    guess: Guess = False,
) -> None:
    """Write one HTML file for exploring the latents of one or several runs.

    It needs no server and no network. Send it, or put it on any web host.

    [bold]Examples[/bold]

    tinyvae report runs/circles-coarse-to-fine-seed0

    tinyvae report runs/one runs/other --out both.html

    tinyvae report runs/circles-coarse-to-fine-seed0 --guess   # for a class
    """
    write_page(runs, out, guess=guess)
    give(str(out))


@app.command()
@ends_well
def explore(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Serve it on this machine, for browsers without files."
        ),
    ] = False,
    show: Annotated[
        bool, typer.Option("--show/--no-show", help="Open it in a browser.")
    ] = True,
    seconds: Annotated[
        float | None, typer.Option(help="Stop serving after this many seconds.")
    ] = None,
    guess: Guess = False,
) -> None:
    """Write the page of a run into its folder, and open it.

    If no browser can be opened, the page is served on this machine until Ctrl-C.

    [bold]Examples[/bold]

    tinyvae explore runs/circles-coarse-to-fine-seed0

    tinyvae explore runs/circles-coarse-to-fine-seed0 --serve
    """
    import webbrowser

    path = run / PAGE
    write_page([run], path, guess=guess)
    if not serve:
        give(str(path))
        if not show or webbrowser.open(path.absolute().as_uri()):
            return
        talk("no browser can be opened here, so the page is served instead.")
    from tinyvae.page.server import served

    with served(path.read_bytes()) as (address, wait):
        give(address)
        talk("serving on this machine only; Ctrl-C ends it.")
        if serve and show:
            webbrowser.open(address)
        wait(seconds)


def write_page(
    folders: list[Path], out: Path, *, guess: bool = False, quiet: bool = False
) -> None:
    """Write the page of some runs, each under its own name."""
    from tinyvae.files.whole import make_folder, write_whole
    from tinyvae.page import page
    from tinyvae.page.names import names_of
    from tinyvae.runs.folder import load_run

    runs = [load_run(folder) for folder in folders]
    make_folder(out.parent)
    named = list(zip(names_of(runs), runs, strict=True))
    write_whole(out, page(named, guess=guess).encode())
    if guess and not any(run.answer.matches for run in runs):
        talk("--guess: no label of these pictures is known, so nothing can be guessed.")
    if not quiet:
        talk(f"page: {out}: {out.stat().st_size / 1e6:.1f} MB")
