"""ONNX models against the VAE that they come from, run by onnxruntime."""

import json
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import onnxruntime
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError, DataError
from tinyvae.interop import onnx_check
from tinyvae.interop.array_rows import Units
from tinyvae.interop.exported import Exported, exported
from tinyvae.interop.onnx_models import decoder_model, encoder_model
from tinyvae.models import (
    LIKELIHOODS,
    Additive,
    Bernoulli,
    Convolutional,
    FullyConnected,
    Translated,
)
from tinyvae.models.layers import ACTIVATIONS
from tinyvae.models.likelihoods import Gaussian
from tinyvae.models.quantised import CodebookHead, FiniteScalarHead
from tinyvae.models.vae import GaussianHead, gaussian
from tinyvae.sklearn import VAE

DENSE = FullyConnected((9, 7), latents=3)
CONVOLUTIONS = Convolutional((4, 6), hidden=8, latents=2)
# odd and even sides, and several channels
NETWORKS = [
    (DENSE, (4, 5, 1)),
    (DENSE, (3, 4, 3)),
    (CONVOLUTIONS, (8, 8, 1)),
    (CONVOLUTIONS, (13, 21, 3)),
    (CONVOLUTIONS, (10, 7, 1)),
    (Additive((1, 3), (9, 7)), (4, 5, 3)),
    (Additive((2, 1, 1), (8,), (4, 6)), (8, 9, 1)),
    (Translated((9, 7), latents=4), (4, 5, 3)),
    (Translated((8,), (4, 6)), (8, 9, 1)),
    (Translated((9, 7), latents=4, room=True), (4, 5, 3)),
]


def vae_of(network, shape, likelihood):
    """Random weights, large enough for every part of the nonlinear functions."""
    head = GaussianHead(network.latents)
    vae = network.build(
        shape, head, LIKELIHOODS[likelihood](), key=jax.random.key(10_000)
    )
    rng = np.random.default_rng(10_000)
    return jax.tree.map(
        lambda leaf: leaf + jnp.asarray(0.2 * rng.standard_normal(leaf.shape)), vae
    )


def run(model, examples):
    """The results of a model, or of a file."""
    content = model if isinstance(model, Path) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content)
    results = session.run(None, {session.get_inputs()[0].name: examples})
    return [np.asarray(result) for result in results]


def normal(*shape):
    rng = np.random.default_rng(10_001)
    return rng.standard_normal(shape).astype(np.float32)


def assert_same(first, second):
    np.testing.assert_allclose(first, second, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("layout", ["hwc", "chw"])
def test_onnxruntime_computes_what_the_vae_does(network, shape, likelihood, layout):
    parts = Exported(vae_of(network, shape, likelihood), shape, layout)
    encoder, decoder = encoder_model(parts), decoder_model(parts)
    axes = (0, 3, 1, 2) if layout == "chw" else (0, 1, 2, 3)
    images = np.abs(normal(7, *shape))
    latents = 2 * normal(7, network.latents)
    encoded = jax.vmap(parts.vae.encode)(jnp.asarray(images))
    posterior = gaussian(encoded, "this test")
    pictures = jax.vmap(parts.vae.picture)(jnp.asarray(latents)).transpose(axes)
    parameters = jax.vmap(parts.vae.decode)(jnp.asarray(latents)).transpose(axes)
    for batch in (1, 7):
        mean, log_variance = run(encoder, images.transpose(axes)[:batch])
        assert_same(mean, posterior.mean[:batch])
        assert_same(log_variance, posterior.log_variance[:batch])
        shown, *logits = run(decoder, latents[:batch])
        assert_same(shown, pictures[:batch])
        assert len(logits) == (likelihood != "gaussian")
        for found in logits:
            assert_same(found, parameters[:batch])


@pytest.mark.parametrize("head", [CodebookHead(3, 5), FiniteScalarHead(3, 4)])
def test_the_encoder_of_quantised_latents_gives_their_levels(head):
    vae = DENSE.build((4, 5, 1), head, Bernoulli(), key=jax.random.key(10_000))
    rng = np.random.default_rng(10_002)
    vae = jax.tree.map(  # codebooks in no order, features all over them
        lambda leaf: leaf + jnp.asarray(rng.standard_normal(leaf.shape), leaf.dtype),
        vae,
    )
    parts = Exported(vae, (4, 5, 1))
    images = normal(50, 4, 5, 1)
    (code,) = run(encoder_model(parts), images)
    assert_same(code, jax.vmap(vae.encode)(jnp.asarray(images)).code)
    assert min(len(np.unique(column)) for column in code.T) > 1
    checked = onnx_check.checked_difference(
        parts, encoder_model(parts), decoder_model(parts)
    )
    assert checked < 1e-4


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation):
    network = FullyConnected((9,), activation, latents=2)
    parts = Exported(vae_of(network, (1, 4, 1), "gaussian"), (1, 4, 1))
    images = 3 * normal(7, 1, 4, 1)
    mean, _ = run(encoder_model(parts), images)
    assert_same(mean, jax.vmap(parts.vae.encode)(jnp.asarray(images)).code)


