"""The history of training: what the terms of the objective were, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np

from tinyvae.objectives.terms import ObjectiveTerms
from tinyvae.training import TrainingConfig, TrainingState


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


def history_rows(state: TrainingState, config: TrainingConfig) -> list[HistoryRow]:
    """One row for each member where a row is due at this step, else none."""
    step = int(state.step)
    if step % config.record_every != 0 and step != config.steps:
        return []
    since = step % config.record_every or config.record_every
    means = jax.tree.map(lambda leaf: np.asarray(leaf, float) / since, state.sums)
    return [history_row(step, member, means) for member in range(len(means.loss))]


def history_row(step: int, member: int, terms: ObjectiveTerms) -> HistoryRow:
    """Terms of one member of a group as plain numbers."""
    return HistoryRow(
        step,
        member,
        float(terms.loss[member]),
        float(terms.elbo[member]),
        float(terms.reconstruction[member]),
        tuple(float(kl) for kl in terms.kl[member]),
        float(terms.total_correlation[member]),
        float(terms.kl_weight[member]),
        float(terms.tc_weight[member]),
    )


def row_from_json(fields: dict) -> HistoryRow:
    """The row whose `_asdict` was written as JSON; TypeError if it is no such row."""
    return HistoryRow(**{**fields, "kl": tuple(fields["kl"])})


def selection_losses(
    rows: Sequence[HistoryRow], window: tuple[float, float], config: TrainingConfig
) -> list[float]:
    """Mean loss of each member within a window of progress, in nats.

    No factor enters. The window is the objective's own: the end of the time in which
    its weights still tell a rotated member from an aligned one.
    """
    first, last = (share * config.steps for share in window)
    width = config.record_every
    members = sorted({row.member for row in rows})
    return [
        float(
            np.mean(
                [
                    row.loss
                    for row in rows
                    if row.member == member
                    and first < row.step <= max(last, first + width)
                ]
            )
        )
        for member in members
    ]
