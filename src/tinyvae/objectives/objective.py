"""The interface of an objective: what it needs, minimises and reports."""

from __future__ import annotations

import dataclasses
import inspect
import math
from abc import abstractmethod
from collections.abc import Callable
from typing import (
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    Protocol,
    TypeVar,
    get_args,
    runtime_checkable,
)

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

from tinyvae.errors import ConfigError
from tinyvae.models.gaussian import DiagonalGaussian
from tinyvae.models.vae import VAE, GaussianHead, Head, gaussian
from tinyvae.own import missing_members, own_kind, own_name, refuse_class
from tinyvae.worlds.draws import draw_one
from tinyvae.worlds.world import Batch

Supervision = Literal["none", "pairs", "labels"]
Draw = Callable[..., Batch]  # (population, num, *, key) -> the pictures of one step
MakeAuxiliary = Callable[..., Any]  # (vae, *, key) -> a further network, or None
# (learning rate or schedule) -> the optimiser of a whole Model
MakeOptimizer = Callable[[Any], optax.GradientTransformation]
MakeHead = Callable[[int], Head]  # (number of latents) -> the head
LEARNING_RATE = 4e-3  # of objectives that need no other


class Model(eqx.Module):
    """What an optimisation step changes: the VAE, and an auxiliary network if any."""

    vae: VAE
    auxiliary: Any = None  # a discriminator; None where an objective needs none


class Penalty(eqx.Module):
    """A term that an objective adds to the ELBO, and its weight in the loss."""

    name: str = eqx.field(static=True)
    value: Float[Array | np.ndarray, "*member"]  # nats, unless the objective differs
    weight: Float[Array | np.ndarray, "*member"]


class Terms(eqx.Module):
    """The terms of an objective on one minibatch; nats unless they have no unit.

    loss = -reconstruction + kl_weight * kl.sum() + sum of weight * value of penalties
    """

    loss: Float[Array, "*member"]
    reconstruction: Float[Array | np.ndarray, "*member"]  # E_q[ln p(x|z)]
    # KL(q(z_j|x) || N(0, 1)) of each latent j; entropy of the levels of a quantised one
    kl: Float[Array | np.ndarray, "*member latent"]
    kl_weight: Float[Array | np.ndarray, "*member"]
    penalties: tuple[Penalty, ...] = ()

    @property
    def elbo(self) -> Float[Array | np.ndarray, "*member"]:
        """Evidence lower bound, to be maximised: reconstruction - sum of kl."""
        return self.reconstruction - self.kl.sum(-1)


def before_the_middle(objective: Any) -> tuple[float, float]:
    """The tenth of training before its middle: a usual `selection_window`."""
    return (0.4, 0.5)


def adam(learning_rate: Any) -> optax.GradientTransformation:
    """Adam whose second moment decays over a hundred steps instead of a thousand.

    The weights of an objective change during training, which changes the size of the
    gradient.
    """
    return optax.adam(learning_rate, b2=0.99)


def no_auxiliary(vae: VAE, *, key: PRNGKeyArray) -> None:
    """No auxiliary network."""
    return


class Needs(NamedTuple):
    """What an objective needs besides the VAE and its own settings.

    Args:
        draw: gives the pictures of one step: one batch or two.
        auxiliary: makes a second network, trained with the VAE.
        optimizer: makes the optimiser of both.
        head: maps the encoder's features to a posterior; made from a number of latents.
        supervision: what the objective sees of the factors; shown with every result.
        learning_rate: the rate where a run gives none. With a Gaussian likelihood it is
            0.001 for every objective.

    An objective whose own settings decide draw, optimizer or head has a method of that
    name instead.
    """

    draw: Draw = draw_one
    auxiliary: MakeAuxiliary = no_auxiliary
    optimizer: MakeOptimizer = adam
    head: MakeHead = GaussianHead
    supervision: Supervision = "none"
    learning_rate: float = LEARNING_RATE


@runtime_checkable
class Objective(Protocol):
    """What training minimises: a frozen dataclass, made `traceable`.

    A subclass has to define only its loss. `progress` runs from 0 at the first step of
    training to 1 after the last.
    """

    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str]  # name for people: "beta-VAE"; by default that of the class

    @property
    def kind(self) -> str:
        """Name in configurations and on the command line: by default module:Class."""
        return own_name(type(self))

    def selection_window(self) -> tuple[float, float]:
        """Part of progress whose mean loss separates good members from bad ones."""
        return before_the_middle(self)

    @abstractmethod
    def loss(
        self,
        model: Model,
        batch: Batch,
        progress: Float[Array, ""],
        *,
        key: PRNGKeyArray,
    ) -> tuple[Float[Array, ""], Terms]:
        """The number to differentiate, and the terms to record.

        The number is the loss of the terms, plus the loss of the auxiliary network.
        """
        ...


Settings = TypeVar("Settings", bound=type)