def test_logits_of_any_size_have_a_finite_mean():
    network = FullyConnected((2,), "relu", latents=1)
    vae = vae_of(network, (1, 3, 1), "continuous-bernoulli")
    parts = Exported(vae, (1, 3, 1))
    latents = np.array([[0], [1e-6], [1e-2], [1], [30], [-30], [1e4], [-1e4]])
    latents = latents.astype(np.float32)
    shown, logits = run(decoder_model(parts), latents)
    assert np.abs(logits).max() > 1000
    assert_same(shown, jax.vmap(vae.likelihood.mean)(logits))


@pytest.fixture(scope="module")
def run_of_circles():
    training = tv.TrainingConfig(steps=20, batch_size=16)
    circles = tv.Circles(10, radius=(2, 3))
    return tv.train(circles, network=FullyConnected((8,)), training=training, members=1)


def test_a_run_as_files(run_of_circles, tmp_path):
    files = tv.to_onnx(run_of_circles, tmp_path / "new")
    assert files.difference < 1e-5
    images = run_of_circles.population.images(np.arange(7))
    session = onnxruntime.InferenceSession(files.encoder)
    codes, _ = session.run(None, {"image": np.asarray(images, np.float32)})
    assert_same(codes, run_of_circles.encode(images))
    session = onnxruntime.InferenceSession(files.decoder)
    assert_same(
        session.run(["image"], {"latent": codes})[0], run_of_circles.decode(codes)
    )


def test_files_say_what_they_are(run_of_circles, tmp_path):
    files = tv.to_onnx(run_of_circles, tmp_path, layout="chw")
    model = onnx.load(files.encoder)
    assert model.producer_name == "tinyvae"
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about["layout"] == "chw"
    assert (about["supervision"], about["told"]) == ("none", "")
    assert about["likelihood"] == "bernoulli"
    assert json.loads(about["factors"]) == ["radius", "x", "y"]
    assert json.loads(about["latents"]) == ["z0", "z1", "z2"]
    assert about["answer"].splitlines() == list(run_of_circles.answer.sentences)
    (images,) = onnxruntime.InferenceSession(files.encoder).get_inputs()
    assert (images.name, images.shape) == ("image", ["batch", 1, 10, 10])
    assert images.type == "tensor(float)"


def test_a_table_keeps_its_own_units(tmp_path):
    rng = np.random.default_rng(10_000)
    rows = rng.standard_normal((40, 3)) * [1, 100, 1e-3] + [5, -1000, 0]
    training = tv.TrainingConfig(steps=5, batch_size=8)
    network = FullyConnected((4,), latents=2)
    trained = tv.train(
        tv.Pictures(rows), tv.ELBO(), network=network, training=training, members=1
    )
    files = tv.to_onnx(trained, tmp_path)
    codes, _ = run(files.encoder, rows.astype(np.float32))
    assert_same(codes, trained.encode(rows))
    (decoded,) = run(files.decoder, codes)
    expected = trained.decode(codes).reshape(-1, 3)
    np.testing.assert_allclose(decoded, expected, rtol=1e-4, atol=1e-6)


