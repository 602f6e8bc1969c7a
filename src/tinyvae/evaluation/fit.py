"""A trained VAE on every picture of its world: codes, ELBO, total correlation, fit."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray, Shaped

from tinyvae.evaluation.results import ModelFit
from tinyvae.factors import FactorTable
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.likelihoods import bernoulli_log_likelihood
from tinyvae.models.vae import VAE
from tinyvae.objectives.total_correlation import total_correlation
from tinyvae.representation import Representation
from tinyvae.worlds import Circles

LARGEST_GRID = 10_000  # rows; beyond, the grid is sampled
ELBO_DRAWS = 16  # posterior samples of each picture
ACTIVE_KL = 0.1  # nats; a latent with less tells (almost) nothing about the picture
CHUNK = 512  # pictures worked on at once, to keep memory small


class Posteriors(NamedTuple):
    """Mean and log variance of q(z|x), as NumPy arrays."""

    mean: Float[np.ndarray, "sample latent"]
    log_variance: Float[np.ndarray, "sample latent"]

    def kl_to_prior(self) -> Float[np.ndarray, "sample latent"]:
        """KL(q(z_j|x) || N(0, 1)) of each latent, in nats."""
        mean, log_variance = self.mean, self.log_variance
        return 0.5 * (mean**2 + np.expm1(log_variance) - log_variance)


class Evaluation(NamedTuple):
    """What a trained VAE makes of a table of pictures."""

    posteriors: Posteriors
    kl: Float[np.ndarray, " latent"]  # nats, mean over the population
    fit: ModelFit


def draw_table(
    world: Circles, table: FactorTable
) -> Bool[Array, "sample height width"]:
    """The pictures of every row of a table."""
    return jax.jit(world.draw)(table.values)


def evaluation_table(world: Circles, *, seed: int = 0) -> FactorTable:
    """The whole grid of a world, or a random sample where it is too large."""
    if len(world.table) <= LARGEST_GRID:
        return world.table
    return world.table.sample_rows(LARGEST_GRID, seed=seed)


def encode_images(
    vae: VAE, images: Shaped[Array | np.ndarray, "sample height width"]
) -> Posteriors:
    """Posteriors of pictures with pixels in [0, 1]."""

    @jax.jit
    def encode(images) -> DiagonalGaussian:
        return jax.lax.map(vae.encode, images, batch_size=CHUNK)

    posterior = encode(images)
    return Posteriors(
        np.asarray(posterior.mean, np.float64),
        np.asarray(posterior.log_variance, np.float64),
    )


def evaluate(
    vae: VAE, world: Circles, table: FactorTable, *, key: PRNGKeyArray
) -> Evaluation:
    """Codes, ELBO (16 posterior draws), exact total correlation and overlap.

    Everything is averaged over the table by its probabilities; terms are in nats.
    """
    rows = jnp.asarray(table.values)
    probability = jnp.asarray(table.probability, jnp.float32)

    @jax.jit
    def measure(rows, probability, key):
        elbo_key, tc_key = jax.random.split(key)

        def one_picture(row_and_key):
            row, row_key = row_and_key
            image = world.draw(row)
            posterior = vae.encode(image)
            log_likelihood = expected_log_likelihood(vae, posterior, image, row_key)
            overlap = intersection_over_union(vae.reconstruct(image) > 0.5, image)
            return posterior, log_likelihood, overlap

        keys = jax.random.split(elbo_key, len(rows))
        posterior, log_likelihood, overlap = jax.lax.map(
            one_picture, (rows, keys), batch_size=CHUNK
        )
        correlation = total_correlation(posterior, probability, key=tc_key)
        return (
            posterior,
            jnp.vdot(probability, log_likelihood),
            jnp.vdot(probability, overlap),
            correlation,
        )

    posterior, reconstruction, overlap, correlation = measure(rows, probability, key)
    posteriors = Posteriors(
        np.asarray(posterior.mean, np.float64),
        np.asarray(posterior.log_variance, np.float64),
    )
    kl = table.probability @ posteriors.kl_to_prior()
    fit = ModelFit(
        elbo=float(reconstruction) - float(kl.sum()),
        reconstruction=float(reconstruction),
        kl=float(kl.sum()),
        total_correlation=float(correlation),
        intersection_over_union=float(overlap),
    )
    return Evaluation(posteriors, kl, fit)


def expected_log_likelihood(
    vae: VAE,
    posterior: DiagonalGaussian,
    image: Bool[Array, "height width"],
    key: PRNGKeyArray,
) -> Float[Array, ""]:
    """E_q[ln p(image | z)] over 16 draws from the posterior, in nats."""
    keys = jax.random.split(key, ELBO_DRAWS)
    latents = jax.vmap(lambda k: posterior.sample(key=k))(keys)
    logits = jax.vmap(vae.decode)(latents)
    return jax.vmap(bernoulli_log_likelihood, (0, None))(logits, image).mean()


def intersection_over_union(
    first: Bool[Array, "height width"], second: Bool[Array, "height width"]
) -> Float[Array, ""]:
    """Overlap of two black-and-white pictures: 1 if equal, 0 if they share no pixel."""
    union = jnp.sum(first | second)
    return jnp.where(union > 0, jnp.sum(first & second) / jnp.maximum(union, 1), 1.0)


def representation(evaluation: Evaluation, table: FactorTable) -> Representation:
    """The codes of a table of pictures beside their factors."""
    return Representation(
        evaluation.posteriors.mean, table, active=evaluation.kl >= ACTIVE_KL
    )
