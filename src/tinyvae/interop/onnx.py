"""Writes encoder and decoder of a trained VAE as ONNX files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tinyvae.extras import check_installed
from tinyvae.files.whole import make_folder, write_whole
from tinyvae.interop.exported import Fitted, exported
from tinyvae.runs.run import Run


class OnnxFiles(NamedTuple):
    """The written files, and how far onnxruntime differs from tinyvae on examples."""

    encoder: Path
    decoder: Path
    difference: float


def to_onnx(
    trained: Run | Fitted, folder: str | Path, *, layout: str = "hwc"
) -> OnnxFiles:
    """Write encoder.onnx and decoder.onnx, with float32 inputs and a batch of any size.

    encoder: image to mean and log_variance of the posterior, each (batch, latent); with
    quantised latents, to code, the values of their levels.
    decoder: latent to image, the picture to show, and to logits if the likelihood has
    them. The pixels of images are as in training, in [0, 1]. For a table, `row` takes
    the place of image: (batch, feature), in the table's own units.

    Before anything is written, both models run in onnxruntime on random examples, and
    must agree with tinyvae to 1e-4.

    Args:
        trained: a run, or a fitted `tinyvae.sklearn.VAE`.
        folder: made if it does not exist; files of these names are replaced.
        layout: "hwc", images of shape (batch, height, width, channel) as everywhere in
            tinyvae; or "chw", (batch, channel, height, width) as in PyTorch.

    Raises: ConfigError if onnx or onnxruntime is not installed, or if it cannot be
    exported; DataError if onnxruntime disagrees; RunFolderError if the folder cannot
    be written.
    """
    for package in ("onnx", "onnxruntime"):
        check_installed(package, "ONNX", "onnx")
    from tinyvae.interop.onnx_check import checked_difference
    from tinyvae.interop.onnx_models import decoder_model, encoder_model

    parts = exported(trained, layout)
    encoder, decoder = encoder_model(parts), decoder_model(parts)
    largest = checked_difference(parts, encoder, decoder)
    folder = Path(folder)
    make_folder(folder)
    files = OnnxFiles(folder / "encoder.onnx", folder / "decoder.onnx", largest)
    write_whole(files.encoder, encoder.SerializeToString())
    write_whole(files.decoder, decoder.SerializeToString())
    return files