def test_a_pattern_may_leave_the_picture():
    vae, latents = vae_of(Translated((9,)), (4, 7, 2), "gaussian"), normal(6, 3)
    latents[:4, :2] = [[0, 0], [0, 100], [-100, 0], [100, -100]]
    (shown,) = run(decoder_model(Exported(vae, (4, 7, 2))), latents)
    assert_same(shown, jax.vmap(vae.decode)(jnp.asarray(latents)))


def test_a_pattern_that_is_a_row_has_the_units_of_its_table():
    vae, latents = vae_of(Translated((9,)), (1, 5, 1), "gaussian"), normal(6, 3)
    units = Units(np.arange(5.0), np.full(5, 10.0))
    (shown,) = run(decoder_model(Exported(vae, (1, 5, 1), units=units)), latents)
    rows = jax.vmap(vae.decode)(jnp.asarray(latents)).reshape(6, 5)
    assert_same(shown, units.restored(np.asarray(rows)))


def test_a_difference_is_refused_and_nothing_is_written(
    run_of_circles, tmp_path, monkeypatch
):
    monkeypatch.setattr(onnx_check, "difference", lambda *_: 0.5)
    with pytest.raises(DataError, match=r"to agree .* got a difference of 0.5"):
        tv.to_onnx(run_of_circles, tmp_path / "files")
    assert not (tmp_path / "files").exists()


def test_nan_is_a_difference(run_of_circles, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_check, "difference", lambda *_: float("nan"))
    with pytest.raises(DataError, match="difference of nan"):
        tv.to_onnx(run_of_circles, tmp_path)


def test_other_axes_are_refused(run_of_circles, tmp_path):
    with pytest.raises(ConfigError, match="expected hwc or chw, got 'nchw'"):
        tv.to_onnx(run_of_circles, tmp_path, layout="nchw")


def test_what_is_not_trained_is_refused():
    with pytest.raises(ConfigError, match="a fitted tinyvae.sklearn.VAE, got VAE"):
        exported(VAE(), "hwc")


@pytest.mark.parametrize(
    ("part", "model"), [("encoder", encoder_model), ("decoder", decoder_model)]
)
def test_networks_of_others_are_refused(part, model):
    vae = vae_of(DENSE, (1, 4, 1), "gaussian")
    object.__setattr__(vae, part, jnp.ravel)
    with pytest.raises(ConfigError, match=f"expected an? {part} of tinyvae, got "):
        model(Exported(vae, (1, 4, 1)))


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named(package, run_of_circles, tmp_path, monkeypatch):
    for name in list(sys.modules):
        if name.startswith("tinyvae.interop.onnx_"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=rf"{package}, which .* 'tinyvae\[onnx\]'"):
        tv.to_onnx(run_of_circles, tmp_path)


def test_units_far_from_zero_are_exported(tmp_path):
    rows = normal(40, 2) * [1, 1e-4] + [1234567.89, 1]
    fitted = VAE(hidden_layer_sizes=4, steps=5, random_state=0).fit(rows)
    files = tv.to_onnx(fitted, tmp_path)
    codes, _ = run(files.encoder, rows.astype(np.float32))
    assert_same(codes, fitted.transform(rows.astype(np.float32).astype(float)))
    (decoded,) = run(files.decoder, codes)
    np.testing.assert_allclose(decoded, fitted.inverse_transform(codes), rtol=1e-6)


def test_a_fitted_estimator_keeps_the_units_of_its_input(tmp_path):
    rows = normal(40, 3) * [1, 100, 1e-3] + [5, -1000, 0]
    fitted = VAE(hidden_layer_sizes=4, steps=5, random_state=0).fit(rows)
    files = tv.to_onnx(fitted, tmp_path)
    (row,) = onnxruntime.InferenceSession(files.encoder).get_inputs()
    assert (row.name, row.shape) == ("row", ["batch", 3])
    codes, _ = run(files.encoder, rows.astype(np.float32))
    assert_same(codes, fitted.transform(rows))
    about = {e.key: e.value for e in onnx.load(files.decoder).metadata_props}
    likelihood = fitted.vae_.likelihood
    assert isinstance(likelihood, Gaussian)
    scale = np.exp(likelihood.log_scale())
    assert float(about["scale"]) == pytest.approx(float(scale), rel=1e-5)
