"""`tinyvae generate RUN`: latents in, pictures out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, talk
from tinyvae.errors import ConfigError
from tinyvae.wording import counted

MOST_PICTURES = 1024  # on one sheet
FURTHEST = 1e6  # prior standard deviations; 32-bit networks overflow beyond


@app.command()
@ends_well
def generate(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    at: Annotated[
        list[str] | None,
        typer.Option(help='A point of the latent space, such as "0,1.5,-1".'),
    ] = None,
    random: Annotated[
        int | None, typer.Option(help="Number of points drawn from the prior.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random points.")] = 0,
    out: Annotated[Path, typer.Option(help="Picture to write.")] = Path(
        "generated.png"
    ),
) -> None:
    """Decode latents, given or random, into a picture.

    Random points are normal in each latent; quantised latents take each of their
    levels with the same probability.

    [bold]Examples[/bold]

    tinyvae generate runs/circles-coarse-to-fine-seed0 --random 16

    tinyvae generate runs/RUN --at "0,1.5,-1" --at "0,-1.5,-1"
    """
    if not at and random is None:
        raise ConfigError(
            'expected latents to decode, got none: --at "0,1.5,-1" or --random 16.'
        )
    if random is not None and random < 1:
        raise ConfigError(f"--random: expected at least 1 point, got {random}.")
    if seed < 0:
        raise ConfigError(f"--seed: expected a seed of at least 0, got {seed}.")
    if random is not None and random > MOST_PICTURES:
        raise ConfigError(f"--random: expected at most {MOST_PICTURES}, got {random}.")
    import numpy as np

    from tinyvae.evaluation.traversal import decode_pictures
    from tinyvae.models.prior import random_latents
    from tinyvae.plots import generated_sheet, save_figure
    from tinyvae.plots.shades import shades_of
    from tinyvae.runs.folder import load_run
    from tinyvae.worlds import Pictures

    found = load_run(run)
    num_latents = found.vae.head.latents
    points = [parse_point(text, num_latents) for text in at or []]
    rng = np.random.default_rng(seed)
    points.extend(random_latents(found.vae, random or 0, rng))
    latents = np.array(points)
    pictures = decode_pictures(found.vae, latents)
    table = isinstance(found.world, Pictures) and bool(found.world.offsets)
    shades = shades_of(pictures, "real" if table else "grey")
    save_figure(generated_sheet(latents, pictures, shades), out)
    talk(f"wrote {out}: {counted(len(latents), 'picture')}")


def parse_point(text: str, num_latents: int) -> list[float]:
    """The numbers of `0,1.5,-1`.

    Raises: ConfigError if they are not one finite number for each latent.
    """
    try:
        point = [float(part) for part in text.split(",")]
    except ValueError:
        point = []
    if len(point) != num_latents or not all(abs(value) <= FURTHEST for value in point):
        raise ConfigError(
            f"--at: expected {num_latents} finite numbers separated by commas, one "
            f"for each latent, got {text!r}."
        )
    return point
