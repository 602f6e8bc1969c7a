"""Verdict: the policy that turns a measurement into words."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tinyvae.answer.axes import AxisScores
from tinyvae.answer.match import Match, Shortfall, Why
from tinyvae.answer.matches import is_taken, match_of, score_of
from tinyvae.answer.thresholds import Thresholds
from tinyvae.factors import Factor

EACH = "yes, each"
NONE = "none of them"
UNDEFINED = "undefined"
NO_LABELS = "no labels"  # not one factor is known


def judge(
    axes: AxisScores,
    thresholds: Thresholds | None = None,
    *,
    factors: tuple[Factor, ...] = (),
) -> tuple[Match, ...]:
    """Verdict on each factor; `factors` give the words for what is seen.

    clear: its latent holds the factor and nothing else, reads it, follows it
    monotonically, and no other active latent reads it; or two latents are the cosine
    and sine of a circular factor, hold nothing else, and no third one reads it.
    folded: its latent holds the factor alone but is not monotone, so that one value may
    stand for several (then the readout is low, and counts for nothing here). partial:
    its latent leads, and falls short of a threshold. shared: the factor is there, but
    no latent leads. missing: all latents together do not read it. undefined: constant.
    """
    thresholds = thresholds or Thresholds()
    words = {factor.name: factor for factor in factors}
    judged = []
    for factor in range(len(axes.factors)):
        match = match_of(axes, factor, thresholds)
        match = _judged(axes, factor, match, thresholds)
        seen = _seen(match, words.get(match.factor))
        judged.append(replace(match, seen=seen))
    return tuple(judged)


def overall_verdict(matches: tuple[Match, ...]) -> str:
    """Which factors have a latent of their own, in words.

    "yes, each", "none of them", or the clear ones: "radius only", "x and y only". A
    circular factor whose two latents are its cosine and sine counts, and is named:
    "yes, each (hue as a circle)". Undefined factors do not count, and are named beside
    "yes, each"; "undefined" if all are.

    >>> overall_verdict(())
    'undefined'
    """
    judged = [match for match in matches if match.verdict != "undefined"]
    clear = [match for match in judged if match.verdict == "clear"]
    circles = [match.factor for match in clear if match.circle]
    if not judged:
        return UNDEFINED
    if not clear:
        return NONE
    if len(clear) == len(judged):
        remarks = [f"{_listed(circles)} as a circle"] if circles else []
        if unknown := [m.factor for m in matches if m.verdict == "undefined"]:
            remarks.append(f"{_listed(unknown)} undefined")
        return f"{EACH} ({', '.join(remarks)})" if remarks else EACH
    return f"{_listed([m.factor + ' as a circle' * m.circle for m in clear])} only"


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _seen(match: Match, factor: Factor | None) -> str:
    """What a person sees as the matched latent grows."""
    if match.direction == "+":
        return (factor.grows if factor else "") or f"larger {match.factor}"
    if match.direction == "-":
        return (factor.falls if factor else "") or f"smaller {match.factor}"
    return ""


def _judged(
    axes: AxisScores, factor: int, match: Match, thresholds: Thresholds
) -> Match:
    if axes.undefined[factor] is not None:
        return replace(match, verdict="undefined")
    short = _shortfalls(axes, factor, match, thresholds)
    failed = {one.threshold for one in short}
    # without a latent, or with an undefined score, nothing is failed and nothing held
    known = match.latent is not None and not math.isnan(match.share + match.readout)
    if match.circle and not short:
        return replace(match, verdict="clear")
    if known and not match.group and not failed & {"share", "other_readout"}:
        if "spearman" in failed:
            return replace(match, verdict="folded")
        if "readout" not in failed:
            return replace(match, verdict="clear")
    joint = float(axes.joint_readout[factor])
    if not joint >= thresholds.joint_readout:
        return replace(match, verdict="missing")
    why = _why_shared(match, joint, thresholds)
    return replace(match, verdict="shared" if why else "partial", short=short, why=why)


def _shortfalls(
    axes: AxisScores, factor: int, match: Match, thresholds: Thresholds
) -> tuple[Shortfall, ...]:
    """The thresholds that the latent, or the group, fails."""
    share, readout = match.share, match.readout
    if match.group:
        share, readout = match.group_share, match.group_readout
    found = []
    if share < thresholds.share:
        found.append(Shortfall("share", share, thresholds.share))
    if readout < thresholds.readout:
        found.append(Shortfall("readout", readout, thresholds.readout))
    # circles and labels have no direction to keep
    monotone = abs(score_of(axes.spearman, match.latent, factor))
    if not match.group and monotone < thresholds.spearman:
        found.append(Shortfall("spearman", monotone, thresholds.spearman))
    rival = _rival(axes, factor, match.latents)
    if rival is not None and rival.value > thresholds.other_readout:
        found.append(replace(rival, needed=thresholds.other_readout))
    return tuple(found)


def _rival(axes: AxisScores, factor: int, own: tuple[int, ...]) -> Shortfall | None:
    """The other active latent that reads most of the factor by itself, and how much."""
    others = axes.active.copy()
    others[list(own)] = False
    own_reading = np.where(others, axes.read_by_itself[:, factor], np.nan)
    if np.isnan(own_reading).all():
        return None
    # of equals, the one with the larger share
    best = np.nanmax(own_reading)
    share = np.where(own_reading == best, np.nan_to_num(axes.share[:, factor]), -1.0)
    latent = int(np.argmax(share))
    read = np.nan_to_num(axes.readout[latent])
    other = int(np.argmax(read))
    better = axes.factors[other] if read[other] > read[factor] else ""
    return Shortfall("other_readout", float(best), 0.0, latent, better)


def _why_shared(match: Match, joint: float, thresholds: Thresholds) -> Why:
    """Why no latent leads; "" where one does: it holds most of the factor alone."""
    lead = thresholds.lead
    if match.group:
        return "latents"
    if is_taken(match, thresholds) or match.latent is None:
        return "taken"
    if match.readout < thresholds.joint_readout:  # too little to be called held
        return "spread"
    # of the latent, another factor has at most what this one leaves
    other = min(match.held_too_share, 1 - match.share) if match.held_too else 0.0
    if other > lead * match.share:
        return "factors"
    if match.runner_up_readout > lead * match.readout and not match.other:
        return "latents"
    return "" if match.readout >= lead * joint else "spread"
