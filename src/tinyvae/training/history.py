"""The history of training: the terms of the objective, record by record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from tinyvae.objectives.objective import Terms
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import TrainingState


class PenaltyRow(NamedTuple):
    """A penalty of the objective: its mean value, and its weight in the loss."""

    name: str
    value: float
    weight: float


class HistoryRow(NamedTuple):
    """Terms of one member, averaged over the steps since the row before, in nats."""

    step: int
    member: int
    loss: float
    elbo: float
    reconstruction: float
    kl: tuple[float, ...]
    kl_weight: float
    penalties: tuple[PenaltyRow, ...] = ()

    def penalty(self, name: str) -> PenaltyRow:
        """The penalty of this name; value NaN and weight 0 if there is none."""
        found = [penalty for penalty in self.penalties if penalty.name == name]
        return found[0] if found else PenaltyRow(name, math.nan, 0.0)


def history_rows(
    state: TrainingState, numbers: Sequence[int], config: TrainingConfig
) -> list[HistoryRow]:
    """One row for each member, by its number, if a row is due at this step."""
    step = int(state.step)
    if step % config.record_every != 0 and step != config.steps:
        return []
    since = step % config.record_every or config.record_every
    means = jax.tree.map(lambda leaf: np.asarray(leaf, float) / since, state.sums)
    return rows_of_terms(step, numbers, means)


def rows_of_last_step(state: TrainingState, numbers: Sequence[int]) -> list[HistoryRow]:
    """The terms of every member, by its number, at the last step alone."""
    return rows_of_terms(int(state.step), numbers, jax.tree.map(np.asarray, state.last))


def rows_of_terms(step: int, numbers: Sequence[int], terms: Terms) -> list[HistoryRow]:
    """Terms with a leading member axis as plain numbers, one row per member."""
    return [
        HistoryRow(
            step,
            number,
            float(terms.loss[place]),
            float(terms.elbo[place]),
            float(terms.reconstruction[place]),
            tuple(float(kl) for kl in terms.kl[place]),
            float(terms.kl_weight[place]),
            tuple(
                PenaltyRow(p.name, float(p.value[place]), float(p.weight[place]))
                for p in terms.penalties
            ),
        )
        for place, number in enumerate(numbers)
    ]


def row_to_json(row: HistoryRow) -> dict[str, Any]:
    """The row as JSON values."""
    penalties = [penalty._asdict() for penalty in row.penalties]
    return {**row._asdict(), "penalties": penalties}


def row_from_json(fields: dict[str, Any]) -> HistoryRow:
    """The row written by `row_to_json`, or a row of format 1.

    Raises: KeyError or TypeError if it is neither.
    """
    if "tc_weight" in fields:
        fields = _from_format_1(fields)
    penalties = tuple(PenaltyRow(**penalty) for penalty in fields["penalties"])
    return HistoryRow(**{**fields, "kl": tuple(fields["kl"]), "penalties": penalties})


def _from_format_1(fields: dict[str, Any]) -> dict[str, Any]:
    """A row of format 1, in which total correlation was the only penalty."""
    fields = dict(fields)
    value, weight = fields.pop("total_correlation"), fields.pop("tc_weight")
    penalty = PenaltyRow("total correlation", value, weight)._asdict()
    return {**fields, "penalties": [penalty] if weight > 0 else []}
