"""Compares ONNX models, run by onnxruntime, with the VAE that they come from."""

from __future__ import annotations

import jax
import numpy as np
import onnx
import onnxruntime
from jaxtyping import Float

from tinyvae.errors import DataError
from tinyvae.evaluation.encode import encode_images
from tinyvae.evaluation.traversal import decode_pictures
from tinyvae.interop.exported import Exported

EXAMPLES = 7
LARGEST_DIFFERENCE = 1e-4  # of numbers up to 1 in size, else of their size

Results = list[Float[np.ndarray, "..."]]


def checked_difference(
    exported: Exported, encoder: onnx.ModelProto, decoder: onnx.ModelProto
) -> float:
    """Largest difference of onnxruntime and tinyvae, on seven random examples.

    Differences of numbers larger than 1 are divided by their size.

    Raises: DataError if it is above 1e-4.
    """
    rng = np.random.default_rng(0)
    shape = (EXAMPLES, *exported.image_shape)
    images = rng.uniform(size=shape).astype(np.float32)
    if exported.units is not None:
        images = rng.standard_normal(shape).astype(np.float32)
    examples = in_models(exported, images)
    if exported.units is not None:  # what is left of the numbers in 32 bits
        images = exported.units.standardised(examples.astype(float)).reshape(shape)
    latents = rng.standard_normal((EXAMPLES, exported.latents)).astype(np.float32)
    with jax.default_matmul_precision("highest"):
        posteriors = encode_images(exported.vae, images)
        shown = in_models(exported, decode_pictures(exported.vae, latents))
    parts = [part for part in posteriors if part is not None]
    differences = [
        difference(run_model(decoder, latents)[0], shown, _scale(exported)),
        *map(difference, run_model(encoder, examples), parts),
    ]
    if not max(differences) <= LARGEST_DIFFERENCE:
        raise DataError(
            f"expected onnxruntime {onnxruntime.__version__} to agree with tinyvae to "
            f"{LARGEST_DIFFERENCE}, got a difference of {max(differences):.2g}. "
            "Nothing was written. Use another version of onnxruntime."
        )
    return max(differences)


def in_models(
    exported: Exported, images: Float[np.ndarray, "sample height width channel"]
) -> Float[np.ndarray, "sample *example"]:
    """What the models take and give for these images of the network."""
    if exported.units is not None:
        rows = images.reshape(len(images), -1)
        return exported.units.restored(rows).astype(np.float32)
    return images.transpose(0, 3, 1, 2) if exported.layout == "chw" else images


def _scale(exported: Exported) -> Float[np.ndarray, " feature"]:
    if exported.units is None:
        return np.ones(1)
    return exported.units.scale


def difference(
    first: np.ndarray, second: np.ndarray, scale: float | np.ndarray = 1.0
) -> float:
    """Largest difference, in parts of the scale or of the size of larger numbers."""
    return float((np.abs(first - second) / np.maximum(scale, np.abs(second))).max())


def run_model(model: onnx.ModelProto, examples: Float[np.ndarray, "..."]) -> Results:
    """The results of a model in onnxruntime, on the CPU."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    results = session.run(None, {name: np.ascontiguousarray(examples)})
    return [np.asarray(result) for result in results]
