"""The browser's sums against JAX's, on the same rounded weights."""

import base64

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.models import Additive, Bernoulli, FullyConnected, Gaussian, Translated
from tinyvae.models.vae import GaussianHead
from tinyvae.page.networks import half_floats, network_data
from tinyvae.worlds import Circles

CHECK = """([encoder, decoder, latents, inputs, expected, count]) => {
    const { Network } = window.tinyvae;
    const floats = (text) => new Float32Array(
        Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    let worst = 0;
    for (const [data, values, wanted] of [
        [decoder, floats(latents), floats(expected[0])],
        [encoder, floats(inputs), floats(expected[1])],
    ]) {
        const network = new Network(data);
        const [width, size] = [values.length / count, wanted.length / count];
        for (let i = 0; i < count; i += 1) {
            network.run(values.subarray(i * width, (i + 1) * width)).forEach((v, k) => {
                worst = Math.max(worst, Math.abs(v - wanted[i * size + k]));
            });
        }
    }
    return worst;
}"""


def floats(values) -> str:
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()


@pytest.mark.parametrize("activation", ["silu", "relu", "gelu", "tanh", "elu"])
def test_logits_agree_on_a_thousand_latents_and_pictures(open_page, activation):
    network = FullyConnected(activation=activation)
    vae = network.build(
        (32, 32, 1), GaussianHead(3), Bernoulli(), key=jax.random.key(10_000)
    )
    rounded = jax.tree.map(lambda w: w.astype(jnp.float16).astype(jnp.float32), vae)
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(1000, 3)).astype(np.float32)
    world = Circles()
    rows = world.table.values[rng.integers(len(world.table), size=1000)]
    images = np.asarray(world.draw(rows), np.float32).reshape(1000, -1)
    images[::2] = rng.uniform(size=images[::2].shape)  # a person's own pictures
    decoded = jax.vmap(rounded.decoder.network)(latents)
    encoded = jax.vmap(rounded.encoder.network)(images)
    worst = open_page().evaluate(
        CHECK,
        [
            network_data(vae.encoder),
            network_data(vae.decoder),
            floats(latents),
            floats(images),
            [floats(decoded), floats(encoded)],
            1000,
        ],
    )
    assert worst < 1e-3


@pytest.mark.parametrize(
    "network",
    [
        Additive((1, 2), (9, 7)),
        Additive((2, 1, 1), (8,), (4, 6), "relu"),
        Translated((9, 7), latents=4),
        Translated((8,), (4, 6), "relu", 3),
        Translated((9, 7), latents=4, room=True),
    ],
)
def test_a_sum_of_decoders_and_a_moved_pattern_agree(open_page, network):
    shape = (9, 8, 2)
    vae = network.build(
        shape, GaussianHead(network.latents), Gaussian(), key=jax.random.key(10_000)
    )
    rng = np.random.default_rng(0)
    # also where weights begin at 0
    vae = jax.tree.map(lambda w: w + 0.1 * rng.standard_normal(w.shape), vae)
    rounded = jax.tree.map(lambda w: w.astype(jnp.float16).astype(jnp.float32), vae)
    latents = rng.normal(size=(20, network.latents))
    if isinstance(network, Translated):  # also by whole pixels, and out of the picture
        latents[:4, :2] = [[0, 0], [0, 100], [-100, 0], [100, -100]]
    found = open_page().evaluate(
        """([data, shape, latents]) => {
            const network = new window.tinyvae.Network(data, shape);
            return latents.map((z) => Array.from(network.run(Float32Array.from(z))));
        }""",
        [network_data(rounded.decoder), shape, latents.tolist()],
    )
    expected = jax.vmap(rounded.decode)(jnp.asarray(latents, jnp.float32))
    np.testing.assert_allclose(found, expected.reshape(20, -1), atol=1e-4)


def test_half_floats_are_what_numpy_says(open_page):
    values = np.concatenate(
        [np.arange(65536, dtype=np.uint16).view(np.float16)[:31744], [-0.5, 65504]]
    ).astype(np.float32)
    found = open_page().evaluate(
        "(text) => Array.from(window.tinyvae.halfFloats(text))", half_floats(values)
    )
    np.testing.assert_array_equal(np.array(found, np.float32), values)


def test_rounded_weights_change_no_picture_visibly(runs):
    run = runs[0][1]
    rounded = jax.tree.map(lambda w: w.astype(jnp.float16).astype(jnp.float32), run.vae)
    images = run.world.draw(run.world.table.values)
    before = jax.vmap(run.vae.reconstruct)(images)
    after = jax.vmap(rounded.reconstruct)(images)
    assert float(jnp.abs(before - after).max()) < 0.02  # 5 of 255 grey levels
