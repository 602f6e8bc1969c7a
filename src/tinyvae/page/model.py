"""What the page is told of a run: its world, its weights, its codes and its answer."""

from __future__ import annotations

import base64
import math
from dataclasses import fields
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from tinyvae.answer.json_writing import plain
from tinyvae.evaluation.fit import draw_table, encode_images, evaluation_table
from tinyvae.evaluation.traversal import central_code, traverse, walk
from tinyvae.factors import FactorTable
from tinyvae.models.fully_connected import FullyConnected
from tinyvae.models.likelihoods import bernoulli_log_likelihood
from tinyvae.runs.config import RunConfig
from tinyvae.runs.run import Run
from tinyvae.worlds import Circles

MOST_POINTS = 4000  # of the cloud
WALK_STEPS = 11  # pictures of a walk, where the page cannot decode
NUM_QUANTILES = 101  # of the data's own reconstruction errors


def model_data(run: Run, name: str) -> dict[str, Any]:
    """Everything that the page needs of a run, as JSON values.

    Weights are 16-bit floats, which the page widens again; codes are those of the run
    as it is, before its weights were rounded. Networks that are not fully connected
    cannot run in the page: `networks` is null, and `walks` holds pictures instead.
    """
    table = evaluation_table(run.world)
    images = draw_table(run.world, table)
    posteriors = encode_images(run.vae, images)
    rows = np.random.default_rng(0).permutation(len(table))
    shown = np.sort(rows[:MOST_POINTS])
    walks = [
        walk(posteriors.mean, table.probability, latent, WALK_STEPS)
        for latent in range(posteriors.mean.shape[1])
    ]
    base = central_code(posteriors.mean, table.probability)
    networks = networks_data(run)
    return {
        "name": name,
        "objective": run.config.objective.kind,
        "python": python_lines(run),
        "world": world_data(run.world, table),
        "networks": networks,
        "walks": walks_data(run, base, walks) if networks is None else None,
        "answer": run.answer.to_json(),
        "codes": half_floats(posteriors.mean[shown]),
        "factors": half_floats(table.values[shown]),
        "numPoints": len(shown),
        "rows": len(table),
        "ranges": [[float(values[0]), float(values[-1])] for values in walks],
        "base": plain(base),
        "errors": error_quantiles(run, images, posteriors.mean),
        "history": history_data(run),
    }


def world_data(world: Circles, table: FactorTable) -> dict[str, Any]:
    """Size, ranges of the factors, and the half widths from which circles are drawn."""
    return {
        "size": world.size,
        "layout": world.layout,
        "factors": [
            {"name": factor.name, "low": factor.values[0], "high": factor.values[-1]}
            for factor in table.factors
        ],
        "halfWidth": world.half_width.tolist(),
    }


def networks_data(run: Run) -> dict[str, Any] | None:
    """Encoder and decoder, or None where they are not fully connected."""
    found = {}
    for name in ("encoder", "decoder"):
        network = getattr(run.vae, name).network
        if not isinstance(network, FullyConnected):
            return None
        found[name] = network_data(network)
    return found


def walks_data(
    run: Run,
    base: Float[np.ndarray, " latent"],
    walks: list[Float[np.ndarray, " step"]],
) -> list[dict[str, Any]]:
    """Pictures along each latent from one code, a byte a pixel, in base 64."""
    found = []
    for latent, values in enumerate(walks):
        images = traverse(run.vae, base, latent, values).images
        pixels = np.round(255 * images).astype(np.uint8)
        found.append(
            {
                "values": [round(float(value), 3) for value in values],
                "pixels": base64.b64encode(pixels.tobytes()).decode(),
            }
        )
    return found


def network_data(network: FullyConnected) -> dict[str, Any]:
    """Layers of a network, weights (output, input) and biases as 16-bit floats."""
    return {
        "activation": network.activation,
        "layers": [
            {
                "inputs": layer.weight.shape[1],
                "outputs": layer.weight.shape[0],
                "weight": half_floats(np.asarray(layer.weight)),
                "bias": half_floats(np.asarray(layer.bias)),
            }
            for layer in network.layers
        ],
    }


def half_floats(values: np.ndarray) -> str:
    """Numbers as 16-bit floats, little-endian, row by row, in base 64."""
    return base64.b64encode(np.asarray(values, "<f2").tobytes()).decode()


def error_quantiles(
    run: Run, images: Any, codes: Float[np.ndarray, "sample latent"]
) -> list[float]:
    """Quantiles of -ln p(x | mean code) over the data, in nats.

    By these the page says how far outside the data a picture lies.
    """

    def error(code, image):
        return -bernoulli_log_likelihood(run.vae.decode(code), image)

    errors = jax.lax.map(
        lambda pair: error(*pair), (jnp.asarray(codes), images), batch_size=512
    )
    ends = np.linspace(0, 1, NUM_QUANTILES)
    return [round(float(value), 3) for value in np.quantile(np.asarray(errors), ends)]


def history_data(run: Run) -> dict[str, list[float | None]]:
    """Curves of the member that was kept: its ELBO and terms at each record."""
    kept = next((m.member for m in run.members if m.chosen), 0)
    rows = [row for row in run.history if row.member == kept]
    return {
        "step": [float(row.step) for row in rows],
        "elbo": [_finite(row.elbo) for row in rows],
        "reconstruction": [_finite(row.reconstruction) for row in rows],
        "kl": [_finite(sum(row.kl)) for row in rows],
        "total_correlation": [_finite(row.total_correlation) for row in rows],
    }


def python_lines(run: Run) -> str:
    """Python that trains the same run again."""
    config, default = run.config, RunConfig()
    parts = [_call(config.world), _call(config.objective)]
    for name in ("network", "training"):
        if getattr(config, name) != getattr(default, name):
            parts.append(f"{name}={_call(getattr(config, name))}")
    for name in ("seed", "members", "samples"):
        if getattr(config, name) != getattr(default, name):
            parts.append(f"{name}={getattr(config, name)}")
    lines = "".join(f"    {part},\n" for part in parts)
    return f"import tinyvae as tv\n\nrun = tv.train(\n{lines})\nrun.answer"


def _call(setting: Any) -> str:
    """The call that makes a setting, with what is not the default."""
    default, given = type(setting)(), []
    for entry in fields(setting):
        value = getattr(setting, entry.name)
        if entry.init and value != getattr(default, entry.name):
            given.append(f"{entry.name}={value!r}")
    return f"tv.{type(setting).__name__}({', '.join(given)})"


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
