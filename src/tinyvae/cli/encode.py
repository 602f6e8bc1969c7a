"""`tinyvae encode RUN OUT.npz`: pictures in, codes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, talk


@app.command()
@ends_well
def encode(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    out: Annotated[Path, typer.Argument(help="npz file to write.")],
    images: Annotated[
        Path | None,
        typer.Option(help="npz file with `images` (sample, height, width) in [0, 1]."),
    ] = None,
) -> None:
    """Write the codes of the whole grid, or of your own pictures.

    Arrays: codes (posterior means) and log_variance, both (sample, latent); for the
    grid also factors (sample, factor), factor_names, probability, and active (latent):
    whether a latent carries information, 0.1 nats of KL or more.

    [bold]Examples[/bold]

    tinyvae encode runs/margin-annealed-tc-seed0 codes.npz

    tinyvae encode runs/margin-annealed-tc-seed0 mine.npz --images pictures.npz
    """
    import numpy as np

    from tinyvae.evaluation.fit import (
        ACTIVE_KL,
        draw_table,
        encode_images,
        evaluation_table,
    )
    from tinyvae.files.npz import read_images, write_npz
    from tinyvae.runs.folder import load_run

    found = load_run(run)
    if images is not None:
        posteriors = encode_images(
            found.vae, read_images(images, found.world.image_shape)
        )
        beside = {}
    else:
        table = evaluation_table(found.world)
        posteriors = encode_images(found.vae, draw_table(found.world, table))
        kl = table.probability @ posteriors.kl_to_prior()
        beside = {
            "active": kl >= ACTIVE_KL,
            "factors": table.values,
            "factor_names": np.array(table.names),
        }
        if table.complete:  # so that the rows count as the whole population
            beside["probability"] = table.probability
    codes, log_variance = posteriors
    write_npz(out, codes=codes, log_variance=log_variance, **beside)
    talk(f"wrote {out}: {len(codes)} codes of {codes.shape[1]} latents")
