"""The page in a real browser: everything that a person can do on it."""

import base64
import csv
import io

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib import colormaps
from PIL import Image

import tinyvae as tv
from tinyvae.page import page as page_of

WIDTHS = [360, 768, 1280, 1920]


def box_of(page, selector: str) -> dict[str, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box


def latents(page) -> list[float]:
    return page.evaluate("window.tinyvae.state.latent")


def factors(page) -> list[int]:
    return page.evaluate("window.tinyvae.state.factors")


def pixels(page, canvas: str) -> np.ndarray:
    url = page.evaluate(f"document.getElementById('{canvas}').toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(image.convert("L"))


def colours(page, canvas: str) -> np.ndarray:
    """The picture on a canvas, over black, (height, width, 3)."""
    url = page.evaluate(f"document.getElementById('{canvas}').toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    black.alpha_composite(image.convert("RGBA"))
    return np.asarray(black.convert("RGB")).astype(int)


def orange_pixels(page) -> int:
    away = np.abs(colours(page, "cloud") - [213, 94, 0]).max(axis=2)
    return int(np.count_nonzero(away < 8))


def test_it_opens_from_disk_and_says_the_answer(open_page, runs):
    page = open_page()
    assert page.inner_text("#verdict") == runs[0][1].answer.verdict
    assert page.locator("#sentences li").count() == 3
    assert page.locator("#matrix td button").count() == 9
    assert "Reconstruction error" in page.inner_text("#outside")


def test_names_that_come_from_a_run_are_text(open_page):
    page = open_page()
    names = page.locator("#model option").all_inner_texts()
    assert names[1].startswith("</script><img src=x onerror=")
    assert page.evaluate("window.hurt") is None


def test_a_latent_slider_draws_and_the_circle_follows(open_page):
    page = open_page()
    before = pixels(page, "decoded")
    slider = page.locator("#latent-0")
    slider.focus()
    for _ in range(8):
        page.keyboard.press("PageUp")
    assert latents(page)[0] > 0.5
    assert not np.array_equal(before, pixels(page, "decoded"))
    shown = [int(page.input_value(f"#factor-{place}")) for place in range(3)]
    assert shown == factors(page)


def test_a_typed_latent_is_taken_and_nonsense_is_not(open_page):
    page = open_page()
    box = page.locator("#latents input[type=number]").nth(1)
    box.fill("1.5")
    box.press("Enter")
    assert latents(page)[1] == 1.5
    box.fill("")
    box.press("Enter")
    assert latents(page)[1] == 1.5
    box.fill("1000")
    box.press("Enter")
    assert latents(page)[1] == float(page.get_attribute("#latent-1", "max"))
    assert float(box.input_value()) == latents(page)[1]


def test_the_buttons_stand_on_zero_on_the_code_and_anywhere(open_page):
    page = open_page()
    page.click("#zero")
    assert latents(page) == [0, 0, 0]
    page.click("#random")
    assert len(set(latents(page))) == 3
    page.click("#encode")
    mean = page.evaluate("window.tinyvae.state.posterior.mean")
    np.testing.assert_allclose(latents(page), mean)


def test_dragging_the_circle_moves_it_and_its_code(open_page):
    page = open_page()
    before = latents(page)
    box = box_of(page, "#input")
    pixel, (_, x, y) = box["width"] / 16, factors(page)
    # held at its right side, three pixels to the right and four up
    page.mouse.move(box["x"] + (x + 1.5) * pixel, box["y"] + (y + 0.5) * pixel)
    page.mouse.down()
    page.mouse.move(box["x"] + (x + 4.5) * pixel, box["y"] + (y - 3.5) * pixel)
    page.mouse.up()
    assert factors(page)[1:] == [x + 3, y - 4]
    assert latents(page) != before
    page.mouse.click(box["x"] + 5.5 * pixel, box["y"] + 10.5 * pixel)  # beside it
    assert factors(page)[1:] == [5, 10]


def test_arrow_keys_and_plus_move_the_circle(open_page):
    page = open_page()
    radius, x, y = factors(page)
    page.focus("#input")
    for key in ("ArrowLeft", "ArrowUp", "+"):
        page.keyboard.press(key)
    assert factors(page) == [min(radius + 1, 4), x - 1, y - 1]
    assert f"x {x - 1}, y {y - 1}" in page.get_attribute("#input", "aria-label")


def test_every_circle_is_that_of_cv2_circle(open_page, runs):
    page = open_page()
    table = runs[0][1].world.table.values.astype(int)
    found = page.evaluate(
        """(rows) => rows.map((row) => {
            window.tinyvae.state.setFactors(row);
            const { image } = window.tinyvae.state;
            return Array.from(image, (v) => (v ? '1' : '0')).join('');
        })""",
        table.tolist(),
    )
    for (radius, x, y), text in zip(table, found, strict=True):
        image = np.zeros((16, 16), np.uint8)
        cv2.circle(image, (int(x), int(y)), int(radius), (1,), thickness=-1)
        assert "".join(map(str, image.ravel())) == text


def test_a_cell_walks_its_latent_and_comes_back(open_page):
    page = open_page()
    before, circle = latents(page), factors(page)
    page.locator("#matrix tr").nth(2).locator("button").nth(0).click()
    page.wait_for_timeout(300)
    during = latents(page)
    assert during[1] != before[1]
    assert (during[0], during[2]) == (before[0], before[2])
    page.wait_for_function(
        "(z) => window.tinyvae.state.latent.every((v, k) => v === z[k])", arg=before
    )
    assert factors(page) == circle


def test_a_walk_ends_when_anything_else_is_moved(open_page):
    page = open_page()
    page.locator("#matrix tr").nth(2).locator("button").nth(0).click()
    page.wait_for_timeout(200)
    page.focus("#input")
    page.keyboard.press("ArrowLeft")
    moved = factors(page)
    page.wait_for_timeout(300)
    assert factors(page) == moved


def test_guessing_hides_every_name_until_it_is_revealed(open_page, runs):
    page = open_page()
    with_path = orange_pixels(page)
    page.click("#guess")
    page.wait_for_function("() => window.location.hash.includes('g=1')")
    hidden = page.inner_text("body")
    for sentence in runs[0][1].answer.sentences:
        assert sentence not in hidden
    for part in ("#verdict", "#matrix", "#plain", "#why", "#curve-card"):
        assert page.is_hidden(part)
    assert page.locator("#matrix *").count() == 0
    assert page.locator("#guesses select").count() == 3
    assert page.locator("#latents label").all_inner_texts() == ["z0", "z1", "z2"]
    assert orange_pixels(page) < 0.7 * with_path  # a dot, and no path
    page.click("#guess")
    assert page.inner_text("#guess-result").startswith("0 of 3 right")
    assert page.inner_text("#guess-result").count("You chose nothing.") == 3
    assert orange_pixels(page) == with_path
    assert page.locator("#matrix th[scope=col]").first.inner_text() == "radius"


def test_a_point_of_the_cloud_becomes_the_circle_and_the_cloud_turns(open_page):
    page = open_page()
    page.locator("#cloud").scroll_into_view_if_needed()
    before = pixels(page, "cloud")
    page.focus("#cloud")
    page.keyboard.press("ArrowRight")
    assert not np.array_equal(before, pixels(page, "cloud"))
    box = box_of(page, "#cloud")
    page.mouse.click(
        box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2 - 40
    )
    chosen = factors(page)
    page.mouse.click(
        box["x"] + box["width"] / 2 - 30, box["y"] + box["height"] / 2 + 30
    )
    assert factors(page) != chosen
    page.select_option("#colour", "2")
    page.select_option("#path", "1")
    assert page.evaluate("window.tinyvae.state.colour") == 2


def test_a_point_of_the_cloud_is_taken_with_keys(open_page):
    page = open_page()
    page.focus("#cloud")
    page.keyboard.press("Enter")  # the point in the middle
    chosen = factors(page)
    for _ in range(15):  # to a corner, from which another point is nearest
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    assert factors(page) != chosen


def test_the_brush_paints_and_erases_with_keys(open_page):
    page = open_page()
    page.check("input[value=paint]")
    assert "Space paints" in page.inner_text("#input-hint")
    page.focus("#input")
    assert page.is_visible("#brush")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    page.keyboard.press("Shift+ArrowRight")
    assert "x 2, y 0: white" in page.text_content("#status")
    assert pixels(page, "input")[:2, 1:4].min() == 255
    page.check("input[value=erase]")
    page.focus("#input")
    page.keyboard.press("Enter")
    assert pixels(page, "input")[0, :5].tolist() == [0, 255, 0, 0, 0]


def test_ones_own_picture_moves_as_it_is_until_a_circle_is_asked_for(open_page):
    page = open_page()
    page.check("input[value=paint]")
    box = box_of(page, "#input")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    before = pixels(page, "input")
    page.check("input[value=move]")
    page.focus("#input")
    page.keyboard.press("ArrowRight")
    np.testing.assert_array_equal(pixels(page, "input")[:, 1:], before[:, :-1])
    page.click("#circle-again")
    assert page.evaluate("window.tinyvae.state.own") is False
    assert page.is_hidden("#circle-again")


def test_a_black_picture_has_no_circle_and_the_page_says_so(open_page):
    page = open_page()
    size = page.evaluate("window.tinyvae.state.model.shape[0]")
    page.evaluate(f"window.tinyvae.state.setImage(new Float32Array({size * size}))")
    assert "no circle in your picture" in page.inner_text("#factors")
    assert page.get_attribute("#input", "aria-label") == "your own picture, black"


def test_a_grey_picture_comes_back_from_its_link(open_page, tmp_path):
    page = open_page()
    grey = np.random.default_rng(0).integers(0, 256, (16, 16), np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    page.set_input_files("#file", tmp_path / "grey.png")
    page.wait_for_function("() => window.location.hash.includes('p=')")
    np.testing.assert_array_equal(pixels(page, "input"), grey)
    other = open_page("#" + page.url.split("#")[1])
    np.testing.assert_array_equal(pixels(other, "input"), grey)


def test_each_slider_says_its_code_and_how_sure_it_is(open_page):
    page = open_page()
    mean, deviation = page.evaluate(
        "[window.tinyvae.state.posterior.mean[1], "
        "window.tinyvae.state.posterior.deviation[1]]"
    )
    assert page.inner_text("#latent-1-note") == f"code {mean:.2f} ± {2 * deviation:.2f}"
    assert page.get_attribute("#latent-1", "aria-describedby") == "latent-1-note"


def test_the_curves_of_all_models_are_named(open_page, runs):
    page = open_page()
    names = page.locator("#curve-names li").all_inner_texts()
    for text, (name, run) in zip(names, runs, strict=True):
        assert text.startswith(
            f"{name}: at the end, over the pictures of the answer, ELBO"
        )
        assert f"posterior {run.answer.fit.total_correlation:.2f} nats" in text
    assert page.get_attribute("#curves", "aria-label").count("ELBO") == len(runs)


def test_a_link_keeps_the_turn_of_the_cloud(open_page):
    page = open_page()
    page.focus("#cloud")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.location.hash.includes('r=')")
    other = open_page("#" + page.url.split("#")[1])
    turn = other.evaluate("window.tinyvae.state.turn")
    np.testing.assert_allclose(turn, [0.7, 0.35])


def test_a_walk_goes_on_while_the_cloud_is_turned(open_page):
    page = open_page()
    page.locator("#matrix tr").nth(2).locator("button").nth(0).click()
    page.focus("#cloud")
    page.keyboard.press("ArrowRight")
    during = latents(page)
    page.wait_for_timeout(200)
    assert latents(page) != during


def test_pictures_stay_in_sight_on_a_phone_while_latents_move(open_page):
    page = open_page()
    page.set_viewport_size({"width": 360, "height": 640})
    page.locator("#latent-2").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('latent-2').scrollIntoView(false)")
    top = box_of(page, "#decoded")["y"]
    assert 0 <= top < box_of(page, "#latent-2")["y"] < 640


def test_painted_pixels_are_encoded_and_lie_outside_the_data(open_page):
    page = open_page()
    page.check("input[value=paint]")
    box = box_of(page, "#input")
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 5, steps=3)
    page.mouse.up()
    assert page.evaluate("window.tinyvae.state.source") == "own"
    assert (pixels(page, "input")[0] == 255).all()
    assert "outside the data" in page.inner_text("#outside")
    page.check("input[value=erase]")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    assert pixels(page, "input")[0, 0] == 0


def test_a_picture_of_ones_own_stays_while_latents_move(open_page):
    page = open_page()
    page.check("input[value=paint]")
    box = box_of(page, "#input")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    before = pixels(page, "input")
    page.click("#zero")
    np.testing.assert_array_equal(pixels(page, "input"), before)
    page.click("#encode")
    assert latents(page) == page.evaluate("window.tinyvae.state.posterior.mean")
    page.select_option("#model", "1")
    np.testing.assert_array_equal(pixels(page, "input"), before)
    page.wait_for_function("() => window.location.hash.includes('p=')")
    other = open_page("#" + page.url.split("#")[1])
    np.testing.assert_array_equal(pixels(other, "input"), before)


def test_guessing_goes_on_with_another_model(open_page):
    page = open_page()
    page.click("#guess")
    page.select_option("#model", "1")
    assert page.locator("#guesses select").count() == 4
    page.click("#guess")
    assert "of 4 right" in page.inner_text("#guess-result")


def test_a_picture_file_is_read_and_what_is_none_is_refused(open_page, tmp_path):
    page = open_page()
    image = np.zeros((64, 64), np.uint8)
    cv2.circle(image, (40, 24), 12, (255,), thickness=-1)
    Image.fromarray(image).save(tmp_path / "mine.png")
    page.set_input_files("#file", tmp_path / "mine.png")
    page.wait_for_function("() => window.tinyvae.state.source === 'own'")
    radius, x, y = factors(page)
    assert (radius, x, y) == (3, 10, 6)
    (tmp_path / "no.png").write_text("no picture")
    page.set_input_files("#file", tmp_path / "no.png")
    page.wait_for_function(
        "() => document.getElementById('outside').textContent.includes('no picture')"
    )


def test_another_model_keeps_the_picture(open_page, runs):
    page = open_page()
    page.focus("#input")
    page.keyboard.press("ArrowLeft")
    before = factors(page)
    page.select_option("#model", "1")
    assert factors(page) == before
    assert page.locator("#latents .slider").count() == 4
    active = runs[1][1].answer.measurement.axes.active
    dead = page.locator("#latents .slider.dead").count()
    assert dead == np.count_nonzero(~active)
    assert "BetaVAE(beta=30.0)" in page.inner_text("#python")


def test_a_link_restores_the_state(open_page, context):
    page = open_page()
    page.select_option("#model", "1")
    page.locator("#latents input[type=number]").nth(0).fill("0.75")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.location.hash.includes('z=0.75')")
    fragment = "#" + page.url.split("#")[1]
    other = open_page(fragment)
    assert other.input_value("#model") == "1"
    assert latents(other)[0] == 0.75


@pytest.mark.parametrize(
    "fragment", ["#m=9&f=a_b_c", "#z=1e999_0_0", "#z=99_0_0", "#p=%%%", "#<b>"]
)
def test_a_link_that_makes_no_sense_opens_the_page_all_the_same(open_page, fragment):
    page = open_page(fragment)
    assert page.input_value("#model") == "0"
    assert all(np.isfinite(latents(page)))


def test_what_is_saved_can_be_read(open_page, runs, tmp_path):
    page = open_page()

    def saved(button: str) -> bytes:
        with page.expect_download() as download:
            page.click(button)
        return download.value.path().read_bytes()

    sheet = np.asarray(Image.open(io.BytesIO(saved("#save-png"))).convert("L"))
    for place, canvas in enumerate(("input", "decoded")):
        shown = sheet[8:256:16, 264 * place + 8 : 264 * place + 256 : 16]
        np.testing.assert_allclose(shown.astype(int), pixels(page, canvas), atol=1)
    assert (sheet[257:] < 128).any()  # titles
    gif = Image.open(io.BytesIO(saved("#save-gif")))
    assert gif.info["duration"] == 80
    assert (getattr(gif, "n_frames", 1), gif.size) == (46, (192, 192))
    first = np.asarray(gif.convert("L"), float)
    gif.seek(23)
    assert np.abs(first - np.asarray(gif.convert("L"), float)).max() > 50
    rows = list(csv.DictReader(io.StringIO(saved("#save-csv").decode())))
    run = runs[0][1]
    codes = run.encode(np.asarray(run.world.draw(run.world.table.values)))
    found = [[float(row[f"z{j}"]) for j in range(3)] for row in rows]
    np.testing.assert_allclose(found, codes, atol=5e-3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_width_and_everybody_can_use_it(
    open_page, context, scheme, width
):
    page = open_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.select_option("#model", "1")  # which has dead latents
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


def test_every_point_of_the_cloud_has_the_colour_of_its_factor(open_page):
    page = open_page()
    page.select_option("#colour", "1")
    places, values = page.evaluate(
        """() => {
            const { cloud, models } = window.tinyvae;
            const { pointFactors } = models[0];
            return [cloud.places, cloud.places.map((p) => pointFactors[3 * p[3] + 1])];
        }"""
    )
    shown, places = colours(page, "cloud"), np.array(places)
    low, high = min(values), max(values)
    near = places[:, 2].argsort()[::-1][:40]  # drawn last
    right = 0
    for row in near:
        x, y = np.round(places[row, :2]).astype(int)
        part = 0.12 + 0.88 * (values[row] - low) / (high - low)
        wanted = 255 * np.array(colormaps["viridis"](part)[:3])
        right += np.abs(shown[y, x] - wanted).max() < 16
    assert right >= 30  # others lie below the path or a later point
    height = len(shown)
    assert shown[height - 16, 14].max() < 140  # the legend: from purple
    assert shown[height - 16, 148, 0] > 200  # to yellow


def test_the_path_is_where_the_codes_of_the_circles_are(open_page, runs):
    page = open_page()
    page.select_option("#path", "1")
    run, (radius, _, y) = runs[0][1], factors(page)
    shown = np.abs(colours(page, "cloud") - [213, 94, 0]).max(axis=2) < 60
    xs = run.world.table.factors[1].values
    codes = run.encode(
        np.asarray(run.world.draw(np.array([[radius, x, y] for x in xs])))
    )
    for code in codes:
        x, y, _ = page.evaluate("(z) => window.tinyvae.cloud.project(z)", code.tolist())
        column, row = round(x), round(y)
        assert shown[row - 3 : row + 4, column - 3 : column + 4].any()


def test_the_ellipse_is_two_deviations_of_the_posterior(open_page):
    page = open_page()
    outline, centre, spans = page.evaluate(
        """() => {
            const { cloud, state } = window.tinyvae;
            const { mean, deviation } = state.posterior;
            const at = (z) => cloud.project(z).slice(0, 2);
            const end = (k) => at(mean.with(k, mean[k] + 2 * deviation[k]));
            return [cloud.outline(), at(mean), [0, 1, 2].map(end)];
        }"""
    )
    reach = np.array(spans) - centre
    for angle in np.linspace(0, np.pi, 7):
        direction = np.array([np.cos(angle), np.sin(angle)])
        support = ((np.array(outline) - centre) @ direction).max()
        assert support == pytest.approx(np.linalg.norm(reach @ direction), rel=0.01)


def test_the_band_is_two_deviations_about_the_code(open_page):
    page = open_page()
    page.evaluate(
        """() => {
            const { state } = window.tinyvae;
            state.posterior = { mean: [0.5, 0, 0], deviation: [0.25, 1, 1] };
            state.changed();
        }"""
    )
    track = box_of(page, "#latents .track >> nth=0")
    band = box_of(page, "#latents .spread >> nth=0")
    reach = float(page.get_attribute("#latent-0", "max"))

    def at(value):
        return track["x"] + 8 + (track["width"] - 16) * (value + reach) / (2 * reach)

    assert band["x"] == pytest.approx(at(0.0), abs=1)
    assert band["x"] + band["width"] == pytest.approx(at(1.0), abs=1)


def test_the_difference_is_orange_where_decoded_is_lighter(open_page):
    page = open_page()
    lighter = np.asarray(
        page.evaluate(
            "Array.from(window.tinyvae.state.decoded, "
            "(v, i) => v - window.tinyvae.state.image[i])"
        )
    ).reshape(16, 16)
    red, blue = (colours(page, "difference")[..., channel] for channel in (0, 2))
    assert (red - blue)[lighter > 0.1].min() > 10
    assert (red - blue)[lighter < -0.1].max() < -10


def test_the_page_says_how_usual_a_picture_is(open_page, runs):
    page = open_page()
    run = runs[0][1]
    image = np.asarray(run.world.draw(np.array([factors(page)]))).astype(float)
    light = np.clip(run.decode(run.encode(image)), 1e-9, 1 - 1e-9)
    nats = -(image * np.log(light) + (1 - image) * np.log1p(-light)).sum()
    text = page.inner_text("#outside")
    assert float(text.split()[2]) == pytest.approx(nats, abs=0.1 + 0.01 * nats)
    errors = np.array(page.evaluate("window.tinyvae.models[0].errors"))
    below = max(0, np.count_nonzero(errors < nats) - 1)
    assert "within the data" in text
    assert abs(int(text.split("data: ")[1].split()[0]) - below) <= 2


def test_latents_far_from_every_code_are_outside(open_page):
    page = open_page()
    page.click("#zero")
    for place in range(3):
        box = page.locator("#latents input[type=number]").nth(place)
        box.fill(page.get_attribute(f"#latent-{place}", "max"))
        box.press("Enter")
    assert "outside the data's codes" in page.inner_text("#outside")


def test_the_matching_is_framed(open_page, runs):
    page = open_page()
    answer = runs[0][1].answer
    for factor, match in enumerate(answer.matches):
        for latent in range(3):
            cell = page.locator("#matrix tr").nth(latent + 1).locator("button")
            classes = cell.nth(factor).get_attribute("class") or ""
            assert ("matched" in classes) == (match.latent == latent)
            assert ("clear" in classes) == (
                match.latent == latent and match.verdict == "clear"
            )
    assert "the factor's own latent" in page.inner_text("#matrix-key")


def test_the_training_curves_follow_the_history(open_page, runs):
    page = open_page()
    shown = colours(page, "curves")[:210]  # the first panel, of the ELBO
    line = np.abs(shown - [0x00, 0x72, 0xB2]).max(axis=2) < 40
    columns = np.flatnonzero(line.any(axis=0))
    heights = [np.flatnonzero(line[:, column]).mean() for column in columns]
    elbo = [row.elbo for row in runs[0][1].history]
    assert elbo[-1] > elbo[0]
    assert heights[0] - heights[-1] > 40  # rises, in a picture whose rows go down


def test_the_python_lines_make_the_decoded_picture(open_page, runs, monkeypatch):
    page = open_page()
    page.click("#random")
    run = runs[0][1]
    monkeypatch.setattr(tv, "train", lambda *settings, **more: run)
    *lines, last = page.inner_text("#python").strip().split("\n")
    names: dict[str, object] = {}
    exec("\n".join(lines), names)
    (image,) = eval(last, names)
    np.testing.assert_allclose(255 * image[..., 0], pixels(page, "decoded"), atol=2)


def test_every_control_is_reached_by_keys_and_shows_it(open_page):
    page = open_page()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(
            """() => {
                const { activeElement: one } = document;
                if (one === document.body) return ['', '', ''];
                const { outlineStyle, outlineWidth } = getComputedStyle(one);
                const name = one.id || one.ariaLabel || one.name || one.textContent;
                return [name, outlineStyle, outlineWidth];
            }"""
        )
        if not name:  # past the last
            break
        reached.add(name)
        assert style != "none", name
        assert float(width.removesuffix("px")) >= 2, name
    wanted = {"model", "input", "file", "factor-0", "latent-2", "random", "guess"}
    assert wanted | {"cloud", "colour", "save-gif", "copy-link", "python"} <= reached


def test_where_motion_is_unwelcome_a_walk_only_goes_to_its_end(browser, file):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("() => window.tinyvae !== undefined")
    page.locator("#matrix tr").nth(1).locator("button").nth(0).click()
    end = page.evaluate("window.tinyvae.models[0].ranges[0][1]")
    assert latents(page)[0] == end
    page.wait_for_timeout(200)
    assert latents(page)[0] == end
    context.close()


def test_dragging_turns_the_cloud_and_touch_moves_the_circle(browser, file):
    context = browser.new_context(
        has_touch=True, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("() => window.tinyvae !== undefined")
    page.locator("#input").scroll_into_view_if_needed()
    box = box_of(page, "#input")
    page.touchscreen.tap(
        box["x"] + box["width"] * 5.5 / 16, box["y"] + box["height"] * 9.5 / 16
    )
    assert factors(page)[1:] == [5, 9]
    page.locator("#cloud").scroll_into_view_if_needed()
    box = box_of(page, "#cloud")
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 50, middle[1])
    page.mouse.up()
    assert page.evaluate("window.tinyvae.state.turn[0]") == pytest.approx(1.1)
    # a finger whose gesture the browser takes over lets go of the cloud
    for kind in ("pointerdown", "pointercancel", "pointermove"):
        page.dispatch_event("#cloud", kind, {"clientX": 300, "clientY": 300})
    assert page.evaluate("window.tinyvae.state.turn[0]") == pytest.approx(1.1)
    assert (
        page.evaluate(
            "getComputedStyle(document.getElementById('decoded')).touchAction"
        )
        == "auto"
    )
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_lies_on_top_of_a_control(open_page, width):
    page = open_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    hidden = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, canvas')]
            .filter((one) => one.checkVisibility())
            .filter((one) => {
                const { x, y, width, height } = one.getBoundingClientRect();
                const [middle, across] = [x + width / 2, y + height / 2];
                if (across < 0 || across > innerHeight) return false;
                const top = document.elementFromPoint(middle, across);
                return !one.closest('.pair') && top !== one && !one.contains(top)
                    && !top?.closest('.track');
            }).map((one) => one.id || one.textContent)"""
    )
    assert hidden == []


def test_a_model_of_one_latent_opens_on_its_circle(open_odd_page):
    page = open_odd_page("#m=0&f=4_9_5")
    assert factors(page) == [4, 9, 5]
    assert page.evaluate("window.tinyvae.state.source") == "world"
    page = open_odd_page()
    assert page.evaluate("window.tinyvae.state.source") == "world"
    page.locator("#matrix button").first.click()
    page.wait_for_timeout(200)
    assert page.locator("#latents .slider").count() == 1


def test_a_picture_is_kept_for_models_of_its_size(open_odd_page, tmp_path):
    page = open_odd_page()
    page.check("input[value=paint]")
    box = box_of(page, "#input")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    before = pixels(page, "input")
    page.select_option("#model", "1")
    assert pixels(page, "input").shape == (24, 24)
    assert page.is_hidden("#own-again")
    page.select_option("#model", "0")
    page.click("#own-again")
    np.testing.assert_array_equal(pixels(page, "input"), before)
    page.click("#invert")
    np.testing.assert_array_equal(pixels(page, "input"), 255 - before)


def test_a_file_that_is_read_while_the_model_changes_fits_the_new_one(
    open_odd_page, tmp_path
):
    page = open_odd_page()
    Image.fromarray(np.full((3000, 3000), 255, np.uint8)).save(tmp_path / "big.png")
    # in the event that starts the reading, so that it is never over before
    page.evaluate(
        "document.getElementById('file').addEventListener('change', () => {"
        "document.getElementById('model').value = 1;"
        "document.getElementById('model').dispatchEvent(new Event('change'))})"
    )
    page.set_input_files("#file", tmp_path / "big.png")
    page.wait_for_function("() => window.tinyvae.state.own")
    assert page.evaluate("window.tinyvae.state.image.length") == 24 * 24


def test_the_same_file_can_be_taken_twice_and_its_thin_lines_stay(open_page, tmp_path):
    page = open_page()
    image = np.zeros((1000, 1000), np.uint8)
    cv2.circle(image, (500, 500), 300, (255,), thickness=6)
    Image.fromarray(image).save(tmp_path / "ring.png")
    page.set_input_files("#file", tmp_path / "ring.png")
    page.wait_for_function("() => window.tinyvae.state.own")
    light = page.evaluate("window.tinyvae.state.image.reduce((a, b) => a + b)")
    area = image.astype(float).mean() / 255 * 256
    assert light == pytest.approx(area, rel=0.15)
    page.click("#circle-again")
    page.set_input_files("#file", tmp_path / "ring.png")
    page.wait_for_function("() => window.tinyvae.state.own")


def test_a_walk_that_is_interrupted_by_another_comes_back_to_the_start(open_page):
    page = open_page("#f=3_5_11")
    before, circle = latents(page), factors(page)
    cells = page.locator("#matrix tr").nth(2).locator("button")
    cells.nth(0).click()
    page.wait_for_timeout(300)
    cells.nth(1).click()
    page.wait_for_function(
        "(z) => window.tinyvae.state.latent.every((v, k) => v === z[k])", arg=before
    )
    assert factors(page) == circle


def test_a_link_keeps_the_circle_where_the_decoded_picture_has_none(open_page):
    page = open_page("#f=3_5_11")
    page.evaluate(
        "window.tinyvae.state.found = false; window.tinyvae.state.source = 'latent';"
        "window.tinyvae.state.changed()"
    )
    page.wait_for_function("() => window.location.hash.includes('z=')")
    assert "f=3_5_11" in page.url


def test_a_dead_latent_is_greyed_and_says_its_kl(open_page, runs):
    page = open_page("#m=1")
    run = runs[1][1]
    dead = np.flatnonzero(~run.answer.measurement.axes.active)
    assert len(dead) > 0
    for latent in dead:
        slider = page.locator("#latents .slider").nth(int(latent))
        kl = run.answer.measurement.kl[latent]
        assert (
            f"dead: it carries almost nothing, KL {kl:.2f} nats" in slider.inner_text()
        )
        row = page.locator("#matrix tr").nth(int(latent) + 1)
        assert "dead" in row.get_attribute("class")


def test_a_notebook_shows_the_page(browser, runs):
    context = browser.new_context()
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_content(page_of(runs)._repr_html_())
    frame = page.frame_locator("iframe")
    frame.locator("#zero").click()
    assert frame.locator("#latents input[type=number]").nth(0).input_value() == "0"
    page.wait_for_timeout(600)
    assert complaints == []
    context.close()
