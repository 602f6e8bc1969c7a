"""What a trained VAE is asked: which latent is which factor, and how well it fits."""

from __future__ import annotations

import jax

from tinyvae.answer import Answer, build_answer
from tinyvae.evaluation.fit import evaluate, evaluation_table, representation
from tinyvae.factors import FactorTable
from tinyvae.evaluation.traversal import decoder_response
from tinyvae.models.vae import VAE
from tinyvae.worlds import Circles


def answer_of(vae: VAE, world: Circles) -> Answer:
    """Which latent of a trained VAE is which factor of its world."""
    table = evaluation_table(world)
    # the same noise for every run, so that their ELBOs compare
    evaluation = evaluate(vae, world, table, key=jax.random.key(0))
    return build_answer(
        representation(evaluation, table),
        kl=evaluation.kl,
        fit=evaluation.fit,
        independent_coordinates=world.independent_coordinates(table),
        decoder=decoder_response(vae, world, evaluation.posteriors, table),
    )


def test_terms(
    vae: VAE, world: Circles, test_table: FactorTable | None
) -> dict[str, float] | None:
    """ELBO and its terms on held-out pictures, in nats; None without a data set."""
    if test_table is None:
        return None
    fit = evaluate(vae, world, test_table, key=jax.random.key(0)).fit
    return {
        "samples": float(len(test_table)),
        "elbo": fit.elbo,
        "reconstruction": fit.reconstruction,
        "kl": fit.kl,
    }
