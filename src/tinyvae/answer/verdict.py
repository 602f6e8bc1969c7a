"""Verdict: the policy that turns a measurement into words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tinyvae.answer.measurement import AxisScores
from tinyvae.factors import Factor

Verdict = Literal["clear", "folded", "mixed", "missing", "undefined"]
Direction = Literal["+", "-", "none"]

EACH = "yes, each"
NONE = "none of them"
UNDEFINED = "undefined"
NO_LABELS = "no labels"  # not one factor is known


@dataclass(frozen=True)
class Thresholds:
    """How much is enough, each from 0 to 1. docs/answer.md says what they tolerate.

    Args:
        share: least share of a latent that is its factor's.
        readout: least R2 with which the factor is read from its latent.
        spearman: least |Spearman| of a latent that counts as monotone.
        other_readout: largest R2 with which another active latent may read the factor.
        joint_readout: least R2 with which all latents together read the factor, for
            the factor to count as present.
    """

    share: float = 0.95
    readout: float = 0.95
    spearman: float = 0.9
    other_readout: float = 0.1
    joint_readout: float = 0.9

    def __post_init__(self):
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise ValueError(
                    f"expected a threshold {name} from 0 to 1, got {value}."
                )


@dataclass(frozen=True)
class Match:
    """One factor, its latent, and whether that latent is the factor.

    `direction`: "+" if the factor grows with the latent, "-" if it falls, "none" where
    it does neither. The runner-up is the other active latent that reads the factor
    best. Scores are NaN, and latents None, where there is none. `seen` is what a person
    sees as the latent grows ("larger circle"); "" where the factor has no direction.
    """

    factor: str
    latent: int | None
    direction: Direction
    share: float
    readout: float
    runner_up_latent: int | None
    runner_up_share: float
    runner_up_readout: float
    verdict: Verdict
    seen: str = ""


def judge(
    axes: AxisScores,
    thresholds: Thresholds | None = None,
    *,
    factors: tuple[Factor, ...] = (),
) -> tuple[Match, ...]:
    """Verdict on each factor; `factors` give the words for what is seen.

    clear: its latent holds the factor and nothing else, reads it, follows it
    monotonically, and no other active latent reads it. folded: its latent holds the
    factor alone but is not monotone, so that one value may stand for several (then the
    readout is low, and counts for nothing here). mixed: all latents together read it.
    missing: they do not. undefined: constant.
    """
    thresholds = thresholds or Thresholds()
    matches = (
        _judge_factor(axes, factor, thresholds) for factor in range(len(axes.factors))
    )
    words = {factor.name: factor for factor in factors}
    return tuple(
        replace(match, seen=_seen(match, words.get(match.factor))) for match in matches
    )


def overall_verdict(matches: tuple[Match, ...]) -> str:
    """Which factors have a latent of their own, in words.

    "yes, each", "none of them", or the clear ones: "radius only", "x and y only".
    Factors that are undefined do not count; "undefined" if all are.

    >>> overall_verdict(())
    'undefined'
    """
    judged = [match for match in matches if match.verdict != "undefined"]
    clear = [match.factor for match in judged if match.verdict == "clear"]
    if not judged:
        return UNDEFINED
    if len(clear) == len(judged):
        return EACH
    if not clear:
        return NONE
    *others, last = clear
    return f"{', '.join(others)} and {last} only" if others else f"{last} only"


def _seen(match: Match, factor: Factor | None) -> str:
    """What a person sees as the matched latent grows."""
    if match.direction == "+":
        return (factor.grows if factor else "") or f"larger {match.factor}"
    if match.direction == "-":
        return (factor.falls if factor else "") or f"smaller {match.factor}"
    return ""


def _judge_factor(axes: AxisScores, factor: int, thresholds: Thresholds) -> Match:
    latent = axes.matching[factor]
    runner_up = _runner_up(axes, factor)
    correlation = _score(axes.spearman, latent, factor)
    monotone = abs(correlation) >= thresholds.spearman
    if np.isnan(correlation):  # circles and labels have no direction to keep
        monotone = axes.undefined[factor] is None and latent is not None
    direction: Direction = "none"
    if monotone and not np.isnan(correlation):
        direction = "+" if correlation > 0 else "-"
    return Match(
        factor=axes.factors[factor],
        latent=latent,
        direction=direction,
        share=_score(axes.share, latent, factor),
        readout=_score(axes.readout, latent, factor),
        runner_up_latent=runner_up,
        runner_up_share=_score(axes.share, runner_up, factor),
        runner_up_readout=_score(axes.readout, runner_up, factor),
        verdict=_verdict(axes, factor, runner_up, monotone, thresholds),
    )


def _verdict(axes, factor, runner_up, monotone, thresholds) -> Verdict:
    if axes.undefined[factor] is not None:
        return "undefined"
    latent = axes.matching[factor]
    # a comparison with NaN is False, so what is undefined never counts in favour
    alone = _score(axes.share, latent, factor) >= thresholds.share and not (
        _score(axes.readout, runner_up, factor) > thresholds.other_readout
    )
    if alone and monotone:
        if _score(axes.readout, latent, factor) >= thresholds.readout:
            return "clear"
    elif alone:
        return "folded"
    if axes.joint_readout[factor] >= thresholds.joint_readout:
        return "mixed"
    return "missing"


def _runner_up(axes: AxisScores, factor: int) -> int | None:
    """The other active latent that reads the factor best; of equals, larger share."""
    others = [
        latent
        for latent in np.flatnonzero(axes.active)
        if latent != axes.matching[factor]
        and not np.isnan(axes.readout[latent, factor])
    ]
    if not others:
        return None
    return int(
        max(others, key=lambda j: (axes.readout[j, factor], axes.share[j, factor]))
    )


def _score(scores, latent, factor) -> float:
    return float("nan") if latent is None else float(scores[latent, factor])
