from math import log

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_models import batch_of, model_of

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.models.quantised import QuantisedHead
from tinyvae.models.vae import GaussianHead
from tinyvae.objectives import OBJECTIVES, QLAE, Model
from tinyvae.objectives.qlae import decayed
from tinyvae.objectives.quantised_terms import encode_quantised

KEY = jax.random.key(10_002)
OBJECTIVE = QLAE(quantisation=0.02, commitment=0.05)
PIXELS = 64


@pytest.fixture(scope="module")
def model():
    return model_of("qlae")


@pytest.fixture(scope="module")
def images():
    return batch_of("qlae").images


def test_terms_by_hand(model, images):
    vae = model.vae
    _, terms = OBJECTIVE.loss(model, batch_of("qlae"), jnp.array(0.5), key=KEY)
    features = np.asarray(jax.vmap(vae.encoder)(images))
    codebooks = np.asarray(vae.head.values)
    nearest = np.array(
        [
            [min(codebooks[j], key=lambda value: abs(row[j] - value)) for j in (0, 1)]
            for row in features
        ]
    )
    distance = np.mean((features - nearest) ** 2)
    for found, weight in zip(terms.penalties, (0.02, 0.05), strict=True):
        np.testing.assert_allclose(found.value, distance, rtol=1e-5)
        np.testing.assert_allclose(found.weight, PIXELS * weight, rtol=1e-6)
    likelihood = jax.vmap(vae.log_likelihood)(images, jnp.asarray(nearest))
    np.testing.assert_allclose(terms.reconstruction, likelihood.mean(), rtol=1e-5)
    for column, kl in zip(nearest.T, np.asarray(terms.kl), strict=True):
        parts = np.unique(column, return_counts=True)[1] / len(column)
        np.testing.assert_allclose(kl, -sum(p * log(p) for p in parts), atol=1e-6)
    assert terms.kl_weight == 0


def test_the_gradient_is_that_of_the_loss_with_every_step_held(model, images):
    """Each step as a constant: which level it is, and how far it moves the feature."""
    held = encode_quantised(model.vae, images).posterior
    moved = held.quantised - held.continuous

    def with_steps_held(vae):
        features = jax.vmap(vae.encoder)(images)
        values = vae.head.values[jnp.arange(2), held.level]
        likelihood = jax.vmap(vae.log_likelihood)(images, features + moved)
        quantisation = jnp.mean((held.continuous - values) ** 2)
        commitment = jnp.mean((features - held.quantised) ** 2)
        penalties = 0.02 * quantisation + 0.05 * commitment
        return -likelihood.mean() + PIXELS * penalties

    def loss(model):
        return OBJECTIVE.loss(model, batch_of("qlae"), jnp.array(0.5), key=KEY)[0]

    found, expected = jax.grad(loss)(model).vae, jax.grad(with_steps_held)(model.vae)
    assert np.abs(expected.head.values).max() > 0
    for one, other in zip(
        jax.tree.leaves(found), jax.tree.leaves(expected), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_weights_decay_and_biases_and_codebooks_do_not(model):
    optimizer = QLAE(weight_decay=0.5).optimizer(0.1)
    nothing = jax.tree.map(jnp.zeros_like, model)
    updates, _ = optimizer.update(nothing, optimizer.init(model), model)
    changes = jax.tree_util.tree_leaves_with_path(updates)
    for (path, change), leaf in zip(changes, jax.tree.leaves(model), strict=True):
        name = jax.tree_util.keystr(path)
        expected = -0.1 * 0.5 * leaf if name.endswith(".weight") else 0 * leaf
        np.testing.assert_allclose(change, expected, rtol=1e-6, err_msg=name)
    which = jax.tree.leaves(decayed(model))
    assert 0 < sum(which) < len(which)


def test_a_gaussian_head_is_refused(model, images):
    gaussian = eqx.tree_at(lambda vae: vae.head, model.vae, GaussianHead(1))
    with pytest.raises(ConfigError, match="expected quantised latents, got a Diagonal"):
        encode_quantised(gaussian, images)


def test_an_elbo_of_quantised_latents_is_refused(model):
    batch = batch_of("vae")
    with pytest.raises(ConfigError, match="expected Gaussian latents for an ELBO"):
        OBJECTIVES["vae"]().loss(Model(model.vae), batch, jnp.array(0.0), key=KEY)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"levels": 1}, "expected 2 to 256 levels"),
        ({"commitment": -1.0}, "commitment of at least 0"),
        ({"weight_decay": float("nan")}, "weight_decay of at least 0"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        QLAE(**settings)


def test_a_run_of_quantised_latents():
    run = tv.train(
        tv.Circles(8),
        QLAE(levels=4),
        network=tv.FullyConnected((8,), latents=2),
        training=tv.TrainingConfig(steps=3, batch_size=8),
        members=1,
    )
    assert isinstance(run.vae.head, QuantisedHead)
    levels = np.asarray(run.vae.head.levels())
    codes = run.encode(np.asarray(run.population.images(np.arange(9))))
    for column, values in zip(codes.T, levels, strict=True):
        assert np.isin(column, values).all()
    assert "quantised latents: the KL of each is the entropy" in str(run)
    fit = run.answer.fit
    assert fit is not None
    assert fit.elbo == pytest.approx(
        fit.reconstruction - run.answer.measurement.kl.sum()
    )
    assert run.answer.measurement.kl.max() <= log(4) + 1e-9
    assert run.supervision == "none"
    with pytest.raises(ConfigError, match="all draws are equal"):
        run.log_likelihood(3)
