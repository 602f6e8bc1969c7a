"""The summary of a sweep as it is read: what a mean rests on, heads, width."""

import pytest

from tinyvae.files.result_tables import ResultTable, latex_text, markdown_text
from tinyvae.scores.tables import TO_REPORT
from tinyvae.sweeps.summary import over_seeds, spread_of
from tinyvae.sweeps.text_tables import split_by_width, without_empty

SCORES = ("share", "mig_nearest", "dci_disentanglement", "infoe")


def row(seed: int, beta: float, share: float | None) -> dict:
    return {
        "state": "done",
        "seed": seed,
        "objective": "beta-vae",
        "objective.beta": beta,
        "network.latents": 4,
        "factors": 3,
        "clear": 3 if share == 1.0 else 0,
        "elbo": -9.0 - seed,
        "loss": 20.0,
        "smallest_share": 0.0 if share is None else share,
        "training_seconds": 1.0,
        "measuring_seconds": 1.0,
        **dict.fromkeys(SCORES, share),
        "infoe": None,
    }


@pytest.fixture(scope="module")
def summary():
    shares = {2.0: [1.0, 0.9, 1.0, 0.8, 0.7], 16.0: [0.145, None, None, None, None]}
    rows = [
        row(seed, beta, share)
        for beta, found in shares.items()
        for seed, share in enumerate(found)
    ]
    return over_seeds(rows, SCORES, {"smallest_share": 0.85})


def test_a_mean_says_on_how_many_seeds_it_rests_where_some_have_none():
    assert spread_of([0.145, None, None, None, None]).text(3) == "0.145 (1 of 5)"
    assert spread_of([1.0, 3.0, None]).text(1) == "2.0 ± 1.4 (2 of 3)"
    assert spread_of([1.0, 3.0]).text(1) == "2.0 ± 1.4"
    assert spread_of([None, None]).text(1) == "-"


def test_every_form_of_the_summary_says_so(summary):
    (paper,) = summary.paper_tables()
    for text in (summary.text(), markdown_text(paper), latex_text(paper)):
        assert text.count("0.145 (1 of 5)") == 3
        assert "0.029 ± 0.065" in text or r"0.029 $\pm$ 0.065" in text


def test_the_smallest_share_stands_first_and_heads_are_titles(summary):
    (paper,) = summary.paper_tables()
    assert paper.columns == (
        "objective", "beta", "smallest share", "done", "failed", "clear",
        "share clear", "clear, 95 %", "on target", "on target, 95 %", "ELBO", "share",
        "MIG (nearest)", "DCI disentanglement", "InfoE", "seconds",
    )  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_the_text_fits_the_terminal_and_loses_nothing(summary, width):
    text = summary.text(width)
    assert max(map(len, text.splitlines())) <= width
    whole = summary.text().splitlines()[0]
    for head in (
        "smallest share",
        "on target, 95 %",
        "DCI D",
        "MIG (nearest)",
        "seconds",
    ):
        assert head in whole
        assert head in text
    blocks = text.split("\n\n")
    assert all(block.startswith("objective") for block in blocks)
    assert all(len(block.splitlines()) == 3 for block in blocks)


def test_a_score_has_the_same_head_in_every_form(summary):
    (paper,) = summary.paper_tables()
    for text in (summary.text(), markdown_text(paper), latex_text(paper)):
        assert text.count("MIG") == text.count("MIG (nearest)") == 1
    names = summary.data_table().columns
    assert [name for name in names if "mig" in name] == [
        "mig_nearest.mean", "mig_nearest.sd", "mig_nearest.seeds",
    ]  # fmt: skip


def test_a_column_that_no_setting_has_is_left_out_of_the_text_alone(summary):
    assert "InfoE" not in summary.text()
    assert "InfoE" in markdown_text(*summary.paper_tables())
    empty = ResultTable(("a", "b"), ((1, None), (2, None)))
    assert without_empty(empty).columns == ("a",)


def test_a_column_wider_than_the_terminal_stands_alone():
    table = ResultTable(("name", "x" * 30, "y"), (("a", 1, 2),))
    parts = split_by_width(table, 1, 20)
    assert [part.columns for part in parts] == [("name", "x" * 30), ("name", "y")]


def test_dci_disentanglement_says_what_it_does_not_see():
    assert "several latents hold one factor" in TO_REPORT["dci_disentanglement"]
    assert "DCI completeness" in TO_REPORT["dci_disentanglement"]
