"""Questions to a trained VAE: which latent is which factor, and how well it fits."""

from __future__ import annotations

import jax

from tinyvae.answer import Answer, build_answer
from tinyvae.evaluation.fit import (
    MOST_ROWS,
    Evaluated,
    answer_rows,
    evaluate,
    representation,
)
from tinyvae.evaluation.movement import decoded_range, movement_of, pixel_movement
from tinyvae.evaluation.traversal import decoder_response
from tinyvae.models.vae import VAE
from tinyvae.runs.opened import Opened
from tinyvae.worlds.world import HasCoordinates, Measures, Population


def answer_of(vae: VAE, opened: Opened) -> Answer:
    """Which latent of a trained VAE is which factor of its pictures."""
    world, population = opened.config.world, opened.population
    evaluated = answer_rows(population)
    # the same noise for every run, so that ELBOs are comparable
    evaluation = evaluate(vae, population, evaluated, key=jax.random.key(0))
    table = evaluated.table
    coordinates = (
        world.independent_coordinates(table)
        if isinstance(world, HasCoordinates) and table.factors
        else None
    )
    decoder = (
        decoder_response(vae, world, evaluation.posteriors, table)
        if isinstance(world, Measures) and table.factors
        else None
    )
    found = evaluation.posteriors
    # unbounded pixels have the range of the decoder's output
    free = population.pixels == "real"
    pixel_range = decoded_range(vae, found, table) if free else 1.0
    movement = movement_of(pixel_movement(vae, found, table, pixel_range=pixel_range))
    return build_answer(
        representation(evaluation, table),
        kl=evaluation.kl,
        fit=evaluation.fit,
        independent_coordinates=coordinates,
        decoder=decoder,
        movement=movement,
    )


def held_out_fit(vae: VAE, population: Population) -> dict[str, float] | None:
    """ELBO and its terms on pictures held out of training, in nats; or None."""
    held_out = population.held_out(MOST_ROWS)
    if held_out is None:
        return None
    evaluated = Evaluated(*held_out)
    fit = evaluate(vae, population, evaluated, key=jax.random.key(0)).fit
    return {
        "samples": float(len(evaluated.rows)),
        "elbo": fit.elbo,
        "reconstruction": fit.reconstruction,
        "kl": fit.kl,
    }
