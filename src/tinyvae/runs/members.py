"""All members of a run: trained to the selection; then the best one to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tinyvae.errors import NonFiniteLoss
from tinyvae.runs.checkpoints import MemberResult, Session, write_checkpoint
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import Opened, vae_of
from tinyvae.training.finite import check_finite
from tinyvae.training.history import HistoryRow, history_rows, rows_of_last_step
from tinyvae.training.selection import selection_losses, selection_step
from tinyvae.training.state import (
    Member,
    MemberKeys,
    TrainingState,
    initial_state,
    keep_member,
    member_vae,
)
from tinyvae.training.step import Advance, advance
from tinyvae.training.stretches import stretches


class Progress(NamedTuple):
    """The progress of training, for display."""

    step: int
    steps: int
    terms: tuple[HistoryRow, ...]  # at the last step, one row per remaining member
    seconds: float  # since this process began to train
    pictures: int  # trained on since then, by all members
    pictures_left: int  # still to train on, by all remaining members


Watcher = Callable[[Progress], None]
Follow = Callable[[Session], None]  # is given the session after each stretch


class Group(NamedTuple):
    """The members of a run, ready to train; keys and start hold all of them."""

    opened: Opened
    keys: MemberKeys
    start: TrainingState
    advance: Advance
    selection: int  # the step after which one member continues alone


def prepare(opened: Opened) -> Group:
    """Initialise all members; the training loop compiles at first use."""
    config, population = opened.config, opened.training_population()
    members = [Member(config.seed, number) for number in range(config.members)]
    keys = jnp.stack([member.key() for member in members])
    make_vae = partial(_make_vae, config)

    @jax.jit
    def start(keys: MemberKeys) -> TrainingState:
        return initial_state(
            keys, make_vae, config.objective, population, config.training
        )

    go_on = partial(advance, config.objective, population, config=config.training)
    selection = selection_step(config.objective, config.training)
    return Group(opened, keys, start(keys), go_on, selection)


def _make_vae(config, key):
    return vae_of(config, key=key)


def train_members(
    group: Group,
    start: Session,
    folder: Path | None,
    watch: Watcher | None,
    checkpoint_every: float,
    follow: Follow | None = None,
) -> Session:
    """Train all members to the selection, and the chosen one to the end.

    If training ends early, for any reason, the folder keeps the last good session.
    """
    session = start
    started = saved = time.perf_counter()
    pictures = 0
    try:
        for before, after in sessions(group, start):
            session = after
            now, left = time.perf_counter(), pictures_left(group, session)
            pictures += pictures_left(group, before) - left
            if follow is not None:
                follow(session)
            if watch is not None:
                step = int(session.state.step)
                steps = group.opened.config.training.steps
                terms = tuple(rows_of_last_step(session.state, session.numbers))
                watch(Progress(step, steps, terms, now - started, pictures, left))
            if folder is not None and now - saved >= checkpoint_every:
                write_checkpoint(folder, session)
                saved = now
    except (KeyboardInterrupt, NonFiniteLoss):
        if folder is not None and int(session.state.step) > 0:
            write_checkpoint(folder, session)
        raise
    return session


def pictures_left(group: Group, session: Session) -> int:
    """Pictures still to train on: by all members, then by the chosen one."""
    training, step = group.opened.config.training, int(session.state.step)
    rivals = len(session.numbers) - 1
    steps = training.steps - step + rivals * (group.selection - step)
    return steps * training.batch_size


def sessions(group: Group, session: Session) -> Iterator[tuple[Session, Session]]:
    """The session before and after each stretch of training, to the end."""
    training = group.opened.config.training
    while int(session.state.step) < training.steps:
        many = len(session.numbers) > 1
        until = group.selection if many else training.steps
        keys = group.keys[np.array(session.numbers)]
        for state in stretches(group.advance, keys, session.state, training, until):
            check_finite(state, session.state, session.numbers)
            rows = history_rows(state, session.numbers, training)
            before = session
            session = replace(session, state=state, history=(*session.history, *rows))
            if many and int(state.step) == until:
                session = select(group.opened, session)
            yield before, session


def select(opened: Opened, session: Session) -> Session:
    """The session that continues with only the member of lowest selection loss.

    Every member's answer is recorded, but does not influence the choice.
    """
    chosen, members = choose(opened, session)
    alone = keep_member(session.state, chosen)
    return Session(alone, (session.numbers[chosen],), session.history, members)


def choose(opened: Opened, session: Session) -> tuple[int, tuple[MemberResult, ...]]:
    """Place of the member of lowest selection loss, and the results of all members."""
    state, config = session.state, opened.config
    losses = np.array(
        selection_losses(
            session.history, session.numbers, config.objective, config.training
        )
    )
    finite = (np.asarray(state.finite_steps) == int(state.step)) & np.isfinite(losses)
    chosen = int(np.argmin(np.where(finite, losses, np.inf)))
    members = tuple(
        MemberResult(
            number,
            place == chosen,
            float(losses[place]) if finite[place] else None,
            answer_of(member_vae(state, place), opened) if finite[place] else None,
        )
        for place, number in enumerate(session.numbers)
    )
    return chosen, members
