"""Guess first: the answer is hidden until each guess is judged."""

import pytest
from blank_places import FILLED, blank
from playwright.sync_api import BrowserContext

from in_browser import hindrances, opening
from tinyvae.page import page as page_of


@pytest.fixture(scope="module")
def guess_file(runs, tmp_path_factory):
    path = tmp_path_factory.mktemp("guess") / "page.html"
    path.write_text(page_of(runs, guess=True), encoding="utf-8")
    return path


@pytest.fixture
def open_guess(context: BrowserContext, guess_file):
    yield from opening(context, guess_file)


JUDGE = """([match, guess]) => {
    const { models } = window.tinyvae;
    const { judge } = window.tinyvae;
    const [z0, z1] = [0, 1].map(() => ({ kl: 1, active: true }));
    const answer = {
        factors: ['radius', 'x'], latents: [z0, z1], matches: match ? [match] : [],
        share: [[0.3, 0.2], [0.1, 0.1]],
    };
    return judge({ answer }, 0, guess);
}"""


def match(verdict: str, **more) -> dict:
    return {"factor": "radius", "latent": 0, "group": [], "verdict": verdict, **more}


NONE, RADIUS, X = 0, 1, 2


@pytest.mark.parametrize(
    ("one", "guess", "outcome"),
    [
        (match("clear"), RADIUS, "right"),
        (match("clear"), X, "wrong"),
        (match("clear"), NONE, "wrong"),
        (match("clear", group=[0, 1]), RADIUS, "right"),
        (match("partial"), RADIUS, "near"),
        (match("partial"), NONE, "right"),
        (match("partial"), X, "wrong"),
        (match("folded"), RADIUS, "near"),
        (match("shared"), RADIUS, "wrong"),  # its share is below half
        (match("shared"), NONE, "right"),
        (match("clear", latent=1), RADIUS, "wrong"),
        (None, NONE, "right"),
        (None, None, "none"),
    ],
)
def test_a_guess_is_right_near_or_wrong(open_guess, one, guess, outcome):
    found = open_guess().evaluate(
        JUDGE.replace("guess)", "guess ?? undefined)"), [one, guess]
    )
    assert found == outcome


def test_a_page_made_for_guessing_opens_with_the_question(open_guess, runs):
    page = open_guess()
    assert "Which latent is radius, x or y?" in page.inner_text("#question")
    assert page.is_hidden("#verdict")
    shown = page.inner_text("main")
    answer = runs[0][1].answer
    for told in (answer.verdict, *answer.sentences, "share ", "readout", "ELBO"):
        assert told not in shown
    assert hindrances(page) == []
    page.select_option("#guess-0", "1")
    page.select_option("#guess-1", "0")
    page.click("#reveal")
    said = page.locator("#guess-result li").all_inner_texts()
    assert "You said radius: " in said[0]
    assert "You said no factor alone: " in said[1]
    assert said[2].endswith("You chose nothing.")
    assert page.inner_text("#verdict") == answer.verdict
    assert page.is_visible("#matrix")
    assert hindrances(page) == []
    # the marks are those of the law above
    marks = page.locator("#guess-result li").evaluate_all(
        "all => all.map((li) => li.className)"
    )
    judged = page.evaluate(
        "[1, 0, undefined].map((guess, latent) => "
        "window.tinyvae.judge(window.tinyvae.models[0], latent, guess))"
    )
    assert marks == judged
    assert page.inner_text("#guess-result .score").startswith(
        f"{marks.count('right')} of 3 right"
    )


def test_the_page_goes_to_guessing_and_back_by_itself(open_guess):
    page = open_guess("#g=0")
    assert page.is_visible("#verdict")
    page.click("#guess")
    assert page.is_hidden("#verdict")
    page.select_option("#guess-2", "3")
    page.click("#guess")
    assert "You said y" in page.inner_text("#guess-result")
    page.click("#guess")  # again, from nothing
    assert page.input_value("#guess-2") == ""


def test_a_walk_of_a_guess_moves_its_latent(open_guess):
    page = open_guess()
    before = page.evaluate("window.tinyvae.state.latent")
    page.get_by_role("button", name="Walk z1").click()
    page.wait_for_function("(z) => window.tinyvae.state.latent[1] !== z", arg=before[1])


def test_a_dead_latent_is_not_given_away(open_guess):
    page = open_guess("#m=1")
    assert "dead" not in page.inner_text("main")
    assert page.locator(".slider.dead").count() == 0


def place(page, *ids: str) -> list[tuple[float, float]]:
    """Top and bottom of parts, in pixels from the top of the page."""
    return [
        tuple(
            page.evaluate(
                "(id) => { const box = document.getElementById(id)"
                ".getBoundingClientRect(); return [box.top, box.bottom]; }",
                one,
            )
        )
        for one in ids
    ]


def test_the_guess_stands_together_and_its_button_is_in_sight(open_guess):
    page = open_guess()
    page.set_viewport_size({"width": 1440, "height": 900})
    first, second, reveal, cloud = place(page, "guess-0", "guess-1", "reveal", "cloud")
    assert second[0] - first[1] < 30
    assert reveal[1] < 900
    assert reveal[1] < cloud[0]
    filled, ends = blank(page)  # the cloud takes what is left
    assert filled > FILLED
    assert {name for name, below in ends if below > 40} == set()


def test_the_guesses_and_clouds_of_two_models_are_level(open_guess):
    page = open_guess("#w=1")
    page.set_viewport_size({"width": 1440, "height": 900})
    for name in ("guess-0", "guess-2", "cloud"):
        own, beside = place(page, name, f"{name}-beside")
        assert own == pytest.approx(beside, abs=1)
    page.click("#guess")
    own, beside = place(page, "cloud", "cloud-beside")
    assert own == pytest.approx(beside, abs=1)
