"""The scores of a run: its codes against the factors of its pictures."""

from __future__ import annotations

import jax

from tinyvae.evaluation.fit import answer_rows, evaluate, representation
from tinyvae.representation import Representation
from tinyvae.runs.run import Run
from tinyvae.scores.suite import Suite, all_scores


def run_representation(run: Run) -> Representation:
    """Codes of the pictures that the answer is measured on, with their factors."""
    evaluated = answer_rows(run.population)
    found = evaluate(run.vae, run.population, evaluated, key=jax.random.key(0))
    return representation(found, evaluated.table)


def score(run: Run) -> Suite:
    """Every score of a trained run; `tinyvae.score(run)`.

    The scores cover all pictures of the run's world, so they are exact unless something
    is drawn or fitted. A large world is sampled; own pictures use those held out.
    """
    return all_scores(run_representation(run))
