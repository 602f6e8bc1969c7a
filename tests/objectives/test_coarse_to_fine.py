"""The blur is SciPy's; weights follow the gain; small things are found."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import linalg, ndimage
from small_models import WORLD, batch_of, loss, model_of

import tinyvae as tv
from tinyvae.models import Bernoulli
from tinyvae.objectives.blurring import blurred
from tinyvae.objectives.by_settings import head_for
from tinyvae.objectives.coarse_to_fine import targets_with_gain
from tinyvae.objectives.schedules import falls_geometrically, falls_linearly

KEY = jax.random.key(10_002)
MODEL, BATCH = model_of("vae"), batch_of("vae")


def terms_of(objective, progress, batch=BATCH):
    return loss(objective, MODEL, batch, progress, KEY)[1]


def light_that_spreads(side, width):
    """The heat equation on a row of pixels, by SciPy: no light leaves at the ends."""
    flow = np.diag(np.ones(side - 1), 1) + np.diag(np.ones(side - 1), -1)
    flow -= np.diag(flow.sum(axis=0))
    return linalg.expm(width**2 / 2 * flow)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.125, 0.5])
def test_the_blur_is_the_heat_equation_along_both_sides(share):
    images = np.random.default_rng(10_000).random((3, 12, 20, 2)).astype(np.float32)
    found = np.asarray(blurred(jnp.asarray(images), share))
    down, across = (light_that_spreads(side, share * side) for side in (12, 20))
    expected = np.einsum("ij,bjkc,lk->bilc", down, images, across)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found.sum((1, 2)), images.sum((1, 2)), rtol=1e-5)


def test_a_blur_of_some_pixels_is_nearly_that_of_scipy():
    images = np.random.default_rng(10_000).random((3, 24, 24, 1)).astype(np.float32)
    found = np.asarray(blurred(jnp.asarray(images), 2.5 / 24))
    expected = ndimage.gaussian_filter(images, sigma=(0, 2.5, 2.5, 0), mode="reflect")
    np.testing.assert_allclose(found, expected, atol=5e-3)


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
    objective = tv.CoarseToFine(kl_share=0.3, tc_share=0.7, cs_share=0.2)
    start = terms_of(objective, 0.0)
    gain = MODEL.vae.likelihood.gain(blurred(BATCH.images, objective.blur))
    np.testing.assert_allclose(start.kl_weight, 0.3 * gain, rtol=1e-5)
    tc, cs = (penalty.weight for penalty in start.penalties)
    np.testing.assert_allclose([tc, cs], [0.7 * gain, 0], rtol=1e-5)
    end = terms_of(objective, 1.0)
    gain = MODEL.vae.likelihood.gain(BATCH.images)
    np.testing.assert_allclose(end.kl_weight, 1)
    tc, cs = (penalty.weight for penalty in end.penalties)
    np.testing.assert_allclose([tc, cs], [0.0007 * gain, 0.2 * 250], rtol=1e-5)


def test_cauchy_schwarz_rises_while_total_correlation_falls():
    objective = tv.CoarseToFine(tc_until=0.2, tc_end=0.6, cs_share=0.03)
    gain = jnp.asarray(400.0)
    times = [jnp.asarray(t) for t in (0.2, 0.4, 0.6, 1.0)]
    rising = [float(objective.cs_weight_at(t, gain)) for t in times]
    np.testing.assert_allclose(rising, [0, 6, 12, 12], rtol=1e-5)
    falling = [float(objective.tc_weight_at(t, gain)) for t in times]
    np.testing.assert_allclose(falling, [48, 48 / 1000**0.5, 0.048, 0.048], rtol=1e-4)
    little = jnp.asarray(10.0)  # counts as 250 nats
    np.testing.assert_allclose(objective.cs_weight_at(times[-1], little), 7.5)


def test_without_penalties_it_ends_as_the_elbo():
    objective = tv.CoarseToFine(tc_share=0.0, cs_share=0.0)
    end, plain = terms_of(objective, 1.0), terms_of(tv.ELBO(), 1.0)
    np.testing.assert_allclose(end.elbo, plain.elbo, rtol=1e-6)
    np.testing.assert_allclose(end.loss, plain.loss, rtol=1e-6)


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


@pytest.mark.parametrize("blur", [0.0, 0.001, 0.125])
def test_sharp_pictures_are_what_no_blur_makes_of_them(blur):
    targets, gain = targets_with_gain(
        MODEL.vae.likelihood, BATCH.images, jnp.array(blur)
    )
    expected = blurred(BATCH.images, blur)
    np.testing.assert_allclose(targets, expected, atol=1e-6)
    np.testing.assert_allclose(gain, MODEL.vae.likelihood.gain(expected), rtol=1e-4)


def test_pictures_are_not_blurred_where_the_decoder_moves_what_it_draws():
    vae = tv.Translated((8,)).build(
        WORLD.image_shape, head_for(tv.CoarseToFine(), 3), Bernoulli(), key=KEY
    )

    def elbo(model, blur, progress=0.0):
        blurring = tv.CoarseToFine(blur=blur)
        return loss(blurring, model, BATCH, progress, KEY)[1].elbo

    moving = eqx.tree_at(lambda model: model.vae, MODEL, vae)
    assert elbo(moving, 0.25) == elbo(moving, 0.0)
    assert elbo(MODEL, 0.25) != elbo(MODEL, 0.0)


def test_the_choice_is_made_of_sharp_pictures_while_the_weight_stands():
    objective = tv.CoarseToFine()
    first, last = objective.selection_window()
    assert objective.fine_at <= first < last <= objective.tc_until
    assert tv.CoarseToFine(fine_at=1.0).selection_window() == (0.95, 1.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blur": -0.1}, "finite blur of at least 0, got -0.1"),
        ({"blur": 1.5}, "a blur of at most 1, got 1.5. It is a share of the picture's"),
        ({"kl_share": float("inf")}, "finite kl_share of at least 0, got inf"),
        ({"cs_share": float("nan")}, "finite cs_share of at least 0, got nan"),
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
