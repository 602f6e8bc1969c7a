"""Laws that every registered objective keeps."""

import dataclasses
from functools import cache, partial

import equinox as eqx
import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import ClosedJaxpr, Jaxpr
from small_models import (
    CONFIG,
    MAKERS,
    batch_of,
    keys_of,
    loss,
    maker_of_vae,
    model_of,
    network_for,
    pictures_for,
    start_of,
)

from tinyvae.factors import Factor
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import OBJECTIVES, Model, Objective
from tinyvae.objectives.by_settings import head_for, labelled_for
from tinyvae.training.state import initial_state, keep_member
from tinyvae.training.step import advance
from tinyvae.worlds import Population

KEY = jax.random.key(10_002)
MEMBERS = ((10_000, 0), (10_001, 2))
STEPS = 10
every_kind = pytest.mark.parametrize("kind", OBJECTIVES)
# Quantised latents step, and their gradient passes through as if they did not. It is
# compared with that of the loss with the steps held, in test_qlae and test_tripod.
SMOOTH = [
    k for k, o in OBJECTIVES.items() if isinstance(head_for(o(), 2), GaussianHead)
]


def numbers_of(objective) -> dict[str, float]:
    """The settings that are numbers, and so can be traced."""
    values = {f.name: getattr(objective, f.name) for f in dataclasses.fields(objective)}
    return {name: v for name, v in values.items() if isinstance(v, float)}


def a_tenth_more(kind):
    """The objective with every number a tenth larger than by default."""
    objective = MAKERS[kind]()
    numbers = numbers_of(objective)
    more = {name: 1.1 * value for name, value in numbers.items()}
    return dataclasses.replace(objective, **more)


def train(objective, keys, state):
    pictures = pictures_for(objective)
    return advance(objective, pictures, keys, state, STEPS, config=CONFIG)


@cache
def trained_alone(kind, place, changed=False):
    """One of the members, trained by itself."""
    objective = a_tenth_more(kind) if changed else MAKERS[kind]()
    state = keep_member(start_of(kind, *MEMBERS), place)
    return train(objective, keys_of(MEMBERS[place]), state)


def assert_same_model(group, place, alone):
    # products of another shape are rounded otherwise
    for a, b in zip(
        jax.tree.leaves(group.model), jax.tree.leaves(alone.model), strict=True
    ):
        np.testing.assert_allclose(a[place], b[0], atol=2e-3)
    np.testing.assert_allclose(group.last.loss[place], alone.last.loss[0], rtol=1e-3)


@every_kind
def test_an_objective_says_what_it_is(kind):
    objective = MAKERS[kind]()
    assert isinstance(objective, Objective)
    assert objective.kind == kind
    assert objective.title
    assert objective.needs.supervision in ("none", "pairs", "labels")
    first, last = objective.selection_window()
    assert 0 <= first < last <= 1


def test_no_two_objectives_have_one_title():
    assert len({objective.title for objective in OBJECTIVES.values()}) == len(
        OBJECTIVES
    )


@every_kind
@pytest.mark.parametrize("progress", [0.0, 0.3, 1.0])
def test_loss_is_the_weighted_sum_of_its_terms(kind, progress):
    model, batch = model_of(kind), batch_of(kind)
    number, terms = loss(MAKERS[kind](), model, batch, progress, KEY)
    expected = -terms.reconstruction + terms.kl_weight * terms.kl.sum()
    for penalty in terms.penalties:
        expected += penalty.weight * penalty.value
    np.testing.assert_allclose(terms.loss, expected, rtol=1e-6)
    np.testing.assert_allclose(terms.elbo, terms.reconstruction - terms.kl.sum())
    assert terms.kl.shape == (network_for(MAKERS[kind]()).latents,)
    if model.auxiliary is None:  # nothing else is trained
        assert number == terms.loss


@every_kind
def test_names_of_penalties_differ(kind):
    _, terms = loss(MAKERS[kind](), model_of(kind), batch_of(kind), 0.3, KEY)
    names = [penalty.name for penalty in terms.penalties]
    assert len(set(names)) == len(names)


def slopes(function, gradient, point):
    """Slope along a direction by the gradient, and by finite differences.

    The direction is half random, and half that of the gradient, so that the slope is
    far above the rounding of 32-bit numbers.
    """
    point, rebuild = jax.flatten_util.ravel_pytree(point)
    gradient, _ = jax.flatten_util.ravel_pytree(gradient)
    random = jax.random.normal(jax.random.key(10_003), point.shape)
    direction = random / jnp.linalg.norm(random) + gradient / jnp.linalg.norm(gradient)
    direction = 5e-3 * direction / jnp.linalg.norm(direction)
    ends = [function(rebuild(point + sign * direction)) for sign in (1, -1)]
    return jnp.vdot(gradient, direction), (ends[0] - ends[1]) / 2


