"""The blur is SciPy's; weights follow the gain; small things are found."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage
from small_models import batch_of, loss, model_of

import tinyvae as tv
from tinyvae.objectives.blurring import blurred
from tinyvae.objectives.schedules import falls_geometrically, falls_linearly

KEY = jax.random.key(10_002)
MODEL, BATCH = model_of("vae"), batch_of("vae")


def terms_of(objective, progress, batch=BATCH):
    return loss(objective, MODEL, batch, progress, KEY)[1]


@pytest.mark.parametrize("share", [0.02, 0.125, 0.5])
def test_the_blur_is_that_of_scipy_along_both_sides(share):
    images = np.random.default_rng(10_000).random((3, 12, 20, 2)).astype(np.float32)
    found = np.asarray(blurred(jnp.asarray(images), share))
    expected = ndimage.gaussian_filter(
        images.astype(float),
        sigma=(0, share * 12, share * 20, 0),
        mode="constant",
        radius=(0, 11, 19, 0),
    )
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_without_width_a_picture_stays_as_it_is():
    images = jax.random.normal(KEY, (3, 7, 5, 1))
    np.testing.assert_array_equal(blurred(images, 0.0), images)


def test_rows_of_a_table_are_blurred_along_no_side():
    rows = jax.random.normal(KEY, (4, 1, 6, 1))
    np.testing.assert_array_equal(blurred(rows, 0.125), rows)


def test_a_wide_blur_makes_pictures_linear_in_their_place():
    # three places in a row: the middle picture is the mean of the others
    world = tv.Circles(32, radius=(2, 5))
    places = np.array([[3.0, 9.0, 16.0], [3.0, 16.0, 16.0], [3.0, 23.0, 16.0]])
    images = jnp.asarray(world.draw(places))

    def bend(images):
        left, middle, right = np.asarray(images, float)
        bent = np.linalg.norm(middle - (left + right) / 2)
        return bent / np.linalg.norm(right - left)

    assert bend(images) > 0.8
    assert bend(blurred(images, 0.25)) < 0.3


def test_weights_are_shares_of_the_gain_and_the_kl_ends_at_one():
    objective = tv.CoarseToFine(kl_share=0.3, tc_share=0.7, tc_share_end=0.02)
    start = terms_of(objective, 0.0)
    gain = MODEL.vae.likelihood.gain(blurred(BATCH.images, objective.blur))
    np.testing.assert_allclose(start.kl_weight, 0.3 * gain, rtol=1e-5)
    np.testing.assert_allclose(start.penalties[0].weight, 0.7 * gain, rtol=1e-5)
    end = terms_of(objective, 1.0)
    gain = MODEL.vae.likelihood.gain(BATCH.images)
    np.testing.assert_allclose(end.kl_weight, 1)
    np.testing.assert_allclose(end.penalties[0].weight, 0.02 * gain, rtol=1e-5)


def test_at_the_end_it_is_the_elbo_with_a_little_total_correlation():
    end = terms_of(tv.CoarseToFine(), 1.0)
    plain = terms_of(tv.ELBO(), 1.0)
    np.testing.assert_allclose(end.elbo, plain.elbo, rtol=1e-6)
    gain = MODEL.vae.likelihood.gain(BATCH.images)
    little = 0.001 * gain * end.penalties[0].value
    np.testing.assert_allclose(end.loss, plain.loss + little, rtol=1e-6)


def test_pictures_that_are_all_equal_leave_a_finite_loss():
    nothing = jax.tree.map(jnp.zeros_like, BATCH)
    for progress in (0.0, 0.6, 1.0):
        assert jnp.isfinite(terms_of(tv.CoarseToFine(), progress, nothing).loss)


def test_weights_fall_as_they_say():
    at = [jnp.asarray(float(t)) for t in (0, 0.25, 0.5, 1)]
    linear = [float(falls_linearly(t, 21.0, 1.0, 0.5)) for t in at]
    np.testing.assert_allclose(linear, [21, 11, 1, 1])
    at = [jnp.asarray(float(t)) for t in (0, 0.5, 0.7, 0.9)]
    geometric = [float(falls_geometrically(t, 40.0, 0.1, 0.5, 0.9)) for t in at]
    np.testing.assert_allclose(geometric, [40, 40, 2, 0.1], rtol=1e-5)
    assert [float(falls_geometrically(t, 0.0, 0.1, 0.5, 0.9)) for t in at] == [0] * 4


def test_white_pictures_have_a_finite_loss_whatever_the_blur():
    # rounding makes some blurred pixels larger than 1
    white = jax.tree.map(lambda leaf: jnp.ones_like(leaf, jnp.float32), BATCH)
    widths = jnp.linspace(0.001, 0.125, 200)
    brightest = jax.vmap(lambda share: blurred(white.images, share).max())(widths)
    assert (brightest > 1).any()
    gains = jax.vmap(lambda s: MODEL.vae.likelihood.gain(blurred(white.images, s)))
    assert jnp.isfinite(gains(widths)).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blur": -0.1}, "finite blur of at least 0, got -0.1"),
        ({"kl_share": float("inf")}, "finite kl_share of at least 0, got inf"),
        ({"tc_share_end": 0.0}, "tc_share_end above 0.* got 0"),
        ({"fine_at": 0.0}, "0 < fine_at <= 1.* got fine_at=0.0"),
        ({"tc_until": 0.9}, "tc_until=0.9, tc_end=0.5"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        tv.CoarseToFine(**settings)


@pytest.mark.slow
def test_the_radius_of_small_circles_is_found_where_pictures_are_blurred_first():
    def share_of_radius(objective):
        run = tv.train(
            tv.Circles(16, radius=(1, 3)),
            objective,
            seed=10_000,
            members=1,
            network=tv.FullyConnected((64, 32), latents=3),
            training=tv.TrainingConfig(steps=3000, batch_size=64),
        )
        (radius,) = (m for m in run.answer.matches if m.factor == "radius")
        return radius.share

    assert share_of_radius(tv.CoarseToFine()) > 0.7
    assert share_of_radius(tv.CoarseToFine(blur=0.0)) < 0.3
