"""`tinyvae export RUN`: encoder and decoder as ONNX files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyvae.cli.app import app, ends_well, talk
from tinyvae.errors import ConfigError


@app.command()
@ends_well
def export(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    to: Annotated[
        Path | None,
        typer.Option(help="Folder to write into; by default onnx, in the run folder."),
    ] = None,
    layout: Annotated[
        str,
        typer.Option(help="Axes of images: hwc, or chw as in PyTorch."),
    ] = "hwc",
) -> None:
    """Write encoder.onnx and decoder.onnx, for programs without tinyvae.

    The encoder takes images and gives mean and log variance of the latents; the decoder
    takes latents and gives images. Pixels lie in [0, 1], numbers are 32-bit floats, a
    batch may have any size. For a table, rows in its own units take the place of
    images. Needs the packages of tinyvae[onnx].

    [bold]Examples[/bold]

    tinyvae export runs/circles-coarse-to-fine-seed0

    tinyvae export runs/RUN --to models --layout chw
    """
    if to is not None and to.suffix == ".onnx":
        raise ConfigError(
            f"--to: expected a folder for encoder.onnx and decoder.onnx, got {to}. "
            f"Write --to {to.with_suffix('')}."
        )
    from tinyvae.interop.onnx import to_onnx
    from tinyvae.runs.folder import load_run

    files = to_onnx(load_run(run), to or run / "onnx", layout=layout)
    talk(
        f"wrote {files.encoder} and {files.decoder}: onnxruntime and tinyvae differ by "
        f"at most {files.difference:.1g}"
    )
