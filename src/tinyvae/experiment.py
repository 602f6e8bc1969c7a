"""The whole chain as one function: world, objective, seed -> run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from tinyvae.answer import Answer, build_answer
from tinyvae.checkpoints import read_checkpoint, write_checkpoint
from tinyvae.compilation import use_compilation_cache
from tinyvae.configuration import RunConfig
from tinyvae.environment import describe_environment
from tinyvae.errors import NonFiniteLoss
from tinyvae.evaluation import evaluate, evaluation_table, representation
from tinyvae.factors import FactorTable
from tinyvae.history import HistoryRow, history_row, history_rows, selection_losses
from tinyvae.networks import NetworkConfig
from tinyvae.objectives import AnnealedTC, Objective
from tinyvae.runs import MemberResult, Run, vae_of
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
    terms: tuple[HistoryRow, ...]  # of the last step, one row a member
    seconds: float  # since this process began to train
    steps_here: int  # trained since then, fewer than `step` after a resume
    pictures: int  # trained on since then


Watcher = Callable[[Progress], None]


class Group(NamedTuple):
    """The members of a run, ready to train."""

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
    members: int = 1,
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
        members: VAEs trained together, of which the best is kept without labels.
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
    state, history, pictures = train_group(
        config, group, folder, watch, checkpoint_every
    )
    trained = time.perf_counter()
    members = judge_members(config, state, history)
    chosen = next(result for result in members if result.chosen)
    assert chosen.answer is not None  # a member without an answer is never chosen
    vae = member_vae(state, chosen.member)
    test = test_terms(vae, config, group.test_table)
    times = {
        "training_seconds": round(trained - started, 3),
        "answer_seconds": round(time.perf_counter() - trained, 3),
        "pictures_per_second": round(pictures / (trained - started)),
    }
    return Run(
        config,
        vae,
        chosen.answer,
        tuple(history),
        members,
        describe_environment() | times,
        test,
        folder,
    )


def prepare(config: RunConfig) -> Group:
    """Draw the weights of all members and compile the training loop."""
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


def train_group(
    config: RunConfig,
    group: Group,
    folder: Path | None,
    watch: Watcher | None,
    checkpoint_every: float,
) -> tuple[TrainingState, list[HistoryRow], int]:
    """Trained state, history, and the number of pictures trained on in this process.

    Whatever ends training early, the last good state is kept in the folder.
    """
    good, history = group.start, []
    if folder is not None and (found := read_checkpoint(folder, group.start)):
        good, history = found
    first_step = int(good.step)
    started = saved = time.perf_counter()
    pictures = 0
    try:
        for state in stretches(group.advance, group.keys, good, config.training):
            check_finite(state, good)
            good = state
            history.extend(history_rows(state, config.training))
            now, step = time.perf_counter(), int(state.step)
            pictures = (step - first_step) * config.training.batch_size * config.members
            if watch is not None:
                watch(
                    Progress(
                        step,
                        config.training.steps,
                        terms_of_last_step(state),
                        now - started,
                        step - first_step,
                        pictures,
                    )
                )
            if folder is not None and now - saved >= checkpoint_every:
                write_checkpoint(folder, state, history)
                saved = now
    except (KeyboardInterrupt, NonFiniteLoss):
        if folder is not None and int(good.step) > 0:
            rows = [row for row in history if row.step <= int(good.step)]
            write_checkpoint(folder, good, rows)
        raise
    return good, history, pictures


def terms_of_last_step(state: TrainingState) -> tuple[HistoryRow, ...]:
    """The terms of every member at the last step."""
    step, terms = int(state.step), jax.tree.map(np.asarray, state.last)
    return tuple(history_row(step, member, terms) for member in range(len(terms.loss)))


def check_finite(state: TrainingState, good: TrainingState) -> None:
    """Refuse a state in which no member's loss is finite any more.

    Raises: NonFiniteLoss with the step and the terms, and those of the last good step.
    """
    if np.any(np.asarray(state.finite_steps) == int(state.step)):
        return
    bad, before = terms_of_last_step(state)[0], terms_of_last_step(good)[0]
    raise NonFiniteLoss(
        f"the loss is not finite at step {bad.step}: reconstruction "
        f"{bad.reconstruction:.4g}, KL {sum(bad.kl):.4g}, total correlation "
        f"{bad.total_correlation:.4g} nats (at step {before.step}: "
        f"{before.reconstruction:.4g}, {sum(before.kl):.4g}, "
        f"{before.total_correlation:.4g}). Lower the learning rate."
    )


def judge_members(
    config: RunConfig, state: TrainingState, history: Sequence[HistoryRow]
) -> tuple[MemberResult, ...]:
    """Answer of every member, and which one is kept: that of lowest selection loss."""
    window = config.objective.selection_window
    losses = selection_losses(history, window, config.training)
    finite = np.asarray(state.finite_steps) == int(state.step)
    chosen = int(np.argmin(np.where(finite & np.isfinite(losses), losses, np.inf)))
    return tuple(
        MemberResult(
            member,
            losses[member] if np.isfinite(losses[member]) else None,
            answer_of(member_vae(state, member), config.world)
            if finite[member]
            else None,
            chosen=member == chosen,
        )
        for member in range(config.members)
    )


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
        "samples": len(test_table),
        "elbo": fit.elbo,
        "reconstruction": fit.reconstruction,
        "kl": fit.kl,
    }
