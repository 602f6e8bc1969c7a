"""Networks that the page cannot run: walks that were decoded beforehand."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tinyvae.page import page as page_of


class Convolution(eqx.Module):
    """A convolution before a network: no longer fully connected."""

    kernel: jax.Array
    network: Callable

    def __call__(self, pixels):
        blurred = jax.scipy.signal.convolve(pixels.reshape(16, 16), self.kernel, "same")
        return self.network(blurred.ravel())


@pytest.fixture(scope="module")
def page(runs, browser, tmp_path_factory):
    (name, run), other = runs
    network = Convolution(jnp.full((3, 3), 1 / 9), run.vae.encoder.network)
    vae = eqx.tree_at(lambda vae: vae.encoder.network, run.vae, network)
    path = tmp_path_factory.mktemp("walks") / "page.html"
    convolved = dataclasses.replace(run, vae=vae)
    path.write_text(page_of([("convolved", convolved), other]), encoding="utf-8")
    window, complaints = browser.new_page(), []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.goto(path.as_uri())
    window.wait_for_function("() => window.tinyvae !== undefined")
    yield window
    window.close()
    assert complaints == []


def test_the_page_says_why_it_cannot_play_and_shows_walks(page, runs):
    assert "are not fully connected" in page.inner_text("[aria-labelledby=h-walks]")
    assert page.is_hidden("#input")
    assert page.is_hidden("#latents")
    assert page.inner_text("#verdict") == runs[0][1].answer.verdict
    assert page.locator("#walks figure").count() == 3


def test_a_walk_shows_what_the_decoder_makes(page, runs):
    run = runs[0][1]
    walk = page.evaluate("window.tinyvae.models[0].walks[1].values")
    base = page.evaluate("window.tinyvae.models[0].base")
    slider = page.locator("#walks input").nth(1)
    slider.focus()
    page.keyboard.press("End")
    base[1] = walk[-1]
    expected = np.round(255 * run.decode(np.array([base]))[0])
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
    page.click("text=2. Which latent")
    page.click("#guess")
    page.click("#guess")
    assert "of 3 right" in page.inner_text("#guess-result")
