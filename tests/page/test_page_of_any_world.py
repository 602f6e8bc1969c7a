"""The page of worlds that it cannot draw, of any network, likelihood and objective."""

import csv
import io
import re

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bars import IMAGES, LABELS, ROWS, SHAPES, bars_run, with_likelihood
from blank_places import FILLED, blank
from pages_of_runs import written
from PIL import Image

import tinyvae as tv
from in_browser import opening
from tinyvae.models import ContinuousBernoulli, Gaussian
from tinyvae.page.html import joined_modules
from tinyvae.page.model import model_data
from tinyvae.page.names import names_of

CONNECTED, UNLABELLED, CONVOLUTIONAL, OTHER_LIKELIHOOD = range(4)


@pytest.fixture(scope="module")
def bars_runs() -> list[tv.Run]:
    small = tv.FullyConnected(hidden=(32,), latents=4)
    convolutions = tv.Convolutional(channels=(8, 12), hidden=24, latents=12)
    convolutional = bars_run(tv.FactorVAE(), convolutions, steps=6)
    return [
        bars_run(tv.DIPVAEI(), small, steps=40, likelihood="gaussian"),
        bars_run(tv.DIPVAEI(), small, steps=3, labelled=False),
        convolutional,
        with_likelihood(convolutional, other_likelihood(convolutional)),
    ]


def other_likelihood(run):
    """Gaussian for a continuous Bernoulli, and the reverse."""
    gaussian = run.config.likelihood == "gaussian"
    return ContinuousBernoulli() if gaussian else Gaussian()


@pytest.fixture(scope="module")
def bars_file(bars_runs, tmp_path_factory):
    names = ["connected", "unlabelled", "convolutional", "other likelihood"]
    return written(list(zip(names, bars_runs, strict=True)), tmp_path_factory)


@pytest.fixture
def open_bars(context, bars_file):
    yield from opening(context, bars_file)


def state(page, name: str):
    return page.evaluate(f"window.tinyvae.state.{name}")


def shown_image(page) -> np.ndarray:
    values = page.evaluate("Array.from(window.tinyvae.state.image)")
    return np.reshape(values, (12, 10, 3))


def rounded(vae):
    """The VAE with the weights that its page has."""
    return jax.tree.map(
        lambda w: w.astype(jnp.float16).astype(jnp.float32) if eqx.is_array(w) else w,
        vae,
    )


@pytest.mark.parametrize("place", [CONNECTED, CONVOLUTIONAL, OTHER_LIKELIHOOD])
def test_codes_and_decoded_pictures_are_those_of_jax(open_bars, bars_runs, place):
    run = bars_runs[place]
    vae = rounded(run.vae)
    latents = np.random.default_rng(0).normal(size=(50, run.vae.head.latents))
    images = np.random.default_rng(1).uniform(size=(50, 12, 10, 3)).astype(np.float32)
    pictures, codes, errors = open_bars().evaluate(
        """([place, latents, images]) => {
            const model = window.tinyvae.models[place];
            return [
                latents.map((z) => Array.from(model.picture(z))),
                images.map((x) => model.encode(Float32Array.from(x)).mean),
                images.map((x, i) => model.error(Float32Array.from(x), latents[i])),
            ];
        }""",
        [place, latents.tolist(), images.reshape(50, -1).tolist()],
    )
    decoded = jax.vmap(vae.picture)(jnp.asarray(latents, jnp.float32))
    np.testing.assert_allclose(pictures, decoded.reshape(50, -1), atol=1e-3)
    encoded = jax.vmap(vae.encode)(jnp.asarray(images)).code
    np.testing.assert_allclose(codes, encoded, atol=1e-3)
    nats = -jax.vmap(vae.log_likelihood)(images, jnp.asarray(latents, jnp.float32))
    np.testing.assert_allclose(errors, nats, rtol=1e-3)


def test_a_picture_is_chosen_with_the_pointer_and_with_keys(open_bars, bars_runs):
    page = open_bars()
    page.locator("#strip canvas").nth(7).click()
    assert state(page, "point") == 7
    page.focus("#strip")
    page.keyboard.press("ArrowRight")
    assert state(page, "point") == 8
    columns = page.evaluate(
        "getComputedStyle(document.getElementById('strip'))"
        ".gridTemplateColumns.split(' ').length"
    )
    page.keyboard.press("ArrowDown")
    assert state(page, "point") == 8 + columns
    page.keyboard.press("End")
    assert state(page, "point") == 143
    assert page.locator("#strip [aria-selected=true]").count() == 1
    # the picture, its code and its labels are those of one row
    shape, hue, place = state(page, "factors")
    own = IMAGES[ROWS.index((SHAPES[int(shape)], hue, int(place)))] / 255
    np.testing.assert_allclose(shown_image(page), own, atol=1 / 255)
    code = bars_runs[CONNECTED].encode(own[None])[0]
    np.testing.assert_allclose(state(page, "latent"), code, atol=0.02)


