"""`tinyvae data`: the sheet of the data, and the pictures with their factors."""

from __future__ import annotations

import csv
import functools
import io
import math
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from jaxtyping import Int
from PIL import Image

from tinyvae.cli.app import ends_well, talk
from tinyvae.cli.options import settings_of, with_settings
from tinyvae.cli.progress import tell_what_was_read
from tinyvae.errors import ConfigError
from tinyvae.evaluation.encode import draw_rows
from tinyvae.factors import FactorTable
from tinyvae.files.codes_writing import kind_text
from tinyvae.files.npz import write_npz
from tinyvae.files.whole import make_folder, write_whole
from tinyvae.plots import data_sheet, save_figure
from tinyvae.runs.config import config_from_mapping
from tinyvae.runs.opened import Opened, open_world
from tinyvae.wording import counted

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
    folder: Annotated[
        Path | None,
        typer.Option(help="Write PNG files into a folder, and a table labels.csv."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(help="Number of random pictures to write, instead of all."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random pictures.")] = 0,
    **settings: Any,
) -> None:
    """Draw a labelled sheet of the pictures that a network learns from.

    [bold]Examples[/bold]

    tinyvae data                                # circles, on data.png

    tinyvae data --images photos --labels labels.csv --size 64

    tinyvae data --layout clipped --size 64 --out clipped.pdf

    tinyvae data --npz circles.npz              # images, factors and names

    tinyvae data --world shapes --hues 12 --samples 2000 --folder shapes
    """
    opened = open_world(config_from_mapping(settings_of(settings)))
    tell_what_was_read(opened.population)
    talk(opened.config.world.describe())
    save_figure(data_sheet(opened.config.world, opened.population), out)
    talk(f"wrote {out}")
    if npz is not None:
        write_pictures(opened, npz, samples, seed)
    if folder is not None:
        write_folder(opened, folder, samples, seed)


class Chosen(NamedTuple):
    """Rows of a population to write, with their factors."""

    table: FactorTable
    rows: Int[np.ndarray, " sample"]


def chosen_rows(opened: Opened, samples: int | None, seed: int) -> Chosen:
    """All rows, or `samples` random ones; at most 1 GiB of pictures.

    Raises: ConfigError if that is out of range.
    """
    if samples is not None and samples < 1:
        raise ConfigError(f"--samples: expected at least 1, got {samples}.")
    if seed < 0:
        raise ConfigError(f"--seed: expected a seed of at least 0, got {seed}.")
    population = opened.population
    pixel_bytes = 1 if population.pixels == "binary" else 4
    most = LARGEST_FILE // (math.prod(population.image_shape) * pixel_bytes)
    advice = f"Draw some with --samples {min(1000, most)}."
    if samples is not None and samples > most:
        raise ConfigError(
            f"expected at most {LARGEST_FILE} bytes of pictures, got {samples} "
            f"pictures. {advice}"
        )
    table, rows = population.table(samples or most + 1, seed=seed)
    if samples is None and len(table) > most:
        raise ConfigError(
            f"expected at most {LARGEST_FILE} bytes of pictures, got a world of more "
            f"than {counted(most, 'picture')}. {advice}"
        )
    if samples is not None and table.complete:  # fewer pictures than samples
        drawn = np.random.default_rng(seed).choice(
            len(table), samples, p=table.probability
        )
        return Chosen(table.sample_rows(samples, seed=seed), rows[drawn])
    return Chosen(table, rows)


def write_pictures(opened: Opened, path: Path, samples: int | None, seed: int) -> None:
    """Write pictures with factors, names and probabilities as an npz file.

    Black-and-white pixels are bytes, 0 or 1; others are 32-bit floats.
    """
    table, rows = chosen_rows(opened, samples, seed)
    images = np.asarray(draw_rows(opened.population, rows))
    write_npz(
        path,
        images=images.astype(np.uint8 if images.dtype == bool else np.float32),
        factors=table.values,
        factor_names=np.array(table.names),
        factor_kinds=np.array([factor.kind for factor in table.factors]),
        probability=table.probability,
    )
    talk(f"wrote {path}: {counted(len(table), 'picture')}")


def write_folder(opened: Opened, folder: Path, samples: int | None, seed: int) -> None:
    """Write each picture as an 8-bit PNG file, and the factors in labels.csv."""
    table, rows = chosen_rows(opened, samples, seed)
    images = np.asarray(draw_rows(opened.population, rows), np.float32)
    make_folder(folder)
    digits = len(str(len(rows) - 1))
    names = [f"{number:0{digits}}.png" for number in range(len(rows))]
    for name, image in zip(names, np.round(255 * images).astype(np.uint8), strict=True):
        content = io.BytesIO()
        Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image).save(
            content, "PNG"
        )
        write_whole(folder / name, content.getvalue())
    write_whole(folder / "labels.csv", labels_text(names, table).encode())
    talk(f"wrote {folder}: {counted(len(rows), 'picture')} and labels.csv")
    kinds = [
        f"{factor.name}={kind_text(factor)}"
        for factor in table.factors
        if factor.kind == "circular"
    ]
    declared = f" --kinds {','.join(kinds)}" if kinds else ""
    talk(
        f"train on it: tinyvae train --images {folder} --labels {folder}/labels.csv "
        f"--key file{declared}"
    )


def labels_text(names: list[str], table: FactorTable) -> str:
    """The factors of pictures as CSV, with the names of their levels."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", *table.names])
    for name, values in zip(names, table.values, strict=True):
        cells = [
            factor.levels[int(value)] if factor.levels else f"{value:.9g}"
            for factor, value in zip(table.factors, values, strict=True)
        ]
        writer.writerow([name, *cells])
    return text.getvalue()
