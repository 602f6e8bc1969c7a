"""No empty places, controls of one style, and the whole screen."""

import pytest

BLANK = """() => {
    const main = document.querySelector('main').getBoundingClientRect();
    const cards = [...document.querySelectorAll('main .card')].filter((one) => one.checkVisibility());
    const boxes = cards.map((card) => card.getBoundingClientRect());
    const area = boxes.reduce((sum, { width, height }) => sum + width * height, 0);
    const ends = cards.map((card) => {
        const parts = [...card.children].filter((one) => one.checkVisibility());
        const last = Math.max(...parts.map((one) => one.getBoundingClientRect().bottom));
        return [card.id || card.ariaLabelledByElements?.[0]?.id || card.className,
            card.getBoundingClientRect().bottom - last];
    });
    const inner = (main.width - 32) * (main.height - 24);
    return [area / inner, ends];
}"""
FILLED = 0.94  # of the grid is cards: the rest is the gaps between them


def blank(page) -> tuple[float, list]:
    page.set_viewport_size({"width": 1440, "height": 900})
    return page.evaluate(BLANK)


@pytest.mark.parametrize(
    "fragment", ["", "#g=1", "#g=2&a=0.1", "#m=1", "#w=1", "#w=1&g=1"]
)
def test_at_1440_pixels_no_place_is_empty(open_page, fragment):
    filled, ends = blank(open_page(fragment))
    assert filled > FILLED
    assert {name for name, below in ends if below > 40} == set()


def test_the_file_button_looks_and_acts_as_the_others(open_page):
    page = open_page()
    looks = """(one) => ['borderTopWidth', 'borderRadius', 'backgroundColor', 'paddingLeft',
        'minHeight', 'cursor'].map((name) => getComputedStyle(one)[name])"""
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
    page.wait_for_function(
        "() => document.fullscreenElement === document.documentElement"
    )
    page.wait_for_function(
        "() => document.getElementById('full-screen').textContent.includes('Leave')"
    )
    assert page.is_hidden("#out-card")
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
