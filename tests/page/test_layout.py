"""No empty places, controls of one style, and the whole screen."""

import pytest
from blank_places import FILLED, blank


@pytest.mark.parametrize(
    "fragment", ["", "#g=1", "#g=2&a=0.1", "#m=1", "#w=1", "#w=1&g=1"]
)
def test_at_1440_pixels_no_place_is_empty(open_page, fragment):
    filled, ends = blank(open_page(fragment))
    assert filled > FILLED
    assert {name for name, below in ends if below > 40} == set()


def test_the_file_button_looks_and_acts_as_the_others(open_page):
    page = open_page()
    # A listener for the whole test: Chromium switches the interception of its dialogue
    # off and on with the last and the first one, and a key may come in between.
    page.on("filechooser", lambda _: None)
    looks = """(one) => [
        'borderTopWidth', 'borderRadius', 'backgroundColor', 'paddingLeft', 'minHeight',
        'cursor'].map((name) => getComputedStyle(one)[name])"""
    file = page.locator("label.file")
    wanted = page.locator("#random").evaluate(looks)
    assert file.evaluate(looks)[:-1] == wanted[:-1]
    assert page.locator("#file").evaluate(looks)[-1] == "pointer"
    with page.expect_file_chooser():
        file.click()
    page.locator("#input").focus()
    page.locator("#file").focus()
    assert page.evaluate("document.activeElement.id") == "file"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert file.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    with page.expect_file_chooser():
        page.keyboard.press("Enter")


def test_the_page_fills_the_screen_and_leaves_it(open_page):
    page = open_page()
    page.click("#full-screen")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.wait_for_function(
        "() => document.getElementById('full-screen').textContent.includes('Leave')"
    )
    assert page.is_hidden("#out-card")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.fullscreenElement === null")
    page.click("#full-screen")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.click("#full-screen")
    page.wait_for_function("() => document.fullscreenElement === null")
    page.wait_for_function(
        "() => document.getElementById('full-screen').textContent === 'Full screen'"
    )


def test_without_full_screen_there_is_no_button_for_it(context, file):
    page = context.new_page()
    page.add_init_script(
        "Object.defineProperty(document, 'fullscreenEnabled', { value: false })"
    )
    page.goto(file.as_uri())
    page.wait_for_function("() => window.tinyvae !== undefined")
    assert page.is_hidden("#full-screen")


def test_words_are_explained(open_page):
    page = open_page()
    page.click("#words summary")
    words = page.locator("#words dt").all_inner_texts()
    assert {"factor", "latent", "code", "share", "readout", "KL", "ELBO"} <= set(words)
