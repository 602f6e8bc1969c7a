"""What the page is told of a run: its world, its weights, its codes and its answer."""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from tinyvae.answer.json_writing import plain
from tinyvae.evaluation.encode import chunk, encode_rows
from tinyvae.evaluation.fit import answer_rows
from tinyvae.evaluation.traversal import central_code, walk_of
from tinyvae.models.likelihoods import Gaussian, Likelihood
from tinyvae.models.vae import VAE
from tinyvae.objectives.total_correlation import TOTAL_CORRELATION
from tinyvae.page.networks import half_floats, networks_data, single_floats
from tinyvae.page.pictures import PICTURES_BYTES, pictures_data, walks_data
from tinyvae.page.python import python_lines
from tinyvae.page.world import runs_in_page, world_data
from tinyvae.runs.run import Run
from tinyvae.worlds.world import Population

MOST_POINTS = 4000  # of the cloud
MOST_NUMBERS = 200_000  # of all codes of the cloud
MOST_PICTURES = 400  # own pictures that the page holds
WALK_STEPS = 15  # pictures of a walk, where the page cannot decode
NUM_QUANTILES = 101  # of the data's own reconstruction errors


def model_data(
    run: Run, name: str, *, picture_bytes: int = PICTURES_BYTES
) -> dict[str, Any]:
    """Everything that the page needs of a run, as JSON values.

    Weights are 16-bit floats, which the page widens again; codes are those of the run
    as it is, before its weights were rounded. Networks that the page cannot run are
    null, and `walks` holds pictures instead. The first points of the cloud are those
    whose pictures the page holds, at most `picture_bytes` in all.
    """
    population = run.population
    table, rows = answer_rows(population)
    posteriors = encode_rows(run.vae, population, rows)
    codes = posteriors.mean
    networks = networks_data(run.vae)
    shown = shown_points(len(rows), codes.shape[1])
    pictures = None
    if not runs_in_page(run.world):
        pictures = pictures_data(
            population, rows[shown[:MOST_PICTURES]], picture_bytes, networks is not None
        )
    shown = pictures_first(shown, pictures["count"] if pictures else 0)
    walks = [
        walk_of(posteriors, table.probability, latent, WALK_STEPS)
        for latent in range(codes.shape[1])
    ]
    base = central_code(codes, table.probability)
    return {
        "name": name,
        "objective": {
            "kind": run.config.objective.kind,
            "title": run.config.objective.title,
            "supervision": run.supervision,
        },
        "python": python_lines(run),
        "world": world_data(run.world, population),
        "likelihood": likelihood_data(run.vae.likelihood),
        "networks": networks,
        "walks": None
        if networks is not None
        else walks_data(run.vae, base, walks, run.answer.measurement.kl),
        "pictures": pictures,
        "answer": run.answer.to_json(),
        "codes": half_floats(codes[shown]),
        "factors": single_floats(table.values[shown]),
        "numPoints": len(shown),
        "rows": len(table),
        "ranges": [[float(values[0]), float(values[-1])] for values in walks],
        "base": plain(base),
        "errors": error_quantiles(run.vae, population, rows, codes),
        "history": history_data(run),
    }


def shown_points(num_rows: int, num_latents: int) -> Int[np.ndarray, " point"]:
    """The rows that the cloud shows: all, or a random sample, in random order."""
    most = max(1, min(MOST_POINTS, MOST_NUMBERS // num_latents))
    return np.random.default_rng(0).permutation(num_rows)[:most]


def pictures_first(
    shown: Int[np.ndarray, " point"], count: int
) -> Int[np.ndarray, " point"]:
    """The same points, those with pictures still first; the others in order."""
    return np.concatenate([shown[:count], np.sort(shown[count:])])


def likelihood_data(likelihood: Likelihood) -> dict[str, Any]:
    """Kind of the likelihood, and the log of its scale where it has one."""
    scale = None
    if isinstance(likelihood, Gaussian):
        scale = float(likelihood.log_scale())
    return {"kind": likelihood.kind, "logScale": scale}


@eqx.filter_jit
def _errors(
    vae: VAE,
    population: Population,
    rows: Int[Array, " sample"],
    codes: Float[Array, "sample latent"],
) -> Float[Array, " sample"]:
    def error(row_and_code):
        row, code = row_and_code
        return -vae.log_likelihood(population.images(row), code)

    at_once = chunk(population.image_shape)
    return jax.lax.map(error, (rows, codes), batch_size=at_once)


def error_quantiles(
    vae: VAE,
    population: Population,
    rows: Int[np.ndarray, " sample"],
    codes: Float[np.ndarray, "sample latent"],
) -> list[float]:
    """Quantiles of -ln p(x | mean code) over the data, in nats.

    By these the page says how far outside the data a picture lies.
    """
    errors = _errors(
        vae, population, jnp.asarray(rows), jnp.asarray(codes, jnp.float32)
    )
    ends = np.linspace(0, 1, NUM_QUANTILES)
    return [round(float(value), 3) for value in np.quantile(np.asarray(errors), ends)]


def history_data(run: Run) -> dict[str, Any]:
    """Curves of the member that was kept: its ELBO, KL and every named penalty."""
    kept = next((m.member for m in run.members if m.chosen), 0)
    rows = [row for row in run.history if row.member == kept]
    curves = [
        {"name": "ELBO", "unit": "nats", "values": [_finite(row.elbo) for row in rows]},
        {"name": "KL", "unit": "nats", "values": [_finite(sum(r.kl)) for r in rows]},
    ]
    names = [penalty.name for penalty in rows[-1].penalties] if rows else []
    curves += [
        {
            "name": f"{name} in a minibatch",
            "unit": "nats" if name == TOTAL_CORRELATION else "",
            "values": [_finite(row.penalty(name).value) for row in rows],
        }
        for name in names
    ]
    return {"step": [float(row.step) for row in rows], "curves": curves}


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
