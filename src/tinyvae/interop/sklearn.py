"""A VAE as a scikit-learn estimator."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any, no_type_check

import numpy as np
from jaxtyping import Float
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils import Tags, check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from tinyvae.errors import ConfigError, DataError
from tinyvae.interop.array_rows import Units, array_rows, as_they_are, units_of
from tinyvae.interop.array_training import ArrayTraining, trained
from tinyvae.interop.blocks import codes_of, decoded, elbos
from tinyvae.models import LIKELIHOODS, FullyConnected
from tinyvae.models.layers import MOST_LATENTS
from tinyvae.models.likelihoods import LikelihoodKind
from tinyvae.models.prior import random_latents
from tinyvae.objectives import OBJECTIVES, Objective
from tinyvae.objectives.objective import check_objective
from tinyvae.pixels import Pixels
from tinyvae.runs.compilation import use_compilation_cache
from tinyvae.training.config import TrainingConfig
from tinyvae.wording import nearest

FLOATS = (np.float64, np.float32)
MOST_SEED = 2**31 - 1
# what an objective sees besides X
SEEN = {"pairs": "pairs of pictures that differ in few factors", "labels": "labels"}
UNSUPERVISED = [
    kind for kind, one in OBJECTIVES.items() if one.needs.supervision == "none"
]
PIXELS: dict[LikelihoodKind, Pixels] = {
    "bernoulli": "saturated",
    "continuous-bernoulli": "saturated",
    "gaussian": "real",
}


class VAE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Variational autoencoder with fully connected layers, used like PCA.

    `transform` gives the means of the posterior, `inverse_transform` the mean of the
    likelihood in the units of the input, `score` the ELBO. Training does
    `steps` steps, each on a random batch of rows. The network computes in 32 bits.

    Args:
        n_components: number of latents, 1 to 512.
        hidden_layer_sizes: widths of the encoder's hidden layers, from the input
            inwards; the decoder mirrors them.
        activation: relu, silu, gelu, tanh or elu.
        objective: what training minimises: "vae" (minus the ELBO), "beta-vae", any
            other name of an objective of tinyvae that sees no labels and no pairs, or
            an objective such as `tinyvae.FactorVAE(gamma=10)`.
        beta: weight of the KL, for objectives that have one; None is the default of
            the objective.
        likelihood: distribution of a feature given the latents: "gaussian" (any
            numbers), "bernoulli" (0 to 1; a number between is the probability of a 1),
            "continuous-bernoulli" (0 to 1), or "auto": Bernoulli if every number is
            0 or 1, else Gaussian.
        standardize: with a Gaussian likelihood, subtract each feature's mean and divide
            by its standard deviation, so that every feature counts alike. False: the
            numbers as they are, so that features of larger scale count for more, as in
            PCA. Other likelihoods take the numbers as they are.
        steps: number of batches to train on. None: a hundred passes over X, but 300 to
            2000 steps, since more overfit a small X. There is no early stopping.
        batch_size: rows of a batch, drawn with replacement.
        learning_rate: Adam's rate at the start, which falls to 2 % along a cosine;
            None: 0.001 with a Gaussian likelihood, else what the objective needs, 0.004
            for most.
        n_init: VAEs that start together; the one of lowest loss, before the middle of
            training, continues alone.
        random_state: determines weights, batches and noise.

    Attributes:
        vae_: the trained `tinyvae.VAE`, which takes a row as a picture (1, feature, 1)
            in the network's units, (X - mean_) / scale_.
        likelihood_: name of the likelihood.
        mean_: what is subtracted from each feature; 0 where nothing is.
        scale_: by what each feature is divided; 1 where it is not.
        kl_: nats that each latent carries, the mean KL over the last hundredth of
            training; near 0, a latent is unused.
        history_: terms of the objective, one row for each hundredth of training.
        n_iter_: number of steps.
        n_features_in_: number of features.
        feature_names_in_: names of the features, if X had names that are all texts.

    Raises: ValueError if X or a parameter cannot be used, NonFiniteLoss if training
    diverges. Parameters are checked by `fit`.
    """

    @no_type_check  # scikit-learn takes any parameter here, and checks them in `fit`
    def __init__(
        self,
        n_components: int = 2,
        *,
        hidden_layer_sizes: tuple[int, ...] | int = (256, 128),
        activation: str = "silu",
        objective: str | Objective = "vae",
        beta: float | None = None,
        likelihood: str = "auto",
        standardize: bool = True,
        steps: int | None = None,
        batch_size: int = 256,
        learning_rate: float | None = None,
        n_init: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.n_components = n_components
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.objective = objective
        self.beta = beta
        self.likelihood = likelihood
        self.standardize = standardize
        self.steps = steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> VAE:
        """Train on X, an array or frame of shape (sample, feature); y is ignored."""
        X = validate_data(self, X, dtype=FLOATS, ensure_min_samples=2)
        objective = self._objective()
        likelihood = self._likelihood(X)
        settings = self._settings(objective, likelihood, len(X))
        members = whole("n_init", self.n_init, 1)
        seed = int(check_random_state(self.random_state).randint(MOST_SEED))
        standardised = likelihood == "gaussian" and self.standardize
        units = units_of(X) if standardised else as_they_are(X.shape[1])
        rows = array_rows(units.standardised(X), PIXELS[likelihood])
        use_compilation_cache()
        self.vae_, history = trained(
            objective, rows, settings, seed=seed, members=members
        )
        self.likelihood_ = likelihood
        self.mean_, self.scale_ = units
        self.kl_ = np.array(history[-1].kl)
        self.history_ = tuple(history)
        self.n_iter_ = history[-1].step
        return self

    def transform(self, X: Any) -> Any:
        """Posterior means of X (sample, feature), or their levels: (sample, latent)."""
        X = self._checked(X)
        return codes_of(self.vae_, self._units.standardised(X)).astype(X.dtype)

    def inverse_transform(self, Z: Any) -> Float[np.ndarray, "sample feature"]:
        """The likelihood's mean at latents Z (sample, latent), in the units of X.

        For a Bernoulli likelihood, the probability of a 1.
        """
        check_is_fitted(self)
        Z = np.asarray(check_array(Z, dtype=FLOATS))  # type: ignore[arg-type]
        if Z.shape[1] != self._n_features_out:
            raise DataError(
                f"expected latents of shape (sample, {self._n_features_out}), got "
                f"{Z.shape}. `transform` gives such latents."
            )
        return self._units.restored(decoded(self.vae_, Z)).astype(Z.dtype)

    def score_samples(self, X: Any, y: Any = None) -> Float[np.ndarray, " sample"]:
        """ELBO of each row of X, a lower bound of its log density in X's units, nats.

        Higher is better. It is the mean of 16 posterior draws, which are the same each
        time. It is the plain ELBO for every objective. The prior of quantised latents
        makes all levels equally probable.
        """
        X = self._checked(X)
        check_range(X, self.likelihood_)
        values = elbos(self.vae_, self._units.standardised(X))
        return values.astype(np.float64) - self._units.log_volume()

    def score(self, X: Any, y: Any = None) -> float:
        """Mean ELBO of the rows of X, in nats a row; higher is better."""
        return float(self.score_samples(X).mean())

    def sample(
        self, n_samples: int = 1, random_state: Any = None
    ) -> Float[np.ndarray, "sample feature"]:
        """New rows: the likelihood's mean at latents drawn from the prior, N(0, I).

        The noise of the likelihood is not added. Quantised latents take each of their
        levels with the same probability.
        """
        check_is_fitted(self)
        num = whole("n_samples", n_samples, 1)
        rng = check_random_state(random_state)
        return self.inverse_transform(random_latents(self.vae_, num, rng))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        if tags.transformer_tags is not None:
            tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.vae_.head.latents

    @property
    def _units(self) -> Units:
        return Units(self.mean_, self.scale_)

    def _checked(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return np.asarray(validate_data(self, X, dtype=FLOATS, reset=False))

    def _objective(self) -> Objective:
        objective = self.objective
        if isinstance(objective, str) and objective in OBJECTIVES:
            objective = OBJECTIVES[objective]()
        if not isinstance(objective, Objective) or not is_dataclass(objective):
            meant = nearest(str(objective), UNSUPERVISED)
            raise ConfigError(
                f"objective: expected one of {', '.join(UNSUPERVISED)}, or an "
                f"objective of tinyvae, got {objective!r}.{meant}"
            )
        if (seen := objective.needs.supervision) != "none":
            raise ConfigError(
                "objective: expected one that learns from X alone, got "
                f"{objective.kind!r}, which needs {SEEN[seen]}. Use tinyvae.train."
            )
        check_objective(objective)
        if self.beta is None:
            return objective
        if "beta" not in {entry.name for entry in fields(objective)}:
            raise ConfigError(
                f"beta: expected None, since the objective {objective.kind!r} has no "
                f"beta, got {self.beta!r}. Use objective='beta-vae'."
            )
        return replace(objective, beta=real("beta", self.beta))

    def _likelihood(self, X: np.ndarray) -> LikelihoodKind:
        if self.likelihood == "auto":
            return "bernoulli" if np.isin(X, (0, 1)).all() else "gaussian"
        if self.likelihood not in LIKELIHOODS:
            raise ConfigError(
                f"likelihood: expected auto, {', '.join(LIKELIHOODS)}, got "
                f"{self.likelihood!r}."
            )
        check_range(X, self.likelihood)
        return self.likelihood

    def _settings(
        self, objective: Objective, likelihood: LikelihoodKind, num: int
    ) -> ArrayTraining:
        widths = self.hidden_layer_sizes
        widths = [widths] if isinstance(widths, Integral) else list(widths)
        network = FullyConnected(
            tuple(whole("hidden_layer_sizes", width, 1) for width in widths),
            self.activation,
            whole("n_components", self.n_components, 1, MOST_LATENTS),
        )
        rate = self.learning_rate
        batch_size = whole("batch_size", self.batch_size, 2)
        steps = default_steps(num, batch_size) if self.steps is None else self.steps
        training = TrainingConfig(
            whole("steps", steps, 1),
            batch_size,
            None if rate is None else real("learning_rate", rate),
        )
        decided = training.decided(likelihood, objective.needs.learning_rate)
        return ArrayTraining(network, likelihood, decided)


def default_steps(num: int, batch_size: int) -> int:
    """A hundred passes over this number of rows, in hundreds of steps: 300 to 2000.

    >>> default_steps(150, 256), default_steps(1797, 256), default_steps(60_000, 256)
    (300, 800, 2000)
    """
    hundreds = -(-num // batch_size)  # one pass, rounded up: 100 passes
    return 100 * min(max(hundreds, 3), 20)


def whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """The value of a parameter as a whole number.

    Raises: ConfigError if it is none, or out of range.
    """
    fits = isinstance(value, Integral) and not isinstance(value, bool)
    number = int(value) if fits else least - 1
    if number < least or (most is not None and number > most):
        to = "or more" if most is None else f"to {most}"
        raise ConfigError(
            f"{name}: expected a whole number, {least} {to}, got {value!r}."
        )
    return number


def real(name: str, value: Any) -> float:
    """The value of a parameter as a float.

    Raises: ConfigError if it is not a number.
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        raise ConfigError(f"{name}: expected a number, got {value!r}.")
    return float(value)


def check_range(X: np.ndarray, likelihood: str) -> None:
    """Refuse numbers that the likelihood gives no probability.

    Raises: DataError, saying which likelihood takes them.
    """
    if likelihood != "gaussian" and not ((X >= 0) & (X <= 1)).all():
        wrong = X[(X < 0) | (X > 1)][0]
        raise DataError(
            f"expected numbers from 0 to 1 for likelihood={likelihood!r}, got "
            f"{wrong:g}. Scale them, or use likelihood='gaussian'."
        )
