"""Networks that the page cannot run: walks that were decoded beforehand."""

import base64
import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from bars import bars

from tinyvae.page import page as page_of
from tinyvae.page.pictures import pictures_data, shrink


class Blurred(eqx.Module):
    """A blur before a network: no network that the page knows."""

    kernel: jax.Array
    network: Callable

    def __call__(self, image):
        blurred = jax.scipy.signal.convolve(image[..., 0], self.kernel, "same")
        return self.network(blurred[..., None])


@pytest.fixture(scope="module")
def page(runs, browser, tmp_path_factory):
    (name, run), other = runs
    network = Blurred(jnp.full((3, 3), 1 / 9), run.vae.encoder)
    vae = eqx.tree_at(lambda vae: vae.encoder, run.vae, network)
    path = tmp_path_factory.mktemp("walks") / "page.html"
    blurred = dataclasses.replace(run, vae=vae)
    path.write_text(page_of([("blurred", blurred), other]), encoding="utf-8")
    window, complaints = browser.new_page(), []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.goto(path.as_uri())
    window.wait_for_function("() => window.tinyvae !== undefined")
    yield window
    window.close()
    assert complaints == []


def test_the_page_says_why_it_cannot_play_and_shows_walks(page, runs):
    assert "cannot run the networks" in page.inner_text("[aria-labelledby=h-walks]")
    assert page.is_hidden("#input")
    assert page.is_hidden("#latents")
    assert page.inner_text("#verdict") == runs[0][1].answer.verdict
    assert page.locator("#walks figure").count() == 3


def test_a_walk_shows_what_the_decoder_makes(page, runs):
    run = runs[0][1]
    walk = page.evaluate("window.tinyvae.models[0].walks.latents[1].values")
    base = page.evaluate("window.tinyvae.models[0].base")
    slider = page.locator("#walks input").nth(1)
    slider.focus()
    page.keyboard.press("End")
    base[1] = walk[-1]
    expected = np.round(255 * run.decode(np.array([base]))[0, ..., 0])
    shown = page.evaluate(
        """() => {
            const canvas = document.querySelectorAll('#walks canvas')[1];
            const { data } = canvas.getContext('2d').getImageData(0, 0, 16, 16);
            return Array.from(data).filter((_, i) => i % 4 === 0);
        }"""
    )
    np.testing.assert_allclose(np.reshape(shown, (16, 16)), expected, atol=1)
    assert slider.get_attribute("aria-valuetext") == f"z1 {walk[-1]:.2f}"


def test_another_model_of_the_page_can_be_played_and_back(page):
    page.select_option("#model", "1")
    assert page.is_visible("#input")
    assert page.is_hidden("#walks")
    page.focus("#input")
    page.keyboard.press("ArrowLeft")
    page.select_option("#model", "0")
    assert page.is_hidden("#input")
    page.focus("#cloud")
    page.keyboard.press("Enter")
    page.click("#guess")
    page.click("#guess")
    assert "of 3 right" in page.inner_text("#guess-result")


def test_a_smaller_picture_is_the_mean_of_squares():
    image = np.arange(12.0).reshape(1, 3, 4, 1)
    found = shrink(image, 2)[0, ..., 0]
    np.testing.assert_allclose(found, [[2.5, 4.5], [8.5, 10.5]])


def test_pictures_travel_within_their_bytes_and_are_never_fewer_than_twelve():
    population = bars().population()
    rows = np.arange(100, dtype=np.int32)
    some = pictures_data(population, rows, 20 * 360, encoded=True)
    assert some["count"] == 20
    content = np.frombuffer(base64.b64decode(some["data"]), np.uint8)
    images = np.asarray(population.images(jnp.asarray(rows[:20])))
    np.testing.assert_allclose(
        content.reshape(20, 12, 10, 3) / 255, images, atol=0.5 / 255 + 1e-6
    )
    assert pictures_data(population, rows, 1, encoded=True)["count"] == 12
