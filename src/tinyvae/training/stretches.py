"""Training: (key, vae, objective, pictures) -> trained vae and its history.

A run is a pure function of its keys. The loop is compiled once and takes the number of
steps as an argument, so a stretch may be as short as a progress bar needs without
changing a bit of the result. Nothing here writes to disk.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, Key, PRNGKeyArray, Shaped

from tinyvae.models.likelihoods import bernoulli_log_likelihood
from tinyvae.models.vae import VAE
from tinyvae.objectives.objective import EncodedBatch, Objective, ObjectiveTerms

# (key) -> a minibatch of images; pure, so that a step can be run again from its key
DrawBatch = Callable[[PRNGKeyArray], Shaped[Array, "batch height width"]]

MemberKeys = Key[Array, " member"]  # one key for each member of a group
STRETCH_SECONDS = 0.5  # how long Ctrl-C and the progress bar may have to wait


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast to train.

    Args:
        steps: minibatches.
        batch_size: pictures in a minibatch.
        learning_rate: Adam's rate at the start; it falls to 2 % along a cosine.

    Raises: ValueError if a number is out of range.
    """

    steps: int = 2000
    batch_size: int = 256
    learning_rate: float = 4e-3

    def __post_init__(self):
        if self.steps < 1:
            raise ValueError(f"expected at least 1 step, got {self.steps}.")
        if self.batch_size < 2:
            raise ValueError(
                f"expected a batch size of at least 2, got {self.batch_size}."
            )
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(
                "expected a finite learning rate above 0, "
                f"got {self.learning_rate}. 0.004 is the default."
            )

    @property
    def record_every(self) -> int:
        """Steps from one row of the history to the next: a hundredth of training."""
        return max(1, self.steps // 100)

    def optimizer(self) -> optax.GradientTransformation:
        """Adam under a cosine.

        Its second moment forgets after a hundred steps, not a thousand: the weights of
        the objective change, and with them the size of the gradient.
        """
        schedule = optax.cosine_decay_schedule(
            self.learning_rate, self.steps, alpha=0.02
        )
        return optax.adam(schedule, b2=0.99)


class TrainingState(eqx.Module):
    """All that training needs to go on, for a group of members.

    Every leaf but `step` has a leading member axis. `sums` adds up the terms of the
    steps since the last record; `last` holds those of the last step.
    """

    step: Int[Array, ""]
    vae: VAE
    optimizer_state: optax.OptState
    sums: ObjectiveTerms
    last: ObjectiveTerms
    finite_steps: Int[Array, " member"]


@dataclass(frozen=True)
class Member:
    """A member's identity: all of its random numbers come from these two numbers."""

    seed: int
    number: int = 0

    def key(self) -> PRNGKeyArray:
        """Key of this member, the same alone and in any group."""
        return jax.random.fold_in(
            jax.random.key(self.seed, impl="threefry2x32"), self.number
        )


def initial_state(
    keys: MemberKeys,
    make_vae: Callable[[PRNGKeyArray], VAE],
    config: TrainingConfig,
) -> TrainingState:
    """Freshly drawn members, one for each key, before the first step."""
    members = len(keys)

    def one(key: PRNGKeyArray) -> tuple[VAE, optax.OptState]:
        vae = make_vae(jax.random.fold_in(key, 0))
        return vae, config.optimizer().init(vae)  # type: ignore[arg-type]

    # one at a time: batched random draws are the same bits, but this is sure to be
    vaes, optimizer_states = jax.lax.map(one, keys)
    latents = vaes.decoder.network.widths[0]
    zero = jnp.zeros(members)
    terms = ObjectiveTerms(zero, zero, jnp.zeros((members, latents)), zero, zero, zero)
    steps = jnp.zeros(members, jnp.int32)
    return TrainingState(
        jnp.zeros((), jnp.int32), vaes, optimizer_states, terms, terms, steps
    )


def encode_batch(
    vae: VAE, images: Shaped[Array, "batch height width"], *, key: PRNGKeyArray
) -> EncodedBatch:
    """Encode, draw once from each posterior, decode and score a minibatch."""
    posterior = jax.vmap(vae.encode)(images)
    noise = jax.random.normal(key, posterior.mean.shape)
    latent = posterior.mean + posterior.standard_deviation * noise
    logits = jax.vmap(vae.decode)(latent)
    log_likelihood = jax.vmap(bernoulli_log_likelihood)(logits, images)
    return EncodedBatch(posterior, latent, log_likelihood)


def member_step(
    objective: Objective, config: TrainingConfig, draw_batch: DrawBatch
) -> Callable:
    """(key, step, vae, optimizer state) -> vae, optimizer state and terms after it."""
    optimizer = config.optimizer()

    def step_once(key, step, vae, optimizer_state):
        batch_key, noise_key = jax.random.split(jax.random.fold_in(key, step + 1))
        images = draw_batch(batch_key)

        def loss(vae: VAE) -> tuple[Float[Array, ""], ObjectiveTerms]:
            encoded = encode_batch(vae, images, key=noise_key)
            terms = objective.terms(encoded, step / config.steps)
            return terms.loss, terms

        gradient, terms = jax.grad(loss, has_aux=True)(vae)
        updates, optimizer_state = optimizer.update(gradient, optimizer_state)
        return optax.apply_updates(vae, updates), optimizer_state, terms

    return step_once


def change_weights(
    state: TrainingState, change: Callable[[Array], Array]
) -> TrainingState:
    """The state with every array of its VAEs and optimizer states changed."""
    changed = jax.tree.map(change, (state.vae, state.optimizer_state))
    return eqx.tree_at(lambda s: (s.vae, s.optimizer_state), state, changed)


Advance = Callable[[MemberKeys, TrainingState, int], TrainingState]


def compile_advance(
    objective: Objective, config: TrainingConfig, draw_batch: DrawBatch
) -> Advance:
    """(member keys, state, number of steps) -> state after so many steps, compiled.

    Stops early where no member's loss is finite any more.
    """
    one = member_step(objective, config, draw_batch)

    def group_step(keys, step, vaes, optimizer_states):
        if len(keys) == 1:
            vae, optimizer_state, terms = one(keys[0], step, vaes, optimizer_states)
            return vae, optimizer_state, jax.tree.map(lambda leaf: leaf[None], terms)
        return jax.vmap(one, (0, None, 0, 0))(keys, step, vaes, optimizer_states)

    def advance(keys: MemberKeys, state: TrainingState, num_steps: Int[Array, ""]):
        end = state.step + num_steps
        start_anew = state.step % config.record_every == 0
        sums = jax.tree.map(lambda s: jnp.where(start_anew, 0, s), state.sums)
        state = eqx.tree_at(lambda s: s.sums, state, sums)

        def more(state: TrainingState) -> Bool[Array, ""]:
            return (state.step < end) & jnp.any(state.finite_steps == state.step)

        def step_group(state: TrainingState) -> TrainingState:
            vaes, optimizer_states, terms = group_step(
                keys, state.step, state.vae, state.optimizer_state
            )
            finite = (state.finite_steps == state.step) & jnp.isfinite(terms.loss)
            return TrainingState(
                state.step + 1,
                vaes,
                optimizer_states,
                jax.tree.map(jnp.add, state.sums, terms),
                terms,
                state.finite_steps + finite,
            )

        if len(keys) > 1:
            return jax.lax.while_loop(more, step_group, state)
        # A single member trains without its axis. On a CPU, a product batched over one
        # member is half as fast, and an axis dropped within the loop copies the weights
        # and both moments at each step.
        alone = change_weights(state, lambda leaf: leaf[0])
        after = jax.lax.while_loop(more, step_group, alone)
        return change_weights(after, lambda leaf: leaf[None])

    return jax.jit(advance)


def stretches(
    advance: Advance,
    keys: MemberKeys,
    state: TrainingState,
    config: TrainingConfig,
    until: int,
) -> Iterator[TrainingState]:
    """The state after each stretch of steps, until so many steps are done.

    A stretch ends where a history row is due, or sooner where steps are slow, so that
    each takes a fraction of a second. Where stretches end changes no bit of the result.
    """
    length = 1
    while int(state.step) < until:
        step = int(state.step)
        to_record = config.record_every - step % config.record_every
        num_steps = min(length, to_record, until - step)
        started = time.perf_counter()
        state = jax.block_until_ready(advance(keys, state, num_steps))
        seconds = time.perf_counter() - started
        if seconds < STRETCH_SECONDS / 2 and num_steps == length:
            length *= 2
        elif seconds > STRETCH_SECONDS:
            length = max(1, length // 2)
        yield state


def member_vae(state: TrainingState, member: int) -> VAE:
    """The VAE of one member of the group."""
    return jax.tree.map(lambda leaf: leaf[member], state.vae)