@pytest.mark.parametrize("kind", SMOOTH)
def test_the_gradient_is_that_of_finite_differences(kind):
    # the VAE descends on the loss of the terms, an auxiliary network on the rest
    objective, model, batch = MAKERS[kind](), model_of(kind), batch_of(kind)

    def vae_loss(vae):
        changed = Model(vae, model.auxiliary)
        return loss(objective, changed, batch, 0.1, KEY)[1].loss

    def auxiliary_loss(auxiliary):
        number, terms = loss(objective, Model(model.vae, auxiliary), batch, 0.1, KEY)
        return number - terms.loss

    found = jax.grad(lambda m: loss(objective, m, batch, 0.1, KEY)[0])(model)
    np.testing.assert_allclose(*slopes(vae_loss, found.vae, model.vae), rtol=2e-2)
    if model.auxiliary is not None:
        of_auxiliary = slopes(auxiliary_loss, found.auxiliary, model.auxiliary)
        np.testing.assert_allclose(*of_auxiliary, rtol=2e-2)


@every_kind
def test_settings_come_back_from_a_pytree(kind):
    objective = a_tenth_more(kind)
    leaves, structure = jax.tree.flatten(objective)
    assert leaves == list(numbers_of(objective).values())
    back = jax.tree.unflatten(structure, leaves)
    assert back == objective
    assert hash(back) == hash(objective)
    assert structure == jax.tree.structure(MAKERS[kind]())


@every_kind
def test_other_numbers_are_not_compiled_again(kind):
    trained_alone(kind, 0)
    compiled = advance._cache_size()  # pyright: ignore
    trained_alone(kind, 0, changed=True)
    assert advance._cache_size() == compiled  # pyright: ignore


@every_kind
def test_numbers_change_the_training(kind):
    plain, changed = trained_alone(kind, 0), trained_alone(kind, 0, changed=True)
    same = float(plain.last.loss[0]) == float(changed.last.loss[0])
    assert same == (not numbers_of(MAKERS[kind]()))


@every_kind
def test_a_member_trains_alone_as_in_a_group(kind):
    group = train(MAKERS[kind](), keys_of(*MEMBERS), start_of(kind, *MEMBERS))
    for place in (0, 1):
        assert_same_model(group, place, trained_alone(kind, place))


@every_kind
def test_members_of_a_group_may_have_numbers_of_their_own(kind):
    each = (MAKERS[kind](), a_tenth_more(kind))
    both = jax.tree.map(lambda *numbers: jnp.array(numbers), *each)
    group = train(both, keys_of(*MEMBERS), start_of(kind, *MEMBERS))
    assert_same_model(group, 0, trained_alone(kind, 0))
    assert_same_model(group, 1, trained_alone(kind, 1, changed=True))


class Stored(eqx.Module):
    """A megabyte of noise, as pictures of a data set would be."""

    pixels_of: jax.Array
    factors: tuple[Factor, ...] = eqx.field(
        static=True, default=(Factor("a", (0.0, 1.0)), Factor("b", (0.0, 1.0)))
    )
    image_shape: tuple[int, int, int] = eqx.field(static=True, default=(8, 8, 1))
    pixels: str = eqx.field(static=True, default="grey")

    def sample(self, num, *, key):
        return jax.random.randint(key, (num,), 0, len(self.pixels_of))

    def factor_values(self, rows):
        return jnp.zeros((*rows.shape, 2))

    def images(self, rows):
        return self.pixels_of[rows]

    def partner(self, rows, changed, *, key):
        return (rows + 1) % len(self.pixels_of)

    def table(self, most, *, seed=0):
        raise NotImplementedError

    def held_out(self, most, *, seed=0):
        return None


STORED = Stored(jax.random.uniform(jax.random.key(10_004), (4096, 8, 8, 1)))
MEGABYTE = STORED.pixels_of.nbytes


def constant_bytes(traced) -> int:
    """Bytes of all arrays that a program holds besides its arguments."""

    def of(jaxpr) -> int:
        closed = isinstance(jaxpr, ClosedJaxpr)
        total = sum(np.size(c) * 4 for c in jaxpr.consts) if closed else 0
        for equation in (jaxpr.jaxpr if closed else jaxpr).eqns:
            literals = [v for v in equation.invars if hasattr(v, "val")]
            total += sum(np.size(literal.val) * 4 for literal in literals)
            inner = jax.tree.leaves(list(equation.params.values()), is_leaf=is_jaxpr)
            total += sum(of(part) for part in inner if is_jaxpr(part))
        return total

    return of(traced.jaxpr)


def is_jaxpr(value) -> bool:
    return isinstance(value, ClosedJaxpr | Jaxpr)


@every_kind
def test_pictures_are_no_constant_of_the_compiled_program(kind):
    assert isinstance(STORED, Population)
    objective, keys = MAKERS[kind](), keys_of(*MEMBERS)
    make_vae, stored = maker_of_vae(objective), labelled_for(objective, STORED)
    start = partial(
        initial_state, make_vae=make_vae, objective=objective, population=stored,
        config=CONFIG,
    )  # fmt: skip
    state = jax.eval_shape(start, keys)
    traced = advance.trace(objective, stored, keys, state, 1, config=CONFIG)
    assert constant_bytes(traced) < MEGABYTE / 100
    assert len(traced.lower().as_text()) < MEGABYTE


def test_a_picture_that_is_closed_over_would_be_found():
    traced = jax.jit(lambda row: STORED.images(row).sum()).trace(3)
    assert constant_bytes(traced) >= MEGABYTE
