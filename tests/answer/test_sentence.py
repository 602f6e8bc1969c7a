from dataclasses import replace

import pytest

from tinyvae.answer.sentence import sentence, two_digits
from tinyvae.answer.verdict import Match

NAN = float("nan")
CLEAR = Match("radius", 2, "+", 0.996, 0.992, 0, 0.0, 0.01, "clear")


@pytest.mark.parametrize(
    ("factor", "direction", "words"),
    [
        ("radius", "+", "z2 is the radius (share 0.99, readout 0.99; larger z2, "),
        ("radius", "+", "larger z2, larger circle)"),
        ("radius", "-", "larger z2, smaller circle)"),
        ("x", "+", "z2 is x (share 0.99, readout 0.99; larger z2, further right)"),
        ("x", "-", "larger z2, further left)"),
        ("y", "+", "larger z2, further down)"),
        ("y", "-", "larger z2, further up)"),
        ("hue", "+", "z2 is hue (share 0.99, readout 0.99; larger z2, larger hue)"),
        ("hue", "none", "z2 is hue (share 0.99, readout 0.99)"),
    ],
)
def test_a_clear_factor_says_which_way_it_runs(factor, direction, words):
    match = replace(CLEAR, factor=factor, direction=direction)
    assert words in sentence(match, 1.0)


def test_the_other_verdicts_say_what_is_wrong():
    folded = replace(CLEAR, factor="x", verdict="folded", direction="none")
    assert "z2 folds x" in sentence(folded, 0.0)
    mixed = sentence(replace(CLEAR, verdict="mixed"), 0.95)
    assert mixed.startswith(
        "the radius is mixed: all latents together read it with 0.9"
    )
    assert "nearest is z2" in mixed
    lonely = replace(CLEAR, verdict="mixed", latent=None, share=NAN, readout=NAN)
    assert "nearest" not in sentence(lonely, 0.95)
    assert sentence(replace(CLEAR, verdict="missing"), 0.1) == (
        "the radius is missing: all latents together read it with 0.10"
    )
    assert sentence(replace(CLEAR, verdict="undefined"), NAN).endswith("undefined")


def test_scores_are_rounded_down():
    assert [two_digits(v) for v in (0.9499, 0.95, 1 - 1e-12, 0.0)] == [
        "0.94",
        "0.95",
        "1.00",
        "0.00",
    ]
