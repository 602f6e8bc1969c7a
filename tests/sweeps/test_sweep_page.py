"""The page of a sweep in a real browser: everything that a person can do on it."""

import re
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

import tinyvae as tv
from in_browser import hindrances, opening, overflow_of
from made_sweeps import (
    HOSTILE,
    NETWORK,
    TRAINING,
    made_sweep,
    one_run,
    planned_sweep,
    sweep_of_two_worlds,
)

WIDTHS = [360, 800, 1440]
QUALITIES = {
    tv.ELBO(): 0.1,
    tv.BetaVAE(2.0): 0.4,
    tv.BetaVAE(4.0): 0.6,
    tv.DIPVAEI(10.0, 100.0): 0.5,
    tv.CoarseToFine(): 1.0,
}


@pytest.fixture(scope="module")
def run() -> tv.Run:
    return one_run()


@pytest.fixture(scope="module")
def table(run, tmp_path_factory) -> tv.SweepTable:
    folder = tmp_path_factory.mktemp("swept") / "<b>sweep"
    folder.mkdir()
    table = made_sweep(folder, run, QUALITIES, 12, failures=True)
    table.report(folder / "report.html")
    return table


@pytest.fixture
def open_page(context, table):
    yield from opening(context, table.folder / "report.html")


def test_the_answer_stands_first(open_page, table):
    page = open_page()
    assert page.inner_text("#verdict").startswith("recipe: every factor has a latent")
    assert page.inner_text("#sweep").startswith("Sweep <b>sweep: 60 members of 5")
    rows = page.locator("#settings tbody tr")
    assert rows.count() == 5
    assert rows.first.locator("th").inner_text().startswith("recipe")
    assert "11 of 11" in rows.first.inner_text()
    page.locator("#failures summary").click()
    assert f"too bold: {HOSTILE}" in page.inner_text("#failures")
    assert page.evaluate("window.hurt") is None


def test_every_member_is_a_mark_in_every_panel(open_page):
    page = open_page()
    page.evaluate("document.getElementById('further').open = true")
    panels = page.locator(".panel")
    names = page.evaluate("window.tinyvae.sweep.data.measures.map(({ id }) => id)")
    # smallest share and readout, three scores, ELBO, loss, seconds, pictures a second
    assert panels.count() == len(names) == 9
    for place in range(panels.count()):
        panels.nth(place).scroll_into_view_if_needed()
        marks = panels.nth(place).locator("path[fill-opacity]")
        marks.first.wait_for(state="attached")
        drawn = marks.evaluate_all("all => all.map((one) => one.getAttribute('d'))")
        assert sum(path.count("M") for path in drawn) == 55


def test_pointing_at_a_mark_names_it_and_a_click_opens_it(open_page):
    page = open_page()
    plot = page.locator("#strips svg.plot").first
    plot.scroll_into_view_if_needed()
    plot.locator("path[fill-opacity]").first.wait_for(state="attached")
    x, y = plot.evaluate(
        """(svg) => {
            const path = svg.querySelector('path[fill-opacity]').getAttribute('d');
            const [, x, y] = path.match(/^M(\\S+) ([\\d.]+)/);
            const { left, top } = svg.getBoundingClientRect();
            return [left + Number(x), top + Number(y)];
        }"""
    )
    assert page.is_hidden("#card")
    page.mouse.move(x + 2, y + 1)
    assert "seed " in page.inner_text("#card-name")
    page.mouse.move(2, 2)
    assert page.is_hidden("#card")
    page.mouse.click(x, y)
    assert "tinyvae train --set" in page.inner_text("#card pre")
    assert page.inner_text("#card pre").rsplit(" ", 1)[1].isdecimal()
    chosen = page.evaluate("window.tinyvae.sweep.selected")
    page.mouse.move(2, 2)
    assert page.is_visible("#card")
    rings = page.locator("#strips .ring[visibility=visible]")
    assert rings.count() >= 1
    assert chosen is not None
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")
    assert page.evaluate("window.tinyvae.sweep.selected") is None


def test_keys_walk_over_the_marks_and_open_them(open_page):
    page = open_page()
    plot = page.locator("#strips svg.plot").first
    plot.scroll_into_view_if_needed()
    plot.locator("path[fill-opacity]").first.wait_for(state="attached")
    plot.focus()
    seen = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.inner_text("#card-name"))
        assert page.text_content("#status").startswith(page.inner_text("#card-name"))
    assert len({name.split(",")[0] for name in seen}) == 3
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "card"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # its button to close it
    assert page.is_hidden("#card")
    assert page.evaluate("document.activeElement.tagName") == "svg"


