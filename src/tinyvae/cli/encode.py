"""`tinyvae encode RUN OUT`: pictures in, codes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, talk
from tinyvae.errors import ConfigError
from tinyvae.wording import counted


@app.command()
@ends_well
def encode(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    out: Annotated[Path, typer.Argument(help="File to write: .npz, .csv or .parquet.")],
    images: Annotated[
        Path | None,
        typer.Option(help="Other pictures: a folder, or a file as for `train`."),
    ] = None,
    held_out: Annotated[
        bool,
        typer.Option("--held-out", help="Only pictures that were not trained on."),
    ] = False,
) -> None:
    """Write the codes of a run's pictures, or of other pictures.

    A table has one row per picture: its name, its code z0, z1 and so on, and its known
    factors. An npz file has arrays codes (posterior means) and log_variance, both
    (sample, latent), names if pictures have names, and, if they are known, factors
    (sample, factor), factor_names, factor_kinds, probability, and active (latent):
    whether a latent carries information, 0.1 nats of KL or more. Quantised latents
    have no log_variance. If training saw something of the factors, or the network is
    told something of the world, the arrays supervision and told say so.

    Of own pictures that are all of them, also those that were trained on; --held-out
    leaves these out. `tinyvae score RUN` scores the pictures held out.

    [bold]Examples[/bold]

    tinyvae encode runs/circles-coarse-to-fine-seed0 codes.npz

    tinyvae encode runs/RUN codes.csv --held-out

    tinyvae encode runs/RUN codes.csv --images photos
    """
    from tinyvae.files.codes_writing import write_codes
    from tinyvae.runs.encoding import encode_other, encode_own
    from tinyvae.runs.folder import load_run

    if held_out and images is not None:
        raise ConfigError(
            "expected --held-out or --images, got both: none of the other pictures "
            "was trained on."
        )
    found = load_run(run)
    if images is None:
        encoded = encode_own(found, held_out=held_out)
    else:
        encoded = encode_other(found, images)
    for note in encoded.notes:
        talk(note)
    write_codes(out, encoded)
    num, latents = encoded.codes.shape
    talk(f"wrote {out}: {num} codes of {counted(latents, 'latent')}")
