"""`tinyvae data`: the picture of the data, and the pictures with their factors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, talk
from tinyvae.cli.settings import nested, parse_range
from tinyvae.errors import ConfigError

LARGEST_FILE = 2**30  # bytes of pictures that one npz file may hold


@app.command()
@ends_well
def data(
    out: Annotated[
        Path, typer.Option(help="Picture to write: .png, .pdf or .svg.")
    ] = Path("circles.png"),
    npz: Annotated[
        Path | None,
        typer.Option(help="Write images, factors and their probabilities too."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(help="Random pictures in the npz file, instead of every one."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random pictures.")] = 0,
    layout: Annotated[
        str | None,
        typer.Option(help="margin, inside, clipped, diamond, disc or gaussian."),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Pixels a side, 8 to 256.")] = None,
    radius: Annotated[
        str | None, typer.Option(help="Radii in pixels, such as 3:8.")
    ] = None,
) -> None:
    """Draw a labelled sheet of the pictures that a network learns from.

    [bold]Examples[/bold]

    tinyvae data                                # circles.png

    tinyvae data --layout clipped --size 64 --out clipped.pdf

    tinyvae data --npz circles.npz              # arrays images, factors, factor_names
    """
    options = {
        "layout": layout,
        "size": size,
        "radius": parse_range(radius) if radius is not None else None,
    }
    from tinyvae.plots import data_sheet, save_figure
    from tinyvae.runs.config import config_from_mapping

    world = config_from_mapping(nested(world=options)).world
    save_figure(data_sheet(world), out)
    talk(f"wrote {out}")
    if npz is not None:
        write_pictures(world, npz, samples, seed)


def write_pictures(world, path: Path, samples: int | None, seed: int) -> None:
    """Write pictures (bytes, 0 or 1) with factors, names and probabilities."""
    import numpy as np

    from tinyvae.files.npz import write_npz

    table = world.table
    if samples is not None:
        if samples < 1:
            raise ConfigError(f"--samples: expected at least 1, got {samples}.")
        if seed < 0:
            raise ConfigError(f"--seed: expected a seed of at least 0, got {seed}.")
        table = table.sample_rows(samples, seed=seed)
    size = len(table) * world.size**2
    if size > LARGEST_FILE:
        raise ConfigError(
            f"expected at most {LARGEST_FILE} bytes of pictures in one file, "
            f"got {size} ({len(table)} pictures). Draw some with --samples 1000."
        )
    write_npz(
        path,
        images=np.asarray(world.draw(table.values)).astype(np.uint8),
        factors=table.values,
        factor_names=np.array(table.names),
        probability=table.probability,
    )
    talk(f"wrote {path}: {len(table)} pictures")