def test_the_scatter_shows_what_is_chosen(open_page):
    page = open_page()
    page.locator("#scatter").scroll_into_view_if_needed()
    marks = page.locator("#scatter path[fill-opacity]")
    marks.first.wait_for(state="attached")
    assert marks.count() == 5
    before = marks.first.get_attribute("d")
    page.select_option("#scatter-y", "mig_nearest")
    page.select_option("#scatter-x", "total_correlation")
    assert marks.first.get_attribute("d") != before
    assert page.inner_text("#scatter-words").startswith("55 members; rank correlation")
    page.locator("#scatter-key input").first.uncheck()
    assert marks.count() == 4


def test_the_table_is_sorted_filtered_and_turned(open_page):
    page = open_page()
    rows = page.locator("#members tbody tr")
    assert rows.count() == 50
    assert page.inner_text("#members-count") == "1 to 50 of 60 members"
    page.click("#later")
    assert rows.count() == 10
    page.fill("#find", "beta-vae 4")
    assert rows.count() == 12
    page.fill("#find", "ONERROR")
    assert rows.count() == 5
    page.fill("#find", "")
    page.select_option("#of-state", "failed")
    assert rows.count() == 5
    page.select_option("#of-state", "")
    head = page.locator("#members th", has_text="Smallest share")
    place = page.locator("#members th").all_inner_texts().index("Smallest share")
    for order in ("descending", "ascending"):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == order
        cells = [row.locator("td").nth(place).inner_text() for row in rows.all()]
        known = [float(cell) for cell in cells if cell != "–"]
        assert known == sorted(known, reverse=order == "descending")
        assert "–" not in cells[: len(known)]
    page.fill("#find", "nobody")
    assert page.inner_text("#members-count") == "No member fits."


def test_a_heat_map_has_every_number_and_what_it_rests_on(open_page):
    page = open_page()
    names = page.evaluate("window.tinyvae.sweep.data.correlations.names")
    cells = page.locator("#correlations td[title]")
    assert cells.count() == len(names) * (len(names) - 1)
    assert "over 55 members" in cells.first.get_attribute("title")
    hint = page.inner_text("#correlations-hint")
    assert "over the members that have both values, 55 of them" in hint
    assert "Sweep into another folder with --keep all" in page.inner_text(
        "#criteria-note"
    )


def test_numbers_have_one_minus_sign_and_a_leading_zero(open_page):
    page = open_page()
    text = page.inner_text("main")
    assert re.search("\u2212\\d", text)
    assert re.findall(r"(?<![\w)])-\d", text) == []
    assert re.findall("(?<![\\w.])\u2212?\\.\\d", text) == []


def test_columns_of_the_criteria_stand_apart(open_page):
    page = open_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    gaps = page.locator("#criteria tbody tr").evaluate_all(
        """rows => rows.map((row) => {
            const range = document.createRange();
            range.selectNodeContents(row.children[3]);
            const text = row.children[4].querySelector('text');
            const next = text ? text.getBoundingClientRect().left : Infinity;
            return next - range.getBoundingClientRect().right;
        })"""
    )
    assert len(gaps) == 3
    assert min(gaps) >= 24
    cut = page.locator("#criteria svg").evaluate_all(
        """all => all.map((svg) => svg.getBoundingClientRect().left
            - svg.querySelector('text').getBoundingClientRect().left)"""
    )
    assert max(cut) <= 0


@pytest.fixture
def open_worlds(context, run, tmp_path) -> Iterator:
    sweep_of_two_worlds(tmp_path, run).report(tmp_path / "report.html")
    yield from opening(context, tmp_path / "report.html")


def test_one_world_is_shown_at_a_time(open_worlds):
    page = open_worlds()
    assert page.locator("#world option").all_inner_texts() == [
        "circles, size 8", "circles, size 9",
    ]  # fmt: skip
    members = page.locator("#members-count")
    assert members.inner_text() == "1 to 14 of 14 members"
    assert "\u221247" in page.inner_text("#settings")
    page.locator("#strips svg.plot").first.scroll_into_view_if_needed()
    page.locator("#strips path[fill-opacity]").first.wait_for(state="attached")
    labels = page.locator("#strips svg.plot text.small").all_text_contents()
    assert any(label.startswith("1 of 7 undefined") for label in labels)
    page.select_option("#world", "1")
    assert page.evaluate("document.activeElement.id") == "world"
    assert page.input_value("#world") == "1"
    assert members.inner_text() == "1 to 14 of 14 members"
    assert "\u22122" in page.inner_text("#settings")
    assert "\u221247" not in page.inner_text("#settings")
    page.locator("#members tbody button").first.click()
    assert "size" in page.inner_text("#card pre")
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")
    assert page.evaluate("window.tinyvae.sweep.selected") is None
    assert hindrances(page) == []


