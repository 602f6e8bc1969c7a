from dataclasses import replace

import numpy as np
import pytest
from constructed_codes import GRID, UNIFORM, represent

from tinyvae.answer import build_answer
from tinyvae.answer.match import Match, Shortfall
from tinyvae.answer.sentence import sentence, two_digits
from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.worlds import Circles

NAN = float("nan")
CLEAR = Match("hue", 2, "+", 0.996, 0.992, 0, 0.0, 0.01, "clear", "warmer")
LITTLE = {"share": 0.405, "readout": 0.285}


@pytest.mark.parametrize(
    ("direction", "seen", "words"),
    [
        ("+", "warmer", "z2 is hue (share 0.99, readout 0.99; larger z2, warmer)"),
        ("-", "colder", "z2 is hue (share 0.99, readout 0.99; larger z2, colder)"),
        ("+", "", "z2 is hue (share 0.99, readout 0.99; larger z2, larger hue)"),
        ("-", "", "z2 is hue (share 0.99, readout 0.99; larger z2, smaller hue)"),
        ("none", "", "z2 is hue (share 0.99, readout 0.99)"),
    ],
)
def test_a_clear_factor_says_which_way_it_runs(direction, seen, words):
    assert sentence(replace(CLEAR, direction=direction, seen=seen), 1.0) == words


def test_the_other_verdicts_say_what_is_wrong():
    folded = replace(CLEAR, factor="x", verdict="folded", direction="none")
    assert "z2 folds x" in sentence(folded, 0.0)
    short = (Shortfall("share", 0.9499, 0.95),)
    partial = replace(CLEAR, verdict="partial", share=0.9499, short=short)
    assert sentence(partial, 0.99) == (
        "z2 is partly hue: it reads it (readout 0.99), but its share is 0.94, under "
        "0.95"
    )
    lonely = replace(
        CLEAR, verdict="shared", why="taken", latent=None, share=NAN, readout=NAN
    )
    assert sentence(lonely, 0.95) == (
        "hue is shared: z0 reads it best (share 0.00, readout 0.01)"
    )
    assert sentence(replace(CLEAR, verdict="missing"), 0.1) == (
        "hue is missing: all latents together read it with 0.10"
    )
    assert sentence(replace(CLEAR, verdict="undefined"), NAN).endswith("undefined")


def test_every_threshold_that_fails_is_named_with_its_value():
    short = (
        Shortfall("share", 0.8, 0.95),
        Shortfall("readout", 0.7, 0.95),
        Shortfall("spearman", 0.85, 0.9),
        Shortfall("other_readout", 0.101, 0.1, 0, "size"),
    )
    match = replace(CLEAR, verdict="partial", short=short, other="size")
    assert sentence(match, 0.9) == (
        "z2 is partly hue: of all latents it reads hue best, but its share is 0.80, "
        "under 0.95, its readout is 0.70, under 0.95, its rank correlation is 0.85, "
        "under 0.90, and z0 reads hue too (0.101, over 0.10), though it reads size "
        "better"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"why": "latents", "runner_up_share": 0.8, "runner_up_readout": 0.75},
            "z2 holds it (share 0.99, readout 0.99), and so does z0 (share 0.80, "
            "readout 0.75)",
        ),
        (
            {"why": "factors", "held_too": "size", "held_too_share": 0.5},
            "z2 holds it (share 0.99, readout 0.99), but holds size too (share 0.50)",
        ),
        (
            {"why": "latents", "runner_up_share": 0.3, "runner_up_readout": 0.7},
            "z2 holds it (share 0.99, readout 0.99); z0 holds some of it too (share "
            "0.30, readout 0.70)",
        ),
        (
            LITTLE
            | {"why": "latents", "runner_up_share": 0.3, "runner_up_readout": 0.2},
            "z2 comes nearest (share 0.40, readout 0.28); z0 holds some of it too "
            "(share 0.30, readout 0.20)",
        ),
        (
            LITTLE | {"why": "factors", "held_too": "y", "held_too_share": 0.25},
            "z2 comes nearest (share 0.40, readout 0.28), but holds y too (share 0.25)",
        ),
        (
            {"why": "spread"},
            "all latents together read it with 0.97, z2 alone with 0.99",
        ),
        (
            {"group": (0, 3), "group_share": 0.5, "group_readout": 0.97},
            "(z0, z3) read it together with 0.97, z2 alone with 0.99",
        ),
    ],
)
def test_a_shared_factor_says_who_shares_it(changes, words):
    match = replace(CLEAR, verdict="shared", **changes)
    assert sentence(match, 0.97) == f"hue is shared: {words}"


def test_a_runner_up_that_reads_better_is_said():
    match = replace(CLEAR, verdict="folded", readout=0.2, runner_up_readout=0.8)
    assert sentence(match, 0.9).endswith("; z0 reads it better (0.80)")


def test_a_covariate_that_goes_with_the_match_is_said():
    match = replace(CLEAR, covariate="donor", covariate_part=0.61)
    assert "; 0.61 of what z2 reads of hue goes with donor" in sentence(match, 1.0)


def test_latents_have_their_own_names():
    words = sentence(CLEAR, 1.0, ("pc0", "pc1", "pc2"))
    assert words == "pc2 is hue (share 0.99, readout 0.99; larger pc2, warmer)"


def seen(codes, table):
    return [match.seen for match in build_answer(represent(codes, table)).matches]


def test_a_circle_is_seen_to_grow_and_to_move():
    table = Circles(16).table
    codes = (table.values - table.values.mean(axis=0)) * [1, -1, -1]
    expected = ["larger circle", "further left", "further up"]
    assert seen(codes, table) == expected
    assert seen(-codes, table) == ["smaller circle", "further right", "further down"]


def test_a_factor_without_words_grows_by_its_name():
    assert seen(UNIFORM * [1, -1, 1], GRID) == [
        "larger radius",
        "smaller x",
        "larger y",
    ]


def test_labels_and_angles_are_not_seen_to_grow():
    shape = Factor("shape", (0.0, 1.0, 2.0), kind="categorical", levels=("a", "b", "c"))
    angle = Factor("angle", tuple(np.arange(0.0, 360, 30)), kind="circular")
    table: FactorTable = full_grid((shape, angle, Factor("size", (1.0, 2.0, 3.0))))
    assert seen(table.values, table) == ["", "", "larger size"]


def test_scores_are_rounded_down():
    assert [two_digits(v) for v in (0.9499, 0.95, 1 - 1e-12, 0.0)] == [
        "0.94",
        "0.95",
        "1.00",
        "0.00",
    ]
