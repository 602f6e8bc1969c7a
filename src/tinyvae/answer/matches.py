"""Each factor with its latent or group, and what stands beside them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from tinyvae.answer.axes import AxisScores
from tinyvae.answer.groups import Group
from tinyvae.answer.match import Direction, Match
from tinyvae.answer.thresholds import Thresholds


def match_of(axes: AxisScores, factor: int, thresholds: Thresholds) -> Match:
    """The factor with its latent, before the verdict: "missing" until it is judged."""
    group = _group(axes, factor, thresholds)
    latent = axes.matching[factor]
    if group is not None and latent not in group.latents:
        latent = group.latents[0]
    runner_up = _runner_up(axes, factor, group.latents if group else (latent,))
    match = Match(
        factor=axes.factors[factor],
        latent=latent,
        direction="none" if group else _direction(axes, latent, factor, thresholds),
        share=score_of(axes.share, latent, factor),
        readout=score_of(axes.readout, latent, factor),
        runner_up_latent=runner_up,
        runner_up_share=score_of(axes.share, runner_up, factor),
        runner_up_readout=score_of(axes.readout, runner_up, factor),
        verdict="missing",
        other=_other(axes, factor, runner_up),
    )
    best = runner_up if is_taken(match, thresholds) else latent
    held_too, held_too_share = _held_too(axes, factor, best)
    match = replace(match, held_too=held_too, held_too_share=held_too_share)
    return _with_group(match, group) if group else _with_covariate(match, axes, factor)


def is_taken(match: Match, thresholds: Thresholds) -> bool:
    """Whether the latent that reads the factor best is matched with another one."""
    read = 0.0 if match.latent is None else match.readout
    return match.runner_up_readout * thresholds.lead > read


def _with_group(match: Match, group: Group) -> Match:
    return replace(
        match,
        group=group.latents,
        group_readout=group.readout,
        group_share=group.share,
        circle=group.circle,
    )


def _with_covariate(match: Match, axes: AxisScores, factor: int) -> Match:
    covariate = axes.covariates[factor] if axes.covariates else None
    if covariate is None:
        return match
    return replace(match, covariate=covariate.factor, covariate_part=covariate.part)


def _group(axes: AxisScores, factor: int, thresholds: Thresholds) -> Group | None:
    """The group that reads the factor well enough, where no latent leads alone."""
    group = axes.groups[factor] if axes.groups else None
    if group is None or not group.readout >= thresholds.readout:
        return None
    readout = axes.readout[axes.active, factor]
    best, second = np.sort(np.append(np.nan_to_num(readout), [0.0, 0.0]))[:-3:-1]
    leads = best >= thresholds.lead * group.readout and second <= thresholds.lead * best
    if best >= thresholds.readout or (leads and not group.circle):
        return None
    return group


def _direction(
    axes: AxisScores, latent: int | None, factor: int, thresholds: Thresholds
) -> Direction:
    correlation = score_of(axes.spearman, latent, factor)
    if not abs(correlation) >= thresholds.spearman:
        return "none"
    return "+" if correlation > 0 else "-"


def _runner_up(
    axes: AxisScores, factor: int, apart_from: tuple[int | None, ...]
) -> int | None:
    """The other active latent that reads the factor best; of equals, larger share."""
    others = [
        latent
        for latent in np.flatnonzero(axes.active)
        if latent not in apart_from and not np.isnan(axes.readout[latent, factor])
    ]
    if not others:
        return None
    return int(
        max(others, key=lambda j: (axes.readout[j, factor], axes.share[j, factor]))
    )


def _other(axes: AxisScores, factor: int, runner_up: int | None) -> str:
    """The factor that the runner-up reads best, where that is another one."""
    if runner_up is None:
        return ""
    read = np.nan_to_num(axes.readout[runner_up])
    best = int(np.argmax(read))
    return axes.factors[best] if read[best] > read[factor] else ""


def _held_too(axes: AxisScores, factor: int, latent: int | None) -> tuple[str, float]:
    """The other factor with the largest share of the latent, and that share."""
    if latent is None or len(axes.factors) < 2:
        return "", math.nan
    share = np.nan_to_num(axes.share[latent], nan=-1.0)
    share[factor] = -1.0
    other = int(np.argmax(share))
    if share[other] <= 0:
        return "", math.nan
    return axes.factors[other], float(share[other])


def score_of(
    scores: Float[np.ndarray, "latent factor"], latent: int | None, factor: int
) -> float:
    """The score of a pair; NaN without a latent."""
    return float("nan") if latent is None else float(scores[latent, factor])
