"""The scores of a run: its codes against the factors of its pictures."""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np

from tinyvae.errors import ConfigError, DataError
from tinyvae.evaluation.fit import answer_rows, evaluate, representation
from tinyvae.models.vae import VAE
from tinyvae.representation import Representation
from tinyvae.runs.run import Run
from tinyvae.scores.suite import Suite, all_scores
from tinyvae.worlds.world import Population

# what measuring a trained VAE may raise, which is no fault of the program
UNMEASURABLE = (DataError, ConfigError, ArithmeticError, np.linalg.LinAlgError)


def run_representation(run: Run) -> Representation:
    """Codes of the pictures that the answer is measured on, with their factors."""
    return population_representation(run.vae, run.population)


def population_representation(vae: VAE, population: Population) -> Representation:
    """Codes of the pictures of a population that an answer is measured on."""
    evaluated = answer_rows(population)
    found = evaluate(vae, population, evaluated, key=jax.random.key(0))
    return representation(found, evaluated.table)


def score(run: Run) -> Suite:
    """Every score of a trained run; `tinyvae.score(run)`.

    The scores cover all pictures of the run's world, so they are exact unless something
    is drawn or fitted. A large world is sampled; own pictures use those held out.
    """
    return replace(all_scores(run_representation(run)), known=run.answer.known)
