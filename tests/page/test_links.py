"""Links that hold all of what is on the page, and Back."""

import pytest

EVERYTHING = (
    "#m=1&c=2&t=1&w=0&r=0.90_0.10&g=2&a=0.1_2.0&b=1.3&f=3_6_11"
    "&z=0.500_0.000_0.100_0.000&y=-0.250_0.000_0.125&n=1&l=1_2&o=words_why"
)
LINK = """() => {
    const { state, other, stage } = window.tinyvae;
    const { display } = stage;
    return {
        models: [state.place, stage.two && other.place], factors: state.factors,
        latents: [state.latent, other.latent], turn: display.turn, mode: display.mode,
        guesses: [state.guesses, other.guesses], lesson: display.lesson,
        sections: display.sections, colour: [display.colour, display.path],
    };
}"""


def settled(page) -> str:
    """The fragment, once it says what is on the page."""
    page.wait_for_timeout(600)
    return "#" + page.url.split("#")[1]


def test_a_link_holds_everything(open_page):
    page = open_page(EVERYTHING)
    found = page.evaluate(LINK)
    assert found["models"] == [1, 0]
    assert found["factors"] == [3, 6, 11]
    assert found["latents"][0][:3] == [0.5, 0, 0.1]
    assert found["latents"][1] == [-0.25, 0, 0.125]
    assert found["turn"] == [0.9, 0.1]
    assert found["mode"] == "revealed"
    assert found["guesses"] == [{"0": 1, "2": 0}, {"1": 3}]
    assert found["lesson"] == [1, 2]
    assert found["sections"] == ["words", "why"]
    assert found["colour"] == [2, 1]
    assert page.get_attribute("#words", "open") is not None
    assert "Step 3 of 3" in page.inner_text("#lesson h2")
    again = open_page(settled(page))
    assert again.evaluate(LINK) == found


@pytest.mark.parametrize(
    "fragment",
    [
        "#w=0&y=1_2&a=x.y_9.1_0.9&b=&l=7_7&o=nothing_%3Cb%3E&n=2&g=9",
        "#w=1&w=2&l=1&a=__&g=-1",
        "#m=0&c=1&t=1&g=1&f=3_5_9&z=0.1_0.2_0.3",  # of an older page
    ],
)
def test_what_makes_no_sense_in_a_link_is_left_out(open_page, fragment):
    page = open_page(fragment)
    assert page.input_value("#model") == "0"
    assert page.is_hidden("#lesson")
    assert page.evaluate("window.tinyvae.state.guesses") == {}
    page.wait_for_timeout(500)
    assert page.evaluate("window.tinyvae.state.latent.every(Number.isFinite)")


def test_back_and_forward_go_through_what_was_chosen(open_page):
    page = open_page("#f=3_5_9")
    page.select_option("#model", "1")
    page.click("#guess")
    page.select_option("#guess-0", "2")
    page.click("#reveal")
    page.select_option("#beside", "0")
    page.locator("#lessons button").first.click()
    page.go_back()
    assert page.is_hidden("#lesson")
    assert page.evaluate("window.tinyvae.stage.two") is True
    page.go_back()
    assert page.evaluate("window.tinyvae.stage.two") is False
    assert "You said x" in page.inner_text("#guess-result")
    page.go_back()
    assert page.is_hidden("#verdict")
    assert page.input_value("#guess-0") == "2"
    page.go_back()
    assert page.is_visible("#verdict")
    page.go_back()
    assert page.input_value("#model") == "0"
    assert page.evaluate("window.tinyvae.state.factors") == [3, 5, 9]
    for _ in range(5):
        page.go_forward()
    assert page.is_visible("#lesson")
    assert page.evaluate("window.tinyvae.stage.two") is True


def test_a_link_is_copied_and_the_button_says_so(open_page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_page("#w=1&f=3_5_9")
    page.click("#copy-link")
    page.wait_for_function(
        "() => document.getElementById('copy-link').textContent !== 'Copy link'"
    )
    assert page.inner_text("#copy-link") in (
        "Link copied",
        "The link is in the address",
    )
    assert "w=1" in page.url
    assert page.inner_text("#link-note") == ""
    page.wait_for_function(
        "() => document.getElementById('copy-link').textContent === 'Copy link'"
    )


@pytest.mark.parametrize(("side", "said"), [(16, "holds your own"), (200, "too large")])
def test_the_page_says_whether_a_link_holds_a_picture_of_ones_own(
    open_page, side, said
):
    page = open_page()
    page.evaluate("window.tinyvae.state.setImage(new Float32Array(256).fill(0.5))")
    # of a model of larger pictures
    page.evaluate(
        "(side) => { window.tinyvae.state.image = new Float32Array(side ** 2); }", side
    )
    page.click("#copy-link")
    page.wait_for_function("() => document.getElementById('link-note').textContent")
    assert said in page.inner_text("#link-note")
    assert ("p=" in page.url) == (side == 16)
