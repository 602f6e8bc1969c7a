"""Refuses to continue training after the loss has become infinite or NaN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyvae.errors import NonFiniteLoss
from tinyvae.training.history import HistoryRow, rows_of_last_step
from tinyvae.training.state import TrainingState


def check_finite(
    state: TrainingState, before: TrainingState, numbers: Sequence[int]
) -> None:
    """Refuse a state in which no member's loss is finite.

    Args:
        state: after the last stretch.
        before: the last good state; the message shows the terms of both.
        numbers: numbers of the members in both.

    Raises: NonFiniteLoss with step and terms of the bad and of the last good state.
    """
    if np.any(np.asarray(state.finite_steps) == int(state.step)):
        return
    bad, good = (rows_of_last_step(s, numbers)[0] for s in (state, before))
    raise NonFiniteLoss(not_finite_text(bad.step, bad, good))


def not_finite_text(step: int, bad: HistoryRow, good: HistoryRow) -> str:
    """What happened at this step: the bad terms, the last good ones, and what to do."""
    return (
        f"the loss is not finite at step {step}: {_terms(bad)} "
        f"(at step {good.step}: {_terms(good)}). Lower the learning rate."
    )


def _terms(row: HistoryRow) -> str:
    parts = [f"reconstruction {row.reconstruction:.4g}", f"KL {sum(row.kl):.4g}"]
    parts += [f"{penalty.name} {penalty.value:.4g}" for penalty in row.penalties]
    return ", ".join(parts) + " nats"
