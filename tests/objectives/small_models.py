"""A small world, and models of it, on which objectives are tried."""

from functools import cache, partial

import jax
import jax.numpy as jnp

from tinyvae.models import Bernoulli, FullyConnected
from tinyvae.objectives import OBJECTIVES, SemiSupervised
from tinyvae.objectives.by_settings import draw_for, head_for, labelled_for
from tinyvae.training.config import TrainingConfig
from tinyvae.training.state import Member, initial_state, make_model
from tinyvae.worlds import Circles

WORLD = Circles(8)
POPULATION = WORLD.population()
CONFIG = TrainingConfig(steps=20, batch_size=16, learning_rate=2e-3)
# makers of every objective; the small world has fewer pictures than are labelled by
# default
MAKERS = OBJECTIVES | {"semi-supervised": partial(SemiSupervised, labelled=10)}


def pictures_for(objective):
    """The population that an objective draws from."""
    return labelled_for(objective, POPULATION)


def network_for(objective):
    """A network of two latents; of one for each factor where labels are seen."""
    seen = isinstance(objective, SemiSupervised)
    return FullyConnected((8,), latents=3 if seen else 2)


def maker_of_vae(objective):
    """(key) -> a VAE with the head that the objective needs."""

    def make_vae(key):
        network = network_for(objective)
        head = head_for(objective, network.latents)
        return network.build(WORLD.image_shape, head, Bernoulli(), key=key)

    return make_vae


@cache
def model_of(kind):
    """A model of random weights, with the auxiliary network of its objective."""
    objective = MAKERS[kind]()
    key = jax.random.key(10_000)
    return jax.jit(lambda key: make_model(key, maker_of_vae(objective), objective))(key)


@cache
def batch_of(kind, num=16):
    """Pictures of one step, drawn as the objective wants them."""
    objective = MAKERS[kind]()
    return draw_for(objective, pictures_for(objective), num, key=jax.random.key(10_001))


@jax.jit
def loss(objective, model, batch, progress, key):
    """Loss and terms; compiled once for each kind."""
    return objective.loss(model, batch, progress, key=key)


def keys_of(*members):
    """The keys of (seed, number) pairs."""
    return jnp.stack([Member(*member).key() for member in members])


@cache
def start_of(kind, *members):
    """The state of these members before the first step."""
    objective = MAKERS[kind]()
    pictures = pictures_for(objective)

    @jax.jit
    def start(keys):
        make_vae = maker_of_vae(objective)
        return initial_state(keys, make_vae, objective, pictures, CONFIG)

    return start(keys_of(*members))
