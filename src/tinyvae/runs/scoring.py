"""The scores of a run: its codes over the whole world, judged."""

from __future__ import annotations

import jax

from tinyvae.evaluation.fit import evaluate, evaluation_table, representation
from tinyvae.representation import Representation
from tinyvae.runs.run import Run
from tinyvae.scores.suite import Suite, all_scores


def run_representation(run: Run) -> Representation:
    """Codes of every picture of a run's world (or of a sample) beside their factors."""
    table = evaluation_table(run.world)
    found = evaluate(run.vae, run.world, table, key=jax.random.key(0))
    return representation(found, table)


def score(run: Run) -> Suite:
    """Every score of a trained run; `tinyvae.score(run)`.

    Over the whole grid of the run's world, so exact wherever nothing is drawn or
    fitted; a large world is sampled.
    """
    return all_scores(run_representation(run))
