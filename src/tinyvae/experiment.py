"""The whole chain as one function: world, objective, seed -> run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tinyvae.answer import Answer, build_answer
from tinyvae.checkpoints import (
    MemberResult,
    Session,
    read_checkpoint,
    write_checkpoint,
)
from tinyvae.compilation import use_compilation_cache
from tinyvae.configuration import RunConfig
from tinyvae.environment import describe_environment
from tinyvae.errors import NonFiniteLoss
from tinyvae.evaluation import evaluate, evaluation_table, representation
from tinyvae.factors import FactorTable
from tinyvae.history import HistoryRow, history_rows, rows_of_last_step
from tinyvae.networks import NetworkConfig
from tinyvae.objectives import AnnealedTC, Objective
from tinyvae.runs import Run, vae_of
from tinyvae.selection import keep_member, selection_losses, selection_step
from tinyvae.training import (
    Advance,
    Member,
    MemberKeys,
    TrainingConfig,
    TrainingState,
    compile_advance,
    initial_state,
    member_vae,
    stretches,
)
from tinyvae.traversal import decoder_response
from tinyvae.vae import VAE
from tinyvae.worlds import Circles
from tinyvae.worlds.minibatches import minibatch_drawer

CHECKPOINT_SECONDS = 10.0


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


def train(
    world: Circles | None = None,
    objective: Objective | None = None,
    *,
    network: NetworkConfig | None = None,
    training: TrainingConfig | None = None,
    seed: int = 0,
    members: int = 4,
    samples: int | None = None,
) -> Run:
    """Train a VAE on a world and answer which latent is which factor.

    Nothing is written; `run_experiment` with a folder keeps everything.

    Args:
        world: what is drawn; 32x32 circles by default.
        objective: what is maximised; the annealed recipe by default.
        network: shape of encoder and decoder.
        training: steps, batch size and learning rate.
        seed: all random numbers come from it.
        members: VAEs that start together; the one of lowest loss trains on alone.
        samples: train on so many fixed pictures instead of fresh ones at each step.

    Returns: the finished run; `run.answer` is the answer.
    """
    config = RunConfig(
        world or Circles(),
        objective or AnnealedTC(),  # type: ignore[arg-type]
        network or NetworkConfig(),
        training or TrainingConfig(),
        seed,
        members,
        samples,
    )
    return run_experiment(config)


def run_experiment(
    config: RunConfig,
    folder: Path | None = None,
    watch: Watcher | None = None,
    *,
    checkpoint_every: float = CHECKPOINT_SECONDS,
) -> Run:
    """Train, evaluate and answer; goes on from the folder's checkpoint if it has one.

    With a folder, a checkpoint is written to it every so many seconds while training
    lasts; `save_run` writes the rest.

    Raises: NonFiniteLoss if every member's loss became non-finite.
    """
    use_compilation_cache()
    started = time.perf_counter()
    group = prepare(config)
    session = Session(group.start, tuple(range(config.members)))
    if folder is not None:
        session = read_checkpoint(folder, group.start) or session
    session = train_members(config, group, session, folder, watch, checkpoint_every)
    trained = time.perf_counter()
    vae = member_vae(session.state, 0)
    answer = answer_of(vae, config.world)
    test = test_terms(vae, config, group.test_table)
    times = {
        "training_seconds": round(trained - started, 3),
        "answer_seconds": round(time.perf_counter() - trained, 3),
    }
    return Run(
        config,
        vae,
        answer,
        session.history,
        session.members,
        describe_environment() | times,
        test,
        folder,
    )


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


def answer_of(vae: VAE, world: Circles) -> Answer:
    """Which latent of a trained VAE is which factor of its world."""
    table = evaluation_table(world)
    # the same noise for every run, so that their ELBOs compare
    evaluation = evaluate(vae, world, table, key=jax.random.key(0))
    return build_answer(
        representation(evaluation, table),
        kl=evaluation.kl,
        fit=evaluation.fit,
        independent_coordinates=world.independent_coordinates(table),
        decoder=decoder_response(vae, world, evaluation.posteriors, table),
    )


def test_terms(
    vae: VAE, config: RunConfig, test_table: FactorTable | None
) -> dict[str, float] | None:
    """ELBO and its terms on held-out pictures, in nats; None without a data set."""
    if test_table is None:
        return None
    fit = evaluate(vae, config.world, test_table, key=jax.random.key(0)).fit
    return {
        "samples": float(len(test_table)),
        "elbo": fit.elbo,
        "reconstruction": fit.reconstruction,
        "kl": fit.kl,
    }
