"""`tinyvae report` and `tinyvae explore`: the page to play with the latents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tinyvae.cli.app import app, ends_well, give, talk

if TYPE_CHECKING:
    from tinyvae.runs import Run

PAGE = "page.html"


@app.command()
@ends_well
def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, one or several.")],
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path(PAGE),
) -> None:
    """Write one HTML file on which to play with the latents of one or several runs.

    It needs nothing else: no server, no network. Send it, or put it on any web host.

    [bold]Examples[/bold]

    tinyvae report runs/margin-annealed-tc-seed0

    tinyvae report runs/margin-vae-seed0 runs/margin-annealed-tc-seed0 --out both.html
    """
    write_page(runs, out)
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
        float | None, typer.Option(help="Stop serving after so long.")
    ] = None,
) -> None:
    """Write the page of a run into its folder, and open it.

    [bold]Examples[/bold]

    tinyvae explore runs/margin-annealed-tc-seed0

    tinyvae explore runs/margin-annealed-tc-seed0 --serve
    """
    import webbrowser

    path = run / PAGE
    write_page([run], path)
    if serve:
        from tinyvae.page.server import served

        with served(path.read_bytes()) as (address, wait):
            give(address)
            talk("serving on this machine only; Ctrl-C ends it.")
            if show:
                webbrowser.open(address)
            wait(seconds)
        return
    give(str(path))
    if show and not webbrowser.open(path.absolute().as_uri()):
        talk("no browser here: open the file yourself, or use --serve.")


def write_page(folders: list[Path], out: Path, *, quiet: bool = False) -> None:
    """Write the page of some runs, each under a name of its own."""
    from tinyvae.files import make_folder, write_whole
    from tinyvae.page import page
    from tinyvae.page.model import title_of
    from tinyvae.runs import load_run

    runs = [load_run(folder) for folder in folders]
    names = [title_of(run) for run in runs]
    make_folder(out.parent)
    write_whole(
        out, page(list(zip(told_apart(names, runs), runs, strict=True))).encode()
    )
    if not quiet:
        talk(f"page: {out}: {out.stat().st_size / 1e6:.1f} MB")


def told_apart(names: list[str], runs: list[Run]) -> list[str]:
    """Names as they are, with the folder behind those that come twice."""
    return [
        name
        if names.count(name) == 1 or run.folder is None
        else f"{name} ({run.folder.name})"
        for name, run in zip(names, runs, strict=True)
    ]
