"""The answer of the page, in words without numbers."""

import pytest

SAY = "(match) => window.tinyvae.plainSentences({ answer: { matches: [match] } })[0]"
X = {"factor": "x", "latent": 2, "group": [], "verdict": "partial", "short": []}


def short(*thresholds: str) -> dict:
    return X | {"short": [{"threshold": one} for one in thresholds]}


@pytest.mark.parametrize(
    ("match", "words"),
    [
        (
            short("share", "readout", "spearman", "other_readout"),
            "x is partly z2, but it also changes with other things and another latent "
            "tells of x too.",
        ),
        (
            short("share", "readout"),
            "x is partly z2, but it also changes with other things and it does not "
            "tell x exactly.",
        ),
        (
            short("spearman"),
            "x is partly z2, but it does not grow or fall steadily with x.",
        ),
        (
            X | {"verdict": "shared", "why": "factors", "held_too": "y"},
            "z2 comes nearest to x, but holds y too.",
        ),
        (
            X | {"verdict": "shared", "why": "latents"},
            "x is shared: no latent holds it alone.",
        ),
    ],
)
def test_a_factor_is_said_in_a_short_sentence(open_page, match, words):
    assert open_page().evaluate(SAY, match) == words
