"""All members of a run: trained to the selection, and the chosen one to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tinyvae.runs.of_run import answer_of
from tinyvae.runs.checkpoints import MemberResult, Session, write_checkpoint
from tinyvae.runs.config import RunConfig
from tinyvae.errors import NonFiniteLoss
from tinyvae.factors import FactorTable
from tinyvae.training.history import HistoryRow, history_rows, rows_of_last_step
from tinyvae.runs.run import vae_of
from tinyvae.training.selection import keep_member, selection_losses, selection_step
from tinyvae.training.stretches import (
    Advance,
    Member,
    MemberKeys,
    TrainingState,
    compile_advance,
    initial_state,
    member_vae,
    stretches,
)
from tinyvae.worlds import Circles
from tinyvae.worlds.draws import minibatch_drawer


class Progress(NamedTuple):
    """Where training is, for whoever watches."""

    step: int
    steps: int
    terms: tuple[HistoryRow, ...]  # of the last step, a row for each member left
    seconds: float  # since this process began to train
    pictures: int  # trained on since then, by all members
    pictures_left: int  # to train on, by all members that will be left


Watcher = Callable[[Progress], None]


class Group(NamedTuple):
    """The members of a run, ready to train; keys and start hold all of them."""

    keys: MemberKeys
    start: TrainingState
    advance: Advance
    test_table: FactorTable | None


def prepare(config: RunConfig) -> Group:
    """Draw the weights of all members; the training loop compiles when first used."""
    table, test_table = config.world.table, None
    if config.samples is not None:
        table, test_table = split_samples(config.world, config.samples, config.seed)
    draw_batch = minibatch_drawer(config.world, table, config.training.batch_size)
    members = [Member(config.seed, number) for number in range(config.members)]
    keys = jnp.stack([member.key() for member in members])
    start = jax.jit(
        lambda keys: initial_state(
            keys, lambda key: vae_of(config, key=key), config.training
        )
    )(keys)
    advance = compile_advance(config.objective, config.training, draw_batch)
    return Group(keys, start, advance, test_table)


def split_samples(
    world: Circles, samples: int, seed: int
) -> tuple[FactorTable, FactorTable]:
    """Randomly drawn pictures: four fifths to train on, one fifth to test on."""
    drawn = world.table.sample_rows(samples, seed=seed)
    num_train = samples * 4 // 5
    return drawn.rows(slice(None, num_train)), drawn.rows(slice(num_train, None))


def train_members(
    config: RunConfig,
    group: Group,
    start: Session,
    folder: Path | None,
    watch: Watcher | None,
    checkpoint_every: float,
) -> Session:
    """Train all members to the selection, and the chosen one to the end.

    Whatever ends training early, the last good session is kept in the folder.
    """
    session = start
    started = saved = time.perf_counter()
    pictures = 0
    try:
        for before, after in sessions(config, group, start):
            session = after
            now, left = time.perf_counter(), pictures_left(config, session)
            pictures += pictures_left(config, before) - left
            if watch is not None:
                step, steps = int(session.state.step), config.training.steps
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


def pictures_left(config: RunConfig, session: Session) -> int:
    """Pictures that training still takes: of all members, then of the chosen one."""
    step, steps = int(session.state.step), config.training.steps
    rivals = len(session.numbers) - 1
    to_selection = selection_step(config.objective, config.training) - step
    return (steps - step + rivals * to_selection) * config.training.batch_size


def sessions(
    config: RunConfig, group: Group, session: Session
) -> Iterator[tuple[Session, Session]]:
    """Session before and after each stretch of training, to the end."""
    selection = selection_step(config.objective, config.training)
    while int(session.state.step) < config.training.steps:
        many = len(session.numbers) > 1
        until = selection if many else config.training.steps
        keys = group.keys[np.array(session.numbers)]
        for state in stretches(
            group.advance, keys, session.state, config.training, until
        ):
            check_finite(state, session)
            rows = history_rows(state, session.numbers, config.training)
            before = session
            session = replace(session, state=state, history=(*session.history, *rows))
            if many and int(state.step) == until:
                session = select(config, session)
            yield before, session


def check_finite(state: TrainingState, session: Session) -> None:
    """Refuse a state in which no member's loss is finite any more.

    Raises: NonFiniteLoss with the step and the terms, and those of the last good step.
    """
    if np.any(np.asarray(state.finite_steps) == int(state.step)):
        return
    bad = rows_of_last_step(state, session.numbers)[0]
    good = rows_of_last_step(session.state, session.numbers)[0]
    raise NonFiniteLoss(
        f"the loss is not finite at step {bad.step}: reconstruction "
        f"{bad.reconstruction:.4g}, KL {sum(bad.kl):.4g}, total correlation "
        f"{bad.total_correlation:.4g} nats (at step {good.step}: "
        f"{good.reconstruction:.4g}, {sum(good.kl):.4g}, "
        f"{good.total_correlation:.4g}). Lower the learning rate."
    )


def select(config: RunConfig, session: Session) -> Session:
    """The session that goes on with the member of lowest selection loss alone.

    Every member's answer is recorded; none enters the choice.
    """
    state, objective = session.state, config.objective
    losses = np.array(
        selection_losses(session.history, session.numbers, objective, config.training)
    )
    finite = (np.asarray(state.finite_steps) == int(state.step)) & np.isfinite(losses)
    chosen = int(np.argmin(np.where(finite, losses, np.inf)))
    members = tuple(
        MemberResult(
            number,
            place == chosen,
            float(losses[place]) if finite[place] else None,
            answer_of(member_vae(state, place), config.world)
            if finite[place]
            else None,
        )
        for place, number in enumerate(session.numbers)
    )
    alone = keep_member(state, chosen)
    return Session(alone, (session.numbers[chosen],), session.history, members)
