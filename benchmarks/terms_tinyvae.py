"""tinyvae in `elbo_terms.py`: its training, the tape of its steps, and the evaluation.

The evaluation is the same for all libraries: their weights are put into a VAE of
tinyvae, which is evaluated on all pictures.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from terms_definitions import PythaeBetaTCVAE
from terms_setting import (
    BATCH_SIZE,
    HIDDEN,
    IMAGE_SHAPE,
    LATENTS,
    LEARNING_RATE,
    Arrays,
    Networks,
    Tape,
)
from tinyvae.evaluation.fit import answer_rows, evaluate
from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.models.vae import VAE, GaussianHead
from tinyvae.objectives import Objective
from tinyvae.objectives.discriminator import permute_latents
from tinyvae.objectives.total_correlation import (
    batch_total_correlation,
    log_mixtures,
    stratified_total_correlation,
)
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, TrainingState, initial_state
from tinyvae.training.step import advance
from tinyvae.worlds import Circles
from tinyvae.worlds.draws import draw_two
from turns import KeptPictures

EVALUATION_SEED, MINIBATCHES = 12345, 50


class Measured(NamedTuple):
    """Terms of a trained VAE over all pictures, in nats."""

    reconstruction: float
    kl: float
    elbo: float
    total_correlation: float  # of the exact mixture of all posteriors
    kl_of_latents: tuple[float, ...]  # from the largest to the smallest


class Replayed(NamedTuple):
    """Terms of one minibatch, in nats."""

    loss: float
    reconstruction: float
    kl: float


class Estimates(NamedTuple):
    """Total correlation of a trained VAE, exact and from minibatches, in nats."""

    exact: float
    stratified: float
    theirs: float  # stratified, with the weights where pythae's code puts them
    weighted: float


build_vae = partial(
    FullyConnected(HIDDEN, "silu", LATENTS).build,
    IMAGE_SHAPE,
    GaussianHead(LATENTS),
    Bernoulli(),
)


def pictures() -> np.ndarray:
    """Every circle, (sample, height, width, channel), 0 or 1."""
    world = Circles()
    return np.asarray(world.draw(world.table.values), np.float32)


class Training:
    """The loop that `tinyvae train` runs, with one member, on pictures from memory."""

    def __init__(self, objective: Objective, images: np.ndarray, steps: int):
        self.objective = objective
        self.population: Any = KeptPictures(jnp.asarray(images))
        self.config = TrainingConfig(steps, BATCH_SIZE, LEARNING_RATE)
        self.initial = jax.jit(
            lambda keys: initial_state(
                keys,
                lambda key: build_vae(key=key),
                objective,
                self.population,
                self.config,
            )
        )

    def start(self, seed: int) -> TrainingState:
        """Random initial weights."""
        return jax.block_until_ready(self.initial(self.keys(seed)))

    @staticmethod
    def keys(seed: int) -> jax.Array:
        """The key of the one member."""
        return Member(seed).key()[None]

    def forward(self, state: TrainingState, seed: int, steps: int) -> TrainingState:
        """The state after more steps."""
        after = advance(
            self.objective,
            self.population,
            self.keys(seed),
            state,
            steps,
            config=self.config,
        )
        return jax.block_until_ready(after)

    def compile(self) -> float:
        """Seconds until the first two steps are done, with compilation."""
        started = time.perf_counter()
        self.forward(self.start(0), 0, 2)
        return time.perf_counter() - started

    def train(self, seed: int) -> tuple[Networks, float]:
        """The trained weights, and the seconds that the steps took."""
        state = self.start(seed)
        started = time.perf_counter()
        state = self.forward(state, seed, self.config.steps)
        return networks_of(state), time.perf_counter() - started

    def replay(
        self, state: TrainingState, seed: int, tape_steps: int
    ) -> tuple[Networks, list[Replayed]]:
        """Weights after the first steps, and the terms of each step."""
        terms = []
        for _ in range(tape_steps):
            state = self.forward(state, seed, 1)
            last = jax.tree.map(lambda leaf: leaf[0], state.last)
            kl = float(last.kl.sum())
            replayed = Replayed(float(last.loss), float(last.reconstruction), kl)
            terms.append(replayed)
        return networks_of(state), terms

    def tape(self, seed: int, tape_steps: int) -> Tape:
        """Pictures and noise of the first steps."""
        steps = [self.drawn(seed, step) for step in range(tape_steps)]
        return Tape(*(np.stack(parts) for parts in zip(*steps, strict=True)))

    def drawn(self, seed: int, step: int) -> Tape:
        """Pictures and noise of one step, from the keys that `member_step` uses."""
        key = jax.random.fold_in(self.keys(seed)[0], step + 1)
        batch_key, noise_key = jax.random.split(key)
        sample = partial(self.population.sample, BATCH_SIZE)
        shape = BATCH_SIZE, LATENTS
        if self.objective.needs.draw is not draw_two:
            rows, noise = sample(key=batch_key), jax.random.normal(noise_key, shape)
            none = np.zeros(0)
            return Tape(np.asarray(rows), np.asarray(noise), none, none, none)
        first, second = jax.random.split(batch_key)
        noise, other_noise, order = jax.random.split(noise_key, 3)
        places = jnp.broadcast_to(jnp.arange(BATCH_SIZE)[:, None], shape)
        two = (
            sample(key=first),
            jax.random.normal(noise, shape),
            sample(key=second),
            jax.random.normal(other_noise, shape),
            permute_latents(places, key=order).T,
        )
        return Tape(*map(np.asarray, two))


def networks_of(state: TrainingState) -> Networks:
    """The weights of the one member."""

    def arrays(network: object) -> Arrays:
        return [np.asarray(leaf[0]) for leaf in jax.tree.leaves(network)]

    return Networks(arrays(state.model.vae), arrays(state.model.auxiliary))


def nudged(state: TrainingState) -> TrainingState:
    """The state with each weight moved by one rounding, up or down."""
    rng = np.random.default_rng(0)

    def nudge(leaf: jax.Array) -> jax.Array:
        old = np.asarray(leaf)
        end = np.where(rng.random(old.shape) < 0.5, -np.inf, np.inf)
        new = np.nextafter(old, end.astype(old.dtype))
        return jnp.asarray(np.where(old == 0, 0, new))

    return eqx.tree_at(lambda s: s.model, state, jax.tree.map(nudge, state.model))


def vae_with(networks: Networks) -> VAE:
    """A VAE with these weights, whichever library trained them."""
    template = jax.eval_shape(lambda key: build_vae(key=key), jax.random.key(0))
    leaves = [jnp.asarray(array) for array in networks.vae]
    return jax.tree.unflatten(jax.tree.structure(template), leaves)


def estimates(networks: Networks, images: np.ndarray, exact: float) -> Estimates:
    """Estimates of the total correlation under a trained VAE, by tinyvae's code."""
    number = len(images)
    posterior: Any = jax.vmap(vae_with(networks).encode)(jnp.asarray(images))
    misplaced = PythaeBetaTCVAE(number, stratified=True).log_weight(BATCH_SIZE)

    def of_one(key: jax.Array) -> tuple[jax.Array, ...]:
        rows_key, noise_key = jax.random.split(key)
        rows = jax.random.permutation(rows_key, number)[:BATCH_SIZE]
        part = jax.tree.map(lambda leaf: leaf[rows], posterior)
        latent = part.sample(key=noise_key)
        joint, marginals = log_mixtures(part, latent, jnp.asarray(misplaced))
        return (
            stratified_total_correlation(part, latent, number),
            jnp.mean(joint - marginals),
            batch_total_correlation(part, latent),
        )

    keys = jax.random.split(jax.random.key(EVALUATION_SEED), MINIBATCHES)
    found = jax.lax.map(of_one, keys)
    return Estimates(exact, *(float(values.mean()) for values in found))


def measure(networks: Networks) -> Measured:
    """Terms over all circles; the same draws for every library and seed."""
    population = Circles().population()
    key = jax.random.key(EVALUATION_SEED)
    found = evaluate(vae_with(networks), population, answer_rows(population), key=key)
    fit = found.fit
    latents = tuple(sorted(map(float, found.kl), reverse=True))
    return Measured(
        fit.reconstruction, fit.kl, fit.elbo, fit.total_correlation, latents
    )
