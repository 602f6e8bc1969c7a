"""The history of training: what the terms of the objective were, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np

from tinyvae.objectives.objective import ObjectiveTerms
from tinyvae.training.stretches import TrainingConfig, TrainingState


class HistoryRow(NamedTuple):
    """Terms of one member, averaged over the steps since the row before, in nats."""

    step: int
    member: int
    loss: float
    elbo: float
    reconstruction: float
    kl: tuple[float, ...]
    total_correlation: float
    kl_weight: float
    tc_weight: float


def history_rows(
    state: TrainingState, numbers: Sequence[int], config: TrainingConfig
) -> list[HistoryRow]:
    """One row for each member, by its number, where a row is due at this step."""
    step = int(state.step)
    if step % config.record_every != 0 and step != config.steps:
        return []
    since = step % config.record_every or config.record_every
    means = jax.tree.map(lambda leaf: np.asarray(leaf, float) / since, state.sums)
    return rows_of_terms(step, numbers, means)


def rows_of_last_step(state: TrainingState, numbers: Sequence[int]) -> list[HistoryRow]:
    """The terms of every member, by its number, at the last step alone."""
    return rows_of_terms(int(state.step), numbers, jax.tree.map(np.asarray, state.last))


def rows_of_terms(
    step: int, numbers: Sequence[int], terms: ObjectiveTerms
) -> list[HistoryRow]:
    """Terms with a leading member axis as plain numbers, one row a member."""
    return [
        HistoryRow(
            step,
            number,
            float(terms.loss[place]),
            float(terms.elbo[place]),
            float(terms.reconstruction[place]),
            tuple(float(kl) for kl in terms.kl[place]),
            float(terms.total_correlation[place]),
            float(terms.kl_weight[place]),
            float(terms.tc_weight[place]),
        )
        for place, number in enumerate(numbers)
    ]


def row_from_json(fields: dict) -> HistoryRow:
    """The row whose `_asdict` was written as JSON; TypeError if it is no such row."""
    return HistoryRow(**{**fields, "kl": tuple(fields["kl"])})
