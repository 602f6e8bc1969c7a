from dataclasses import replace

import numpy as np
import pytest
from constructed_codes import GRID, UNIFORM, represent

from tinyvae.answer import build_answer
from tinyvae.answer.sentence import sentence, two_digits
from tinyvae.answer.verdict import Match
from tinyvae.factors import Factor, FactorTable, full_grid
from tinyvae.worlds import Circles

NAN = float("nan")
CLEAR = Match("hue", 2, "+", 0.996, 0.992, 0, 0.0, 0.01, "clear", "warmer")


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
    mixed = sentence(replace(CLEAR, verdict="mixed"), 0.95)
    assert mixed.startswith("hue is mixed: all latents together read it with 0.9")
    assert "nearest is z2" in mixed
    lonely = replace(CLEAR, verdict="mixed", latent=None, share=NAN, readout=NAN)
    assert "nearest" not in sentence(lonely, 0.95)
    assert sentence(replace(CLEAR, verdict="missing"), 0.1) == (
        "hue is missing: all latents together read it with 0.10"
    )
    assert sentence(replace(CLEAR, verdict="undefined"), NAN).endswith("undefined")


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
