"""How well a trained VAE fits the pictures of its world: ELBO, total correlation."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, PRNGKeyArray, Shaped

from tinyvae.evaluation.encode import Posteriors, chunk, posteriors_of
from tinyvae.evaluation.levels import level_total_correlation
from tinyvae.evaluation.results import ModelFit
from tinyvae.factors import FactorTable
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.quantised import QuantisedPosterior
from tinyvae.models.vae import VAE, Posterior
from tinyvae.objectives.total_correlation import total_correlation
from tinyvae.representation import Representation
from tinyvae.worlds.world import Population

MOST_ROWS = 10_000  # of a table; larger populations are sampled
MOST_DRAWS, FEWEST_DRAWS = 16, 2  # posterior draws of each picture
ENOUGH_DRAWS = 25_000  # in all: 16 draws up to 1562 pictures, fewer for more
ACTIVE_KL = 0.1  # nats; a latent with less carries almost no information


class Evaluated(NamedTuple):
    """Rows of a population, with the factors of their pictures."""

    table: FactorTable
    rows: Int[np.ndarray, " sample"]


class Evaluation(NamedTuple):
    """Codes and fit of a trained VAE on some pictures."""

    posteriors: Posteriors
    kl: Float[np.ndarray, " latent"]  # nats, mean over the population
    fit: ModelFit


def answer_rows(population: Population) -> Evaluated:
    """The rows that the answer is measured on: a whole population, or 10 000 of it."""
    return Evaluated(*population.table(MOST_ROWS))


def evaluate(
    vae: VAE, population: Population, evaluated: Evaluated, *, key: PRNGKeyArray
) -> Evaluation:
    """Codes, ELBO (2 to 16 posterior draws per picture), total correlation, overlap.

    The total correlation is exact. Everything is averaged over the table by its
    probabilities; terms are in nats. The prior of quantised latents is that of
    `Posteriors.mean_kl`.
    """
    table, rows = evaluated
    probability = jnp.asarray(table.probability, jnp.float32)
    posterior, log_likelihood, overlap, correlation = _measure(
        vae, population, jnp.asarray(rows), probability, key
    )
    posteriors = posteriors_of(posterior)
    kl = posteriors.mean_kl(table.probability)
    if posteriors.quantised:
        correlation = level_total_correlation(posteriors.mean, table.probability)
    # overlap is defined for black-and-white pictures only, by their white pixels
    binary = population.pixels == "binary"
    fit = ModelFit(
        elbo=float(log_likelihood) - float(kl.sum()),
        reconstruction=float(log_likelihood),
        kl=float(kl.sum()),
        total_correlation=float(correlation),
        intersection_over_union=float(overlap) if binary else float("nan"),
    )
    return Evaluation(posteriors, kl, fit)


@eqx.filter_jit
def _measure(
    vae: VAE,
    population: Population,
    rows: Int[Array, " sample"],
    probability: Float[Array, " sample"],
    key: PRNGKeyArray,
) -> tuple[Posterior, Array, Array, Array]:
    elbo_key, tc_key = jax.random.split(key)
    draws = max(FEWEST_DRAWS, min(MOST_DRAWS, ENOUGH_DRAWS // len(rows)))

    def one_picture(row_and_key):
        row, row_key = row_and_key
        image = population.images(row)
        posterior = vae.encode(image)
        log_likelihood = expected_log_likelihood(
            vae, posterior, image, jax.random.split(row_key, draws)
        )
        overlap = intersection_over_union(vae.reconstruct(image) > 0.5, image > 0.5)
        return posterior, log_likelihood, overlap

    keys = jax.random.split(elbo_key, len(rows))
    posterior, log_likelihood, overlap = jax.lax.map(
        one_picture, (rows, keys), batch_size=chunk(population.image_shape)
    )
    correlation = jnp.full((), jnp.nan)
    if isinstance(posterior, DiagonalGaussian):
        correlation = total_correlation(posterior, probability, key=tc_key)
    return (
        posterior,
        jnp.vdot(probability, log_likelihood),
        jnp.vdot(probability, overlap),
        correlation,
    )


def expected_log_likelihood(
    vae: VAE,
    posterior: Posterior,
    image: Shaped[Array, "height width channel"],
    keys: Key[Array, " draw"],
) -> Float[Array, ""]:
    """E_q[ln p(image | z)] over one draw from the posterior per key, in nats.

    One draw after another, since decoded pictures take memory; a single one where the
    posterior is a point.
    """
    if isinstance(posterior, QuantisedPosterior):
        return vae.log_likelihood(image, posterior.code)

    def one_draw(key: PRNGKeyArray) -> Float[Array, ""]:
        return vae.log_likelihood(image, posterior.sample(key=key))

    return jax.lax.map(one_draw, keys).mean()


def intersection_over_union(
    first: Shaped[Array, "*image"], second: Shaped[Array, "*image"]
) -> Float[Array, ""]:
    """Overlap of two black-and-white pictures: 1 if equal, 0 if they share no pixel."""
    union = jnp.sum(first | second)
    return jnp.where(union > 0, jnp.sum(first & second) / jnp.maximum(union, 1), 1.0)


def representation(evaluation: Evaluation, table: FactorTable) -> Representation:
    """The codes of a table of pictures, with their factors."""
    return Representation(
        evaluation.posteriors.mean, table, active=evaluation.kl >= ACTIVE_KL
    )