def test_labels_lead_to_the_picture_that_has_them(open_bars):
    page = open_bars()
    page.evaluate("window.tinyvae.state.setFactors([0, 90, 3])")
    page.get_by_role("button", name="upright").click()
    assert state(page, "factors") == [2, 90, 3]
    pressed = page.locator("#factor-0 [aria-pressed=true]")
    assert pressed.all_inner_texts() == ["upright"]
    page.focus("#factor-1")
    page.keyboard.press("ArrowRight")
    assert state(page, "factors") == [2, 135, 3]
    assert page.get_attribute("#factor-1", "aria-valuetext") == "135"
    page.focus("#factor-2")
    page.keyboard.press("End")
    assert state(page, "factors") == [2, 135, 6]
    assert "shape upright, hue 135 and place 6" in page.inner_text("#input-words")


def test_the_nearest_picture_measures_circles_the_short_way_round(open_bars):
    page = open_bars()
    page.evaluate("window.tinyvae.state.setFactors([1, 350, 2])")
    assert state(page, "factors") == [1, 0, 2]


def test_the_picture_stays_while_latents_move(open_bars):
    page = open_bars()
    before = state(page, "point")
    page.focus("#latent-0")
    for _ in range(5):
        page.keyboard.press("PageUp")
    assert state(page, "point") == before
    assert state(page, "source") == "latent"
    assert "These latents lie" in page.inner_text("#outside")


def test_the_cloud_has_a_colour_for_each_level_and_for_each_angle(open_bars):
    page = open_bars()
    names = page.locator("#cloud-levels li").all_inner_texts()
    assert tuple(names) == SHAPES
    page.select_option("#colour", "1")
    assert page.is_hidden("#cloud-levels")
    page.focus("#cloud")
    page.keyboard.press("Enter")
    assert page.locator("#colour option").all_inner_texts() == list(LABELS)


def test_nothing_about_circles_is_shown_for_another_world(open_bars):
    page = open_bars()
    assert "circle" not in page.inner_text("body").lower()
    for hidden in ("#tools", "#path", "#lessons"):
        assert page.is_hidden(hidden)
    assert page.get_attribute("#input", "role") == "img"
    assert page.get_attribute("#input", "tabindex") is None


def test_a_run_without_labels_shows_latents_and_asks_for_no_factor(open_bars):
    page = open_bars(f"#m={UNLABELLED}")
    assert "No label of these pictures is known" in page.inner_text("body")
    for hidden in ("#guess", "#verdict", "#colour", "#matrix-key"):
        assert page.is_hidden(hidden)
    assert page.locator("#matrix button").all_inner_texts() == [
        f"Walk z{latent}" for latent in range(4)
    ]
    before = state(page, "latent")
    page.locator("#matrix button").nth(2).click()
    page.wait_for_function("(z) => window.tinyvae.state.latent[2] !== z", arg=before[2])
    page.locator("#strip canvas").nth(3).click()
    assert page.inner_text("#input-words") == "picture 4 of 144"
    with page.expect_download() as download:
        page.click("#save-csv")
    rows = list(csv.reader(io.StringIO(download.value.path().read_text())))
    assert rows[0] == ["z0", "z1", "z2", "z3"]
    assert len(rows) == 145


def test_of_many_latents_the_most_active_come_first(open_bars, bars_runs):
    page = open_bars(f"#m={CONVOLUTIONAL}")
    kl = bars_runs[CONVOLUTIONAL].answer.measurement.kl
    shown = page.locator("#latents label").evaluate_all(
        "all => all.map((l) => l.htmlFor)"
    )
    most = sorted(np.argsort(-kl)[:10])
    assert shown == [f"latent-{latent}" for latent in most]
    page.click("#all-latents")
    assert page.locator("#latents .slider").count() == 12
    assert page.locator("#matrix tr").count() == 13


def test_every_penalty_has_a_curve(open_bars, bars_runs):
    page = open_bars()
    curves = page.evaluate(
        "window.tinyvae.models.map((m) => m.history.curves.map((c) => c.name))"
    )
    assert curves[CONNECTED][2:] == [
        "covariance off the diagonal in a minibatch",
        "variance away from 1 in a minibatch",
    ]
    assert curves[CONVOLUTIONAL][2:] == ["total correlation in a minibatch"]
    values = page.evaluate("window.tinyvae.models[0].history.curves[2].values")
    history = bars_runs[CONNECTED].history
    expected = [row.penalty("covariance off the diagonal").value for row in history]
    np.testing.assert_allclose(values, expected, atol=1e-4)


def test_names_say_the_objective_and_its_settings(bars_runs):
    assert names_of([bars_runs[CONNECTED]]) == ["DIP-VAE I, seed 0"]
    assert names_of([bars_runs[CONVOLUTIONAL]]) == ["FactorVAE 30, seed 0"]


