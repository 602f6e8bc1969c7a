"""A trial of a user's own objective, before training: what its loss gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from tinyvae.errors import ConfigError
from tinyvae.objectives import OBJECTIVES
from tinyvae.objectives.by_settings import draw_for, labelled_for
from tinyvae.objectives.objective import Model, Objective, Terms
from tinyvae.own import fault_of
from tinyvae.training.state import MakeVAE, make_model
from tinyvae.worlds.world import Batch, Population

PAIR = "Write `return terms.loss, terms`."
ENDS = (0.0, 1.0)  # progress at which the loss is compared with its Terms
CLOSE = 1e-3  # of the sum of the sizes of the terms
MEAN = "Take the mean over the pictures: .mean()."


def check_own_loss(
    objective: Objective, make_vae: MakeVAE, population: Population, batch_size: int
) -> None:
    """Refuse a user's own objective whose loss fails, or is not that of its Terms.

    The loss of one batch is computed, for the first step and after the last. Nothing is
    done for an objective of tinyvae.

    Raises: ConfigError, naming the class and what is wrong.
    """
    if type(objective) in OBJECTIVES.values():
        return
    pictures = labelled_for(objective, population)

    def given(key: PRNGKeyArray) -> tuple[Model, Batch]:
        batch = draw_for(objective, pictures, batch_size, key=key)
        return make_model(key, make_vae, objective), batch

    model, batch = given_shapes(objective, given)
    result = loss_shapes(objective, model, batch)
    check_result(type(objective).__name__, result)

    @eqx.filter_jit
    def computed(objective: Objective, progress: Any, key: PRNGKeyArray) -> Any:
        model, batch = given(key)
        number, terms = objective.loss(model, batch, progress, key=key)
        # an auxiliary network adds a loss of its own to the number
        return (number if model.auxiliary is None else terms.loss), terms

    name = type(objective).__name__
    for progress in ENDS:
        key, at = jax.random.key(0), jnp.array(progress)
        number, terms = computed(traced(objective), at, key)
        if progress == 0:
            check_first(name, number, terms)
        check_sum(name, number, terms)


@contextmanager
def said_in_one_line(objective: Objective, expected: str) -> Iterator[None]:
    """Turn whatever a user's own code raises into one message.

    Raises: ConfigError, saying what was expected of the objective.
    """
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever that code raises)
        raise ConfigError(
            f"expected {type(objective).__name__}.{expected}, got "
            f"{fault_of(error, objective.loss)}"
        ) from error


def traced(objective: Objective) -> Objective:
    """The objective with its numbers as arrays, which are traced as in training."""
    return jax.tree.map(lambda number: jnp.asarray(number, jnp.float32), objective)


def given_shapes(objective: Objective, given: Callable[..., Any]) -> Any:
    """Shapes of the model and of the batch that the loss is given.

    Raises: ConfigError if what the objective needs cannot be made.
    """
    needed = (
        "needs with draw(population, num, *, key), which gives a batch, and "
        "auxiliary(vae, *, key), which gives a network"
    )
    with said_in_one_line(objective, needed):
        return jax.eval_shape(given, jax.random.key(0))


def loss_shapes(objective: Objective, model: Any, batch: Any) -> Any:
    """What the loss gives, with shapes for arrays, of the shapes of model and batch.

    Raises: ConfigError if it fails.
    """
    progress, key = jnp.zeros(()), jax.random.key(0)

    def loss(objective: Objective, *given: Any, key: PRNGKeyArray) -> Any:
        return objective.loss(*given, key=key)

    own = traced(objective)
    with said_in_one_line(objective, "loss to give a number and Terms"):
        return eqx.filter_eval_shape(loss, own, model, batch, progress, key=key)


def check_result(name: str, result: Any) -> None:
    """Refuse what is not a number and Terms of numbers.

    Raises: ConfigError.
    """
    pair = isinstance(result, tuple) and len(result) == 2
    if not (pair and isinstance(result[1], Terms)):
        raise ConfigError(
            f"expected {name}.loss to give a number and Terms, got {kind_of(result)}. "
            f"{PAIR}"
        )
    loss, terms = result
    numbers = {
        "loss": loss,
        "loss of the Terms": terms.loss,
        "reconstruction": terms.reconstruction,
        "weight of the KL": terms.kl_weight,
    }
    for penalty in terms.penalties:
        numbers[f"penalty {penalty.name!r}"] = penalty.value
        numbers[f"weight of the penalty {penalty.name!r}"] = penalty.weight
    for what, number in numbers.items():
        if np.shape(number) != ():
            raise ConfigError(
                f"expected {name}.loss to give one number as the {what}, got an array "
                f"of shape {np.shape(number)}. {MEAN}"
            )
    if np.ndim(terms.kl) != 1:
        raise ConfigError(
            f"expected {name}.loss to give the KL of each latent in its Terms, of "
            f"shape (latent,), got shape {np.shape(terms.kl)}. {MEAN}"
        )


def check_first(name: str, number: Float[Array, ""], terms: Terms) -> None:
    """Refuse a loss that is not finite at the first step, whatever the learning rate.

    Raises: ConfigError, naming the terms that are not finite.
    """
    values = {"reconstruction": terms.reconstruction, "the KL": terms.kl.sum()}
    values |= {f"penalty {one.name!r}": one.value for one in terms.penalties}
    found = [f"{n} {float(v):g}" for n, v in values.items() if not np.isfinite(v)]
    if not np.isfinite(number):
        raise ConfigError(
            f"expected {name}.loss to be finite at the first step, got "
            f"{', '.join(found) or float(number)}. Look for the logarithm, the root or "
            "the quotient of a number that may be 0 or negative."
        )


def check_sum(name: str, number: Float[Array, ""], terms: Terms) -> None:
    """Refuse a loss that is not the sum of its terms: training would show another one.

    Raises: ConfigError, with both.
    """
    parts = [-terms.reconstruction, *(terms.kl_weight * terms.kl)]
    parts += [penalty.weight * penalty.value for penalty in terms.penalties]
    loss, total, size = (float(x) for x in (number, sum(parts), sum(map(abs, parts))))
    if abs(loss - total) > CLOSE * (1 + size):
        raise ConfigError(
            f"expected {name}.loss to give the sum of its Terms, got {loss:.6g}, and "
            f"Terms that make {total:.6g}. What is not in the Terms is not shown. Add "
            "it as a penalty: weighted_terms(encoded, kl_weight, penalty(name, value, "
            "weight))."
        )


def kind_of(result: Any) -> str:
    """What a loss gave, for a message."""
    if isinstance(result, tuple):
        return f"({', '.join(kind_of(part) for part in result)})"
    if hasattr(result, "shape"):
        return f"an array of shape {result.shape}" if result.shape else "a number"
    return type(result).__name__
