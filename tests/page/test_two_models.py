"""Two models beside one another, with the same picture held."""

import numpy as np
import pytest

from in_browser import hindrances, overflow_of


def pair(page, name: str) -> list:
    return page.evaluate(f"[window.tinyvae.state.{name}, window.tinyvae.other.{name}]")


def pixels_of(page, canvas: str) -> str:
    return page.evaluate("(id) => document.getElementById(id).toDataURL()", canvas)


def test_both_show_the_same_picture_each_with_its_own_answer(open_page, runs):
    page = open_page("#f=3_5_11")
    assert page.is_hidden("#latent-card-beside")
    page.select_option("#beside", "1")
    for suffix, (name, run) in zip(("", "-beside"), runs, strict=True):
        assert name in page.text_content(f"#h-latent{suffix}")
        assert page.inner_text(f"#verdict{suffix}").endswith(run.answer.verdict)
        latents = len(run.answer.measurement.kl)
        assert page.locator(f"#latents{suffix} .slider").count() == latents
        assert page.locator(f"#matrix{suffix} tr").count() == latents + 1
        assert page.is_visible(f"#cloud{suffix}")
    page.focus("#input")
    page.keyboard.press("ArrowRight")
    assert pair(page, "factors") == [[3, 6, 11]] * 2
    image = runs[0][1].world.draw(np.array([[3, 6, 11]]))
    for mean, (_, run) in zip(pair(page, "posterior.mean"), runs, strict=True):
        np.testing.assert_allclose(mean, run.encode(np.asarray(image))[0], atol=0.02)


def test_no_verdict_of_the_other_stays_when_it_has_gone(open_page):
    page = open_page("#w=1")
    assert page.is_visible("#verdict-beside")
    page.select_option("#beside", "")
    assert page.is_visible("#verdict")
    assert page.is_hidden("#verdict-beside")


def test_latents_of_one_move_while_the_picture_and_the_other_stay(open_page):
    page = open_page("#w=1")
    picture = pixels_of(page, "input")
    decoded = [pixels_of(page, name) for name in ("decoded", "decoded-beside")]
    page.focus("#latent-0")
    for _ in range(5):
        page.keyboard.press("PageUp")
    assert pixels_of(page, "input") == picture
    assert pixels_of(page, "decoded") != decoded[0]
    assert pixels_of(page, "decoded-beside") == decoded[1]
    page.focus("#latent-1-beside")
    moved = page.evaluate("window.tinyvae.state.latent")
    page.keyboard.press("PageUp")
    assert page.evaluate("window.tinyvae.state.latent") == moved
    page.click("#encode-beside")
    assert pixels_of(page, "decoded-beside") == decoded[1]
    before = page.evaluate("window.tinyvae.other.latent")
    page.locator("#matrix-beside tr").nth(1).locator("button").first.click()
    page.wait_for_function("(z) => window.tinyvae.other.latent[0] !== z", arg=before[0])
    assert page.evaluate("window.tinyvae.state.latent") == moved


def test_both_clouds_turn_together(open_page):
    page = open_page("#w=1")
    before = pixels_of(page, "cloud")
    page.focus("#cloud-beside")
    page.keyboard.press("ArrowRight")
    assert pair(page, "turn")[0] == pair(page, "turn")[1] == pytest.approx([0.7, 0.35])
    assert pixels_of(page, "cloud") != before


def test_the_first_model_may_change_places_with_the_second(open_page):
    page = open_page("#w=1")
    page.select_option("#model", "1")
    assert pair(page, "place") == [1, 0]
    page.select_option("#beside", "")
    assert page.is_hidden("#latent-card-beside")
    page.focus("#latent-0")
    page.keyboard.press("PageUp")
    assert page.evaluate("window.tinyvae.state.held") is False


def test_both_are_guessed_and_judged(open_page):
    page = open_page("#w=1&g=1")
    assert page.locator("#guesses select").count() == 3
    assert page.locator("#guesses-beside select").count() == 4
    page.select_option("#guess-1-beside", "2")
    page.click("#reveal")
    assert "of 3 right" in page.inner_text("#guess-result")
    assert "You said x" in page.inner_text("#guess-result-beside")


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_they_are_side_by_side_or_on_narrow_screens_one_below_the_other(
    open_page, width
):
    page = open_page("#w=1")
    page.set_viewport_size({"width": width, "height": 900})
    for card in ("latent-card", "answer", "cloud-card"):
        one, two = page.evaluate(
            """(card) => ['', '-beside'].map((suffix) => {
                const part = document.getElementById(card + suffix);
                const box = part.getBoundingClientRect();
                return [box.left, box.top, box.bottom];
            })""",
            card,
        )
        if width == 390:
            assert two[1] >= one[2]
        else:
            assert two[0] > one[0]
            assert two[1] == pytest.approx(one[1], abs=1)
    assert overflow_of(page) <= 0
    assert hindrances(page) == []


def test_models_of_other_pictures_cannot_stand_beside(open_odd_page):
    page = open_odd_page("#w=1")
    assert page.is_hidden("#beside-choice")
    assert page.evaluate("window.tinyvae.stage.two") is False
