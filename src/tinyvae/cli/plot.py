"""`tinyvae plot RUN`: draw a run's pictures again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, give
from tinyvae.errors import ConfigError


@app.command()
@ends_well
def plot(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    picture_format: Annotated[
        str, typer.Option("--format", help="png, pdf or svg.")
    ] = "png",
    out: Annotated[
        Path | None, typer.Option(help="Folder; the run's own `pictures` by default.")
    ] = None,
    animate: Annotated[
        bool, typer.Option("--animate", help="Draw only the walks, as an animated GIF.")
    ] = False,
) -> None:
    """Draw the pictures of a run, and print where they are.

    [bold]Examples[/bold]

    tinyvae plot runs/circles-coarse-to-fine-seed0

    tinyvae plot runs/RUN --format pdf --out figures

    tinyvae plot runs/RUN --animate  # traversals.gif
    """
    from tinyvae.files.whole import PICTURE_FORMATS, make_folder

    if picture_format not in PICTURE_FORMATS:
        raise ConfigError(
            f"--format: expected {', '.join(PICTURE_FORMATS)}, got {picture_format!r}."
        )
    if animate and picture_format != "png":
        raise ConfigError(
            f"--animate: expected no --format with it, got {picture_format!r}: "
            "it draws a GIF."
        )
    from tinyvae.plots import draw_all
    from tinyvae.runs.folder import load_run

    found, folder = load_run(run), out or run / "pictures"
    if animate:
        from tinyvae.plots.animation import save_animation
        from tinyvae.plots.codes import encode_world

        make_folder(folder)
        paths = [folder / "traversals.gif"]
        save_animation(found, encode_world(found), paths[0])
    else:
        paths = draw_all(found, folder, picture_format)
    for path in paths:
        give(str(path))