def test_one_world_needs_no_choice(open_page):
    assert open_page().is_hidden("#worlds")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_width_and_everybody_can_use_it(open_page, scheme, width):
    page = open_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.getElementById('further').open = true")
    for panel in page.locator(".panel, #scatter").all():
        panel.scroll_into_view_if_needed()
    assert overflow_of(page) <= 0
    assert hindrances(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_two_texts_of_a_plot_lie_on_one_another(open_page, width):
    page = open_page()
    page.set_viewport_size({"width": width, "height": 800})
    for panel in page.locator(".panel, #scatter").all():
        panel.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll('svg.plot')].flatMap((svg) => {
            const texts = [...svg.querySelectorAll('text')].map((one) =>
                ({ text: one.textContent, box: one.getBoundingClientRect() }));
            const outer = svg.getBoundingClientRect();
            const shared = (a, b, low, high) =>
                Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
            const meet = (a, b) => shared(a, b, 'left', 'right') > 1
                && shared(a, b, 'top', 'bottom') > 4;
            const out = texts.filter(({ box }) =>
                box.left < outer.left - 2 || box.right > outer.right + 2);
            return [...out.map(({ text }) => text), ...texts.flatMap((one, k) =>
                texts.slice(k + 1).filter((other) => meet(one.box, other.box))
                    .map((other) => `${one.text} | ${other.text}`))];
        })"""
    )
    assert overlaps == []


def test_marks_tell_settings_apart(open_page):
    page = open_page()
    marks = page.locator("#settings .marked path").evaluate_all(
        "all => all.map((one) => one.getAttribute('fill') + one.getAttribute('d'))"
    )
    assert max(Counter(marks).values()) == 1


@pytest.fixture
def open_planned(context, tmp_path) -> Iterator:
    ledger, _ = planned_sweep(tmp_path, [tv.ELBO()], 2)
    ledger.close()
    tv.load_sweep(tmp_path).report(tmp_path / "report.html")
    yield from opening(context, tmp_path / "report.html")


def test_a_sweep_that_has_not_begun_opens(open_planned):
    page = open_planned()
    assert page.inner_text("#verdict") == "No member is done yet."
    assert page.locator("#members tbody tr").count() == 2
    assert "not done yet" in page.inner_text("#settings")
    assert hindrances(page) == []


@pytest.fixture
def open_unlabelled(context, tmp_path) -> Iterator:
    images = np.random.default_rng(0).integers(0, 255, (40, 8, 8), np.uint8)
    table = tv.sweep(
        out=tmp_path,
        objectives=[tv.ELBO()],
        seeds=range(2),
        worlds=[tv.Pictures(images)],
        networks=[NETWORK],
        trainings=[TRAINING],
        members=[1],
        keep="all",
        together=2,
    )
    table.report(tmp_path / "report.html")
    yield from opening(context, tmp_path / "report.html")


@pytest.mark.slow
def test_without_labels_it_shows_what_needs_none(open_unlabelled):
    page = open_unlabelled()
    assert page.inner_text("#verdict") == (
        "No label of these pictures is known, so no answer can be judged."
    )
    names = page.evaluate("window.tinyvae.sweep.data.measures.map(({ id }) => id)")
    assert {"elbo", "test_elbo", "loss", "seconds"} <= set(names)
    assert "smallest_share" not in names
    assert page.locator("#members tbody tr").count() == 2
    assert hindrances(page) == []


def test_rows_of_one_objective_have_their_swept_setting_in_the_head(
    context, run, tmp_path
):
    objectives = (tv.BetaTCVAE(4.0), tv.BetaTCVAE(10.0), tv.BetaVAE(16.0))
    table = made_sweep(tmp_path, run, dict.fromkeys(objectives, 0.5), 2)
    table.report(tmp_path / "report.html")
    opened = opening(context, tmp_path / "report.html")
    page = next(opened)()
    texts = page.locator("#settings tbody th").all_inner_texts()
    first = sorted(text.strip().splitlines()[0] for text in texts)
    assert first == ["beta-TCVAE, beta 10", "beta-TCVAE, beta 4", "beta-VAE 16"]
    assert list(opened) == []  # looks for errors of the page


@pytest.mark.slow
def test_a_thousand_members_stay_small_and_open_fast(context, run, tmp_path):
    objectives = {tv.BetaVAE(1.0 + k): k / 20 for k in range(20)}
    table = made_sweep(tmp_path, run, objectives, 50)
    text = table.report(tmp_path / "report.html")
    assert len(table) == 1000
    assert len(text.encode()) < 3e6
    opened = opening(context, tmp_path / "report.html")
    begin = time.monotonic()
    page = next(opened)()
    page.locator("#strips path[fill-opacity]").first.wait_for(state="attached")
    assert time.monotonic() - begin < 10
    assert page.locator("#members tbody tr").count() == 50
