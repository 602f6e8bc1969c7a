"""Selection: which of several members trains on. No factor enters.

Entangled members lie visibly higher in loss while the weight of the total correlation
stands, and no longer once it has gone. So the choice is made early: all members train
to the end of the objective's selection window, and the one whose mean loss within the
window is lowest trains on alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np

from tinyvae.objectives import Objective
from tinyvae.training.history import HistoryRow
from tinyvae.training.stretches import TrainingConfig, TrainingState


def selection_step(objective: Objective, config: TrainingConfig) -> int:
    """The step after which one member trains on: a multiple of `record_every`."""
    records = round(objective.selection_window[1] * config.steps / config.record_every)
    return min(config.steps, max(1, records) * config.record_every)


def selection_losses(
    rows: Sequence[HistoryRow],
    numbers: Sequence[int],
    objective: Objective,
    config: TrainingConfig,
) -> list[float]:
    """Mean loss of each member within the selection window, in nats."""
    last = selection_step(objective, config)
    first = min(objective.selection_window[0] * config.steps, last - 1)
    return [
        float(
            np.mean([r.loss for r in rows if r.member == n and first < r.step <= last])
        )
        for n in numbers
    ]


def keep_member(state: TrainingState, place: int) -> TrainingState:
    """The state of a group that holds only the member at one place of this group."""
    one = slice(place, place + 1)
    # the step is the only leaf without a member axis
    return jax.tree.map(lambda leaf: leaf[one] if leaf.ndim else leaf, state)
