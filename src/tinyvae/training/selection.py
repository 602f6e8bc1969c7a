"""Selection: which of several members continues to train. It sees no factor.

Entangled members have a visibly higher loss while the weight of the total correlation
is high, but not after it has fallen. So the choice is made early: all members train to
the end of the objective's selection window, and the one whose mean loss within the
window is lowest continues alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyvae.objectives.objective import Objective
from tinyvae.training.config import TrainingConfig
from tinyvae.training.history import HistoryRow


def selection_step(objective: Objective, config: TrainingConfig) -> int:
    """The step after which one member continues: a multiple of `record_every`."""
    end = objective.selection_window()[1] * config.steps
    records = round(end / config.record_every)
    return min(config.steps, max(1, records) * config.record_every)


def selection_losses(
    rows: Sequence[HistoryRow],
    numbers: Sequence[int],
    objective: Objective,
    config: TrainingConfig,
) -> list[float]:
    """Mean loss of each member within the selection window, in nats."""
    last = selection_step(objective, config)
    first = min(objective.selection_window()[0] * config.steps, last - 1)
    return [
        float(
            np.mean([r.loss for r in rows if r.member == n and first < r.step <= last])
        )
        for n in numbers
    ]
