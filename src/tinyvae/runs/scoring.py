"""The scores of a run: its codes, judged beside the factors of its pictures."""

from __future__ import annotations

import jax

from tinyvae.evaluation.fit import answer_rows, evaluate, representation
from tinyvae.representation import Representation
from tinyvae.runs.run import Run
from tinyvae.scores.suite import Suite, all_scores


def run_representation(run: Run) -> Representation:
    """Codes of the pictures that the answer is measured on, beside their factors."""
    evaluated = answer_rows(run.population)
    found = evaluate(run.vae, run.population, evaluated, key=jax.random.key(0))
    return representation(found, evaluated.table)


def score(run: Run) -> Suite:
    """Every score of a trained run; `tinyvae.score(run)`.

    Over all the pictures of the run's world, so exact wherever nothing is drawn or
    fitted; a large world is sampled, and of own pictures the held-out ones count.
    """
    return all_scores(run_representation(run))
