import colorsys

import jax.numpy as jnp
import numpy as np

from tinyvae.worlds.hues import hue_of, red_green_blue

HUES = np.arange(0, 360, 0.5)


def test_colours_are_those_of_the_standard_library():
    expected = [colorsys.hsv_to_rgb(hue / 360, 1, 1) for hue in HUES]
    ours = red_green_blue(jnp.asarray(HUES, jnp.float32))
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_the_hue_of_a_colour_is_within_its_stated_error_and_exact_every_30_degrees():
    found = hue_of(np.asarray(red_green_blue(jnp.asarray(HUES, jnp.float32)), float))
    off = (found - HUES + 180) % 360 - 180
    assert np.abs(off).max() < 1.2
    np.testing.assert_allclose(off[::60], 0, atol=1e-4)


def test_grey_has_no_hue():
    assert np.isnan(hue_of(np.array([[0.5, 0.5, 0.5], [0.0, 0.0, 0.0]]))).all()
    assert np.isnan(hue_of(np.array([[0.5]]))).all()