def check_objective(objective: Any) -> None:
    """Refuse what is no objective, or none that JAX can take.

    Raises: ConfigError, naming what is missing.
    """
    refuse_class(
        objective, "an objective", "tv.BetaVAE(4.0). tv.ELBO() is the plain VAE"
    )
    name = type(objective).__name__
    if hasattr(objective, "loss") and jax.tree.leaves(objective) == [objective]:
        raise ConfigError(
            f"expected an objective that JAX can take apart, got {name}. Write "
            "@traceable above @dataclass(frozen=True)."
        )
    if missing := missing_members(objective, Objective):
        raise ConfigError(
            f"expected an objective with {', '.join(missing)}, got {name} without. "
            "tv.ELBO() is the plain VAE; docs/own_objective.md says how to write your "
            "own."
        )
    if (supervision := objective.needs.supervision) not in get_args(Supervision):
        raise ConfigError(
            f"expected the supervision of {name} among "
            f"{', '.join(get_args(Supervision))}, got {supervision!r}."
        )
    check_loss_arguments(objective)


def check_loss_arguments(objective: Objective) -> None:
    """Refuse a loss that does not take what training gives it.

    Raises: ConfigError, showing its arguments.
    """
    try:
        inspect.signature(objective.loss).bind(None, None, None, key=None)
    except TypeError:
        owner = type(objective)
        raise ConfigError(
            f"expected {owner.__name__}.loss(self, model, batch, progress, *, key), "
            f"got {owner.__name__}.loss{inspect.signature(owner.loss)}. "
            "Training gives it these."
        ) from None


def traceable(settings: Settings) -> Settings:
    """Make a frozen dataclass a pytree: numbers are leaves, all else is static.

    JAX then compiles once for all values of the numbers, and each member of a group may
    have its own values. Values are checked when a user makes the settings, and not
    again when JAX puts traced numbers into them. A class without a `kind` or a `title`
    gets one.
    """
    check_dataclass(settings)
    own_kind(settings)
    if not hasattr(settings, "title"):
        settings.title = settings.__name__  # type: ignore[attr-defined]
    fields = dataclasses.fields(settings)
    numbers = [f.name for f in fields if f.type in (float, "float")]
    others = [f.name for f in fields if f.name not in numbers]

    def flatten(instance: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        leaves = tuple(getattr(instance, name) for name in numbers)
        return leaves, tuple(getattr(instance, name) for name in others)

    def unflatten(static: tuple[Any, ...], leaves: Any) -> Any:
        instance = object.__new__(settings)
        for name, value in zip([*numbers, *others], [*leaves, *static], strict=True):
            object.__setattr__(instance, name, value)
        return instance

    jax.tree_util.register_pytree_node(settings, flatten, unflatten)
    return settings


def check_dataclass(settings: type) -> None:
    """Refuse a class whose settings are not fields.

    Raises: TypeError, saying what to write.
    """
    if not dataclasses.is_dataclass(settings):
        raise TypeError(
            f"expected a dataclass below @traceable, got {settings.__name__}. Write "
            "@traceable, and @dataclass(frozen=True) in the line below it"
        )


class EncodedBatch(NamedTuple):
    """A minibatch after encoder, posterior sample and decoder."""

    posterior: DiagonalGaussian  # mean and log variance of shape (batch, latent)
    latent: Float[Array, "batch latent"]  # one draw from each posterior
    log_likelihood: Float[Array, " batch"]  # ln p(image | latent), in nats


def encode_batch(
    vae: VAE,
    images: Shaped[Array, "batch height width channel"],
    *,
    key: PRNGKeyArray,
) -> EncodedBatch:
    """Encode, draw once from each posterior, decode and score a minibatch.

    Raises: ConfigError if the latents are not Gaussian.
    """
    posterior = gaussian(jax.vmap(vae.encode)(images), "an ELBO")
    return decode_batch(vae, posterior, images, key=key)


def decode_batch(
    vae: VAE,
    posterior: DiagonalGaussian,
    images: Shaped[Array, "batch height width channel"],
    *,
    key: PRNGKeyArray,
) -> EncodedBatch:
    """Draw once from each of these posteriors, decode, and score the pictures."""
    latent = posterior.sample(key=key)
    log_likelihood = jax.vmap(vae.log_likelihood)(images, latent)
    return EncodedBatch(posterior, latent, log_likelihood)


def weighted_terms(
    batch: EncodedBatch, kl_weight: Float[Array, ""] | float, *penalties: Penalty
) -> Terms:
    """Terms of the loss that all objectives of the ELBO family share."""
    reconstruction = batch.log_likelihood.mean()
    kl = batch.posterior.kl_to_prior().mean(0)
    loss = -reconstruction + kl_weight * kl.sum()
    for penalty in penalties:
        loss = loss + penalty.weight * penalty.value
    weight = jnp.asarray(kl_weight, loss.dtype)
    return Terms(loss, reconstruction, kl, weight, penalties)


def penalty(name: str, value: Any, weight: Any) -> Penalty:
    """A penalty whose value and weight are arrays, as records need them."""
    return Penalty(
        name, jnp.asarray(value, jnp.float32), jnp.asarray(weight, jnp.float32)
    )


def check_weight(name: str, value: float) -> None:
    """Refuse a weight that is negative or not finite."""
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(
            f"expected a finite {name} of at least 0, got {value}. "
            f"{name} weighs a term of the loss."
        )
