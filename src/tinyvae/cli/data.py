"""`tinyvae data`: the sheet of the data, and the pictures with their factors."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from tinyvae.cli.app import ends_well, talk
from tinyvae.cli.options import settings_of, with_settings
from tinyvae.errors import ConfigError
from tinyvae.evaluation.encode import draw_rows
from tinyvae.files.npz import write_npz
from tinyvae.plots import data_sheet, save_figure
from tinyvae.runs.config import config_from_mapping
from tinyvae.runs.opened import Opened, open_world

LARGEST_FILE = 2**30  # bytes of pictures that one npz file may hold


@functools.partial(with_settings, sections=("world",))
@ends_well
def data(
    *,
    out: Annotated[
        Path, typer.Option(help="Picture to write: .png, .pdf or .svg.")
    ] = Path("data.png"),
    npz: Annotated[
        Path | None,
        typer.Option(help="Write images, factors and their probabilities too."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(help="Random pictures in the npz file, instead of every one."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random pictures.")] = 0,
    **settings: Any,
) -> None:
    """Draw a labelled sheet of the pictures that a network learns from.

    [bold]Examples[/bold]

    tinyvae data                                # circles, on data.png

    tinyvae data --images photos --labels labels.csv --size 64

    tinyvae data --layout clipped --size 64 --out clipped.pdf

    tinyvae data --npz circles.npz              # arrays images, factors, factor_names
    """
    opened = open_world(config_from_mapping(settings_of(settings)))
    talk(opened.config.world.describe())
    save_figure(data_sheet(opened.config.world, opened.population), out)
    talk(f"wrote {out}")
    if npz is not None:
        write_pictures(opened, npz, samples, seed)


def write_pictures(opened: Opened, path: Path, samples: int | None, seed: int) -> None:
    """Write pictures with factors, names and probabilities.

    Black-and-white pixels are bytes, 0 or 1; others are 32-bit floats.
    """
    if samples is not None and samples < 1:
        raise ConfigError(f"--samples: expected at least 1, got {samples}.")
    if seed < 0:
        raise ConfigError(f"--seed: expected a seed of at least 0, got {seed}.")
    population = opened.population
    pixel_bytes = 1 if population.pixels == "binary" else 4
    most = LARGEST_FILE // (math.prod(population.image_shape) * pixel_bytes)
    if samples is not None and samples > most:
        raise ConfigError(
            f"expected at most {LARGEST_FILE} bytes of pictures in one file, got "
            f"{samples} pictures. Draw some with --samples {min(1000, most)}."
        )
    table, rows = population.table(most if samples is None else samples, seed=seed)
    if samples is None and not table.complete and len(table) == most:
        raise ConfigError(
            f"expected at most {LARGEST_FILE} bytes of pictures in one file, got a "
            f"world of more than {most} pictures. Draw some with --samples 1000."
        )
    if samples is not None and table.complete:
        chosen = np.random.default_rng(seed).choice(
            len(table), samples, p=table.probability
        )
        table = table.sample_rows(samples, seed=seed)
        rows = rows[chosen]
    images = np.asarray(draw_rows(population, rows))
    write_npz(
        path,
        images=images.astype(np.uint8 if images.dtype == bool else np.float32),
        factors=table.values,
        factor_names=np.array(table.names),
        factor_kinds=np.array([factor.kind for factor in table.factors]),
        probability=table.probability,
    )
    talk(f"wrote {path}: {len(table)} pictures")