def test_python_lines_name_what_is_not_the_default(bars_runs):
    lines = model_data(bars_runs[CONVOLUTIONAL], "x")["python"]
    compile(lines, "page", "exec")  # it is Python
    assert "# Give the path of your own pictures" in lines
    assert "tv.Pictures(\n        images=" in lines
    assert "tv.FactorVAE()" in lines
    assert "network=tv.Convolutional(channels=(8, 12), hidden=24, latents=12)" in lines
    assert "likelihood" not in lines
    lines = model_data(bars_runs[CONNECTED], "x")["python"]
    assert "tv.run_experiment(tv.RunConfig(" in lines
    assert "likelihood='gaussian'" in lines


def test_a_link_keeps_the_picture_of_the_data(open_bars):
    page = open_bars()
    page.locator("#strip canvas").nth(11).click()
    page.wait_for_function("() => window.location.hash.includes('i=11')")
    other = open_bars("#" + page.url.split("#")[1])
    assert state(other, "point") == 11


def test_a_colour_file_is_read_and_its_walk_is_saved_in_colour(open_bars, tmp_path):
    page = open_bars()
    image = np.zeros((120, 100, 3), np.uint8)
    image[:, :50, 0] = 255
    Image.fromarray(image).save(tmp_path / "red.png")
    page.set_input_files("#file", tmp_path / "red.png")
    page.wait_for_function("() => window.tinyvae.state.own")
    found = shown_image(page)
    np.testing.assert_allclose(found[:, :4], [[[1, 0, 0]] * 4] * 12, atol=0.02)
    page.click("#circle-again")
    assert state(page, "own") is False
    with page.expect_download() as download:
        page.click("#save-gif")
    gif = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert gif.size == (160, 192)
    decoded = np.asarray(gif.convert("RGB"), float)[8::16, 8::16] / 255
    first = page.evaluate(
        """() => {
            const { state } = window.tinyvae;
            const z = state.latent.with(0, state.model.ranges[0][0]);
            return Array.from(state.model.picture(z));
        }"""
    )
    wanted = np.clip(np.reshape(first, (12, 10, 3)), 0, 1)
    assert np.abs(decoded - wanted).max() < 0.2  # 8, 8 and 4 levels


def test_own_pictures_are_guessed_by_their_labels(open_bars):
    page = open_bars("#g=1")
    assert "Which latent is shape, hue or place?" in page.inner_text("#question")
    assert page.locator("#guess-0 option").all_inner_texts() == [
        "choose", "no factor alone", "shape", "hue", "place",
    ]  # fmt: skip
    page.select_option("#guess-0", "2")
    page.click("#reveal")
    assert "You said hue" in page.inner_text("#guess-result")
    assert "of 4 right" in page.inner_text("#guess-result")


def test_two_models_of_own_pictures_stand_beside_one_another(open_bars):
    page = open_bars("#i=7")
    values = page.locator("#beside option").evaluate_all(
        "all => all.map((o) => o.value)"
    )
    assert values == [
        "",
        str(CONVOLUTIONAL),
        str(OTHER_LIKELIHOOD),
    ]  # those with labels
    page.select_option("#beside", str(CONVOLUTIONAL))
    page.locator("#strip canvas").nth(11).click()
    same = page.evaluate(
        """() => {
            const { state, other, models } = window.tinyvae;
            const mean = models[other.place].encode(state.image).mean;
            return mean.every((z, j) => z === other.posterior.mean[j]);
        }"""
    )
    assert same
    page.wait_for_function("() => window.location.hash.includes('i=11')")
    other = open_bars("#" + page.url.split("#")[1])
    assert state(other, "point") == 11
    assert other.evaluate("window.tinyvae.other.place") == CONVOLUTIONAL
    assert other.locator("#latents-beside .slider").count() == 10


@pytest.mark.parametrize("place", [CONNECTED, UNLABELLED, CONVOLUTIONAL])
def test_own_pictures_leave_no_place_empty(open_bars, place):
    filled, ends = blank(open_bars(f"#m={place}"))
    assert filled > FILLED
    assert {name for name, below in ends if below > 40} == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", [CONNECTED, UNLABELLED, CONVOLUTIONAL])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_use_it(open_bars, scheme, place, width):
    page = open_bars(f"#m={place}")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0
    found = Axe().run(page)
    serious = [
        (violation["id"], violation["nodes"][0]["html"])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_no_two_modules_of_the_script_use_one_name():
    declared = re.findall(
        r"^(?:async )?(?:const|let|class|function) +(?:\[?)(\w+)",
        joined_modules(),
        flags=re.MULTILINE,
    )
    twice = {name for name in declared if declared.count(name) > 1}
    assert twice == set()
