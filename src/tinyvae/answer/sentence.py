"""The answer in sentences that a person can read."""

from __future__ import annotations

import math

from tinyvae.answer.verdict import Match


def sentence(match: Match, joint_readout: float) -> str:
    """One sentence on one factor; `joint_readout` is its R2 from all latents.

    >>> match = Match("size", 2, "+", 0.996, 0.992, 0, 0.0, 0.01, "clear", "wider")
    >>> sentence(match, 1.0)
    'z2 is size (share 0.99, readout 0.99; larger z2, wider)'
    """
    name = match.factor
    scores = f"share {two_digits(match.share)}, readout {two_digits(match.readout)}"
    together = f"all latents together read it with {two_digits(joint_readout)}"
    if math.isnan(joint_readout):
        together = "no latent is active"
    if match.verdict == "undefined":
        return f"{name} is undefined"
    if match.verdict == "missing":
        return f"{name} is missing: {together}"
    if match.verdict == "clear":
        return f"z{match.latent} is {name} ({scores}{_direction(match)})"
    if match.verdict == "folded":
        return (
            f"z{match.latent} folds {name}: it depends on nothing else, but does not "
            f"run along it ({scores})"
        )
    nearest = "" if match.latent is None else f"; nearest is z{match.latent} ({scores})"
    return f"{name} is mixed: {together}, none alone{nearest}"


def two_digits(value: float) -> str:
    """A score with two decimals, rounded down, so that it never claims more than is.

    >>> two_digits(0.9499), two_digits(1.0), two_digits(float("nan"))
    ('0.94', '1.00', '-')
    """
    if math.isnan(value):
        return "-"
    # what is 1 but for rounding errors is 1
    return f"{math.floor(value * 100 + 1e-6) / 100:.2f}"


def _direction(match: Match) -> str:
    """What is seen as the latent grows; nothing where the factor has no direction."""
    if match.direction == "none":
        return ""
    sort = "larger" if match.direction == "+" else "smaller"
    return f"; larger z{match.latent}, {match.seen or f'{sort} {match.factor}'}"
