"""A group: several runs that train together through one compiled loop.

Each run starts several VAEs, of which the one of lowest selection loss continues. The
VAEs of all runs are the members of one `TrainingState`, run by run. Random numbers come
from the seed of each run, so a run draws the same alone and in any group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from tinyvae.models.vae import VAE
from tinyvae.objectives import Objective
from tinyvae.runs.checkpoints import MemberResult, Session
from tinyvae.runs.config import RunConfig
from tinyvae.runs.members import choose
from tinyvae.runs.opened import Opened, vae_of
from tinyvae.training.finite import not_finite_text
from tinyvae.training.history import HistoryRow, history_rows, rows_of_last_step
from tinyvae.training.selection import selection_step
from tinyvae.training.state import (
    Member,
    MemberKeys,
    TrainingState,
    initial_state,
    member_vae,
)
from tinyvae.training.step import advance
from tinyvae.training.stretches import stretches
from tinyvae.worlds.world import Population

# Calls a function for each run of a group: `map`, or what does so in other processes.
ForEach = Callable[..., Iterator[Any]]


class Divergence(NamedTuple):
    """The step at which no VAE of a run had a finite loss any more, and why."""

    step: int
    reason: str


class RunState(NamedTuple):
    """The progress of one run of a group, but for its arrays."""

    numbers: tuple[int, ...]  # of its VAEs that still train
    history: tuple[HistoryRow, ...] = ()
    members: tuple[MemberResult, ...] = ()  # once one VAE is selected
    divergence: Divergence | None = None


@dataclass(frozen=True, eq=False)
class GroupSession:
    """An unfinished training of a group: all that it needs to continue.

    The leading axis of `state` holds the VAEs of the first run, then of the second.
    `seconds` are those trained so far, without `compile_seconds`, by all processes that
    had a part in it; whoever trains a session counts them.
    """

    state: TrainingState
    runs: tuple[RunState, ...]
    seconds: float = 0.0
    compile_seconds: float = 0.0

    @property
    def step(self) -> int:
        """Steps that are done."""
        return int(self.state.step)

    def numbers(self) -> list[int]:
        """Number, within its run, of each VAE along the leading axis."""
        return [number for run in self.runs for number in run.numbers]

    def places(self) -> list[slice]:
        """Where the VAEs of each run are on the leading axis."""
        ends = np.cumsum([0, *(len(run.numbers) for run in self.runs)]).tolist()
        return [slice(a, b) for a, b in zip(ends, ends[1:], strict=False)]


def begin(runs: Sequence[Opened]) -> GroupSession:
    """All VAEs of the runs with random initial weights. The runs share all shapes."""
    numbers = tuple(range(runs[0].config.members))
    state = initial_group(
        _one(runs[0].config.objective),
        runs[0].training_population(),
        keys_of(runs, [numbers] * len(runs)),
        config=anonymous(runs[0].config),
    )
    return GroupSession(state, tuple(RunState(numbers) for _ in runs))


@partial(jax.jit, static_argnames="config")
def initial_group(
    objective: Objective,
    population: Population,
    keys: MemberKeys,
    *,
    config: RunConfig,
) -> TrainingState:
    """The state before the first step, compiled once for all groups of one size."""
    return initial_state(
        keys,
        lambda key: vae_of(config, key=key),
        objective,
        population,
        config.training,
    )


def anonymous(config: RunConfig) -> RunConfig:
    """The settings without seed and numbers of the objective: the same for a group."""
    objective = jax.tree.map(lambda _: 0.0, config.objective)
    return replace(config, seed=0, objective=objective)


def _one(objective: Objective) -> Objective:
    return jax.tree.map(lambda number: jnp.asarray(number, jnp.float32), objective)


def keys_of(runs: Sequence[Opened], numbers: Sequence[tuple[int, ...]]) -> MemberKeys:
    """The key of each VAE, from the seed of its run and its number."""
    keys = [
        Member(run.config.seed, number).key()
        for run, mine in zip(runs, numbers, strict=True)
        for number in mine
    ]
    return jnp.stack(keys)


def objectives_of(
    runs: Sequence[Opened], numbers: Sequence[tuple[int, ...]]
) -> Objective:
    """One objective whose numbers have an entry for each VAE."""
    each = [
        run.config.objective
        for run, mine in zip(runs, numbers, strict=True)
        for _ in mine
    ]
    return jax.tree.map(lambda *values: jnp.asarray(values, jnp.float32), *each)


def train_group(
    runs: Sequence[Opened], session: GroupSession, for_each: ForEach = map
) -> Iterator[GroupSession]:
    """The session after each stretch of training; the last one is at the end.

    A run none of whose VAEs has a finite loss is marked, and the others go on.

    Args:
        runs: all of them share their shapes.
        session: where to continue.
        for_each: calls a function, which measures VAEs, for each run.
    """
    config, population = runs[0].config, runs[0].training_population()
    select_at = selection_step(config.objective, config.training)
    while session.step < config.training.steps and _some_left(session):
        many = any(len(run.numbers) > 1 for run in session.runs)
        until = select_at if many else config.training.steps
        numbers = [run.numbers for run in session.runs]
        go_on = partial(
            advance,
            objectives_of(runs, numbers),
            population,
            config=config.training,
        )
        keys = keys_of(runs, numbers)
        for state in stretches(go_on, keys, session.state, config.training, until):
            session = _after_stretch(session, state, config)
            if many and session.step == until:
                session = select_each(runs, session, for_each)
            yield session
            if not _some_left(session):
                return


def _some_left(session: GroupSession) -> bool:
    return any(run.divergence is None for run in session.runs)


def _after_stretch(
    session: GroupSession, state: TrainingState, config: RunConfig
) -> GroupSession:
    """The session with the new state, its history, and runs that have diverged."""
    rows = history_rows(state, session.numbers(), config.training)
    finite = np.asarray(state.finite_steps)
    runs = []
    for run, places in zip(session.runs, session.places(), strict=True):
        if run.divergence is not None:
            runs.append(run)
            continue
        run = run._replace(history=(*run.history, *rows[places]))
        if not np.any(finite[places] == int(state.step)):
            step = int(finite[places].max()) + 1
            reason = _reason(session, state, places, step)
            run = run._replace(divergence=Divergence(step, reason))
        runs.append(run)
    return replace(session, state=state, runs=tuple(runs))


def _reason(
    session: GroupSession, state: TrainingState, places: slice, step: int
) -> str:
    longest = places.start + int(np.argmax(np.asarray(state.finite_steps)[places]))
    bad, good = (
        rows_of_last_step(s, session.numbers())[longest] for s in (state, session.state)
    )
    return not_finite_text(step, bad, good)


def select_each(
    runs: Sequence[Opened], session: GroupSession, for_each: ForEach = map
) -> GroupSession:
    """The session in which each run continues with its VAE of lowest selection loss."""
    state = jax.device_get(session.state)
    going = [place for place, run in enumerate(session.runs) if run.divergence is None]
    # the optimisers' state has no part in it, and is most of what would be sent
    models = eqx.tree_at(lambda s: s.optimizer_state, state, None)
    places, parts = session.places(), []
    for place in going:
        run = session.runs[place]
        parts.append(Session(_part(models, places[place]), run.numbers, run.history))
    choices = for_each(choose, [runs[place] for place in going], parts)
    chosen = [0] * len(runs)
    after = [run._replace(numbers=run.numbers[:1]) for run in session.runs]
    for place, (number, members) in zip(going, choices, strict=True):
        run = session.runs[place]
        chosen[place] = number
        after[place] = run._replace(numbers=(run.numbers[number],), members=members)
    kept = [each.start + number for each, number in zip(places, chosen, strict=True)]
    # the step is the only leaf without a member axis
    alone = jax.tree.map(
        lambda leaf: jnp.asarray(leaf[kept] if np.ndim(leaf) else leaf), state
    )
    return replace(session, state=alone, runs=tuple(after))


def _part(state: TrainingState, places: slice) -> TrainingState:
    def cut(leaf: np.ndarray) -> np.ndarray:
        return leaf[places] if np.ndim(leaf) else leaf

    return jax.tree.map(cut, state)


def vaes_of(session: GroupSession) -> list[VAE]:
    """The selected VAE of each run, at the end of training; in main memory."""
    state = jax.device_get(session.state)
    return [member_vae(state, place) for place in range(len(session.runs))]
