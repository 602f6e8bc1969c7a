"""Lessons: a step at a time, in sight while their buttons act."""

import json

import pytest
from pages_of_runs import small_run, written

import tinyvae as tv
from in_browser import opening
from tinyvae.page.lesson_model import lacks_plain_vae, plain_vae
from tinyvae.page.model import model_data


def lesson(page, place: int) -> None:
    page.locator("#lessons button").nth(place).click()


def press(page, name: str) -> None:
    page.locator("#lesson").get_by_role("button", name=name, exact=True).click()


def test_lessons_do_what_they_say(open_page):
    page = open_page()
    assert page.locator("#lessons button").count() == 3
    assert page.is_hidden("#lesson")
    lesson(page, 0)
    before = page.evaluate("window.tinyvae.state.factors")
    press(page, "Move the circle across")
    page.wait_for_function(
        "(x) => window.tinyvae.state.factors[1] !== x", arg=before[1]
    )
    lesson(page, 1)
    assert "Step 1 of 3" in page.inner_text("#lesson h2")  # one lesson at a time
    press(page, "Take the recipe, hide the answer")
    assert page.is_hidden("#verdict")
    press(page, "Next")
    press(page, "Show me the menus")
    assert page.evaluate("document.activeElement.id") == "guess-0"
    page.click("#reveal")
    assert page.is_visible("#verdict")
    lesson(page, 2)
    assert "This page has no plain VAE. tinyvae train" in page.inner_text("#lesson")
    page.select_option("#model", "1")
    press(page, "Next")
    press(page, "Next")
    press(page, "Take the recipe, turn its cloud")
    assert page.input_value("#model") == "0"
    page.wait_for_function("() => window.tinyvae.state.turn[0] > 0.7")
    press(page, "Close the lesson")
    assert page.is_hidden("#lesson")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_a_lesson_stays_in_sight_with_what_its_buttons_act_on(open_page, size):
    page = open_page()
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    for at, act, shown in (
        ("#l=0_0", "Move the circle across", "input"),
        ("#l=0_2", "Walk z0 from end to end", "decoded"),
        ("#l=2_2", "Take the recipe, turn its cloud", "cloud"),
    ):
        page.evaluate("(at) => { window.location.hash = at; }", at)
        page.wait_for_function(
            "(at) => window.tinyvae.stage.display.lesson.join('_') === at", arg=at[3:]
        )
        press(page, act)
        bar, box = page.evaluate(
            """(id) => ['lesson', id].map((one) => {
                const box = document.getElementById(one).getBoundingClientRect();
                return [box.top, box.bottom];
            })""",
            shown,
        )
        assert bar[1] == pytest.approx(height, abs=1)
        assert bar[0] > height / 2
        seen = min(box[1], bar[0]) - max(box[0], 0)
        assert seen >= min(box[1] - box[0], bar[0] / 2) - 1  # all of it, or much


def test_the_text_of_a_step_is_read_next_and_closing_goes_back(open_page):
    page = open_page()
    lesson(page, 0)
    assert page.evaluate("document.activeElement.id") == "h-lesson"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # its button keeps the focus
    assert page.evaluate("document.activeElement.className") == "first"
    press(page, "Close the lesson")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "1. What is a latent?"
    assert page.locator("#lessons [aria-expanded=true]").count() == 0


@pytest.fixture(scope="module")
def circles_run():
    return small_run(tv.CoarseToFine(), 10_004, 3, size=32, steps=30)


def test_the_page_of_one_run_on_circles_has_the_plain_vae_that_lesson_3_needs(
    circles_run, context, tmp_path_factory
):
    file = written([("recipe", circles_run)], tmp_path_factory)
    for page in opening(context, file):
        page = page()
        names = page.locator("#model option").all_inner_texts()
        assert names == ["recipe", "a small plain VAE"]
        lesson(page, 2)
        press(page, "Take the plain VAE, walk z0")
        assert page.input_value("#model") == "1"
        press(page, "Next")
        press(page, "Turn its cloud")
        press(page, "Next")
        press(page, "Take the recipe, turn its cloud")
        assert page.input_value("#model") == "0"
        press(page, "Next")
        press(page, "Put the recipe beside the plain VAE")
        assert page.input_value("#beside") == "0"


def test_the_stored_plain_vae_is_what_the_page_is_told_of_a_run(circles_run):
    stored, now = plain_vae(), model_data(circles_run, "recipe")
    now = json.loads(json.dumps(now))
    assert stored.keys() == now.keys()
    assert stored["world"] == now["world"]
    assert stored["objective"]["kind"] == "vae"
    assert stored["answer"].keys() == now["answer"].keys()
    assert stored["answer"]["verdict"] == "none of them"


def test_only_a_page_that_lacks_a_plain_vae_of_its_circles_gets_it(circles_run):
    assert lacks_plain_vae([circles_run])
    assert not lacks_plain_vae([circles_run, circles_run])
    assert not lacks_plain_vae([small_run(tv.ELBO(), 10_005, 3, size=32, steps=2)])
    assert not lacks_plain_vae([small_run(tv.CoarseToFine(), 10_005, 3, steps=2)])
