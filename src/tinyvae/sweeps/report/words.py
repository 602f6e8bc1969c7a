"""The result of a sweep in a few sentences: the first thing that a reader sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tinyvae.sweeps.summary import Setting
from tinyvae.wording import counted

MOST_NAMES = 3  # in one sentence


@dataclass(frozen=True)
class Headline:
    """The answer of a sweep, whether it is a good one, and what limits it."""

    verdict: str
    tone: Literal["yes", "no", "open"]
    sentences: tuple[str, ...]


def headline(settings: Sequence[Setting], names: Sequence[str]) -> Headline:
    """Which setting gives each factor a latent of its own most often, and how often."""
    judged = [one for one in range(len(settings)) if settings[one].judged]
    limits = _limits(settings)
    if not judged:
        done = any(one.done for one in settings)
        verdict = (
            "No label of these pictures is known, so no answer can be judged."
            if done
            else "No member is done yet."
        )
        return Headline(verdict, "open", limits)
    ranked = ranking(settings)
    best = settings[ranked[0]]
    seeds = sum(settings[one].judged for one in judged)
    if best.clear == 0:
        verdict = (
            "No setting gave every factor a latent of its own, in any of "
            f"{counted(seeds, 'member')}."
        )
        return Headline(verdict, "no", limits)
    interval = best.clear_interval()
    assert interval is not None
    share = best.clear / best.judged
    verdict = (
        f"{names[ranked[0]]}: every factor has a latent of its own in {best.clear} of "
        f"{counted(best.judged, 'seed')} (95 % interval {100 * interval.low:.0f} to "
        f"{100 * interval.high:.0f} %)."
    )
    rest = _rest(settings, names, ranked)
    return Headline(verdict, "yes" if share >= 0.5 else "no", (*rest, *limits))


def ranking(settings: Sequence[Setting]) -> list[int]:
    """Places of the settings, the one that is clear most often first.

    At the same share the higher lower end of the interval leads, which is that of more
    seeds; settings without a verdict come last.
    """

    def rank(place: int) -> tuple[float, float]:
        interval = settings[place].clear_interval()
        share = settings[place].clear_share
        if share is None or interval is None:
            return (1.0, 0.0)
        return (-share, -interval.low)

    return sorted(range(len(settings)), key=rank)


def _rest(
    settings: Sequence[Setting], names: Sequence[str], ranked: Sequence[int]
) -> tuple[str, ...]:
    """What the intervals of the others say."""
    low = settings[ranked[0]].clear_interval()
    near, judged = [], 0
    for place in ranked[1:]:
        interval = settings[place].clear_interval()
        if interval is None or low is None:
            continue
        judged += 1
        if interval.high >= low.low:
            near.append(place)
    if not judged:
        return ()
    if not near:
        return ("The intervals of all other settings lie below it.",)
    said = [
        f"{names[place]} ({settings[place].clear} of {settings[place].judged})"
        for place in near[:MOST_NAMES]
    ]
    more = len(near) - len(said)
    said += [f"{more} more"] if more else []
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return (f"Its interval overlaps with that of {listed}: more seeds can decide.",)


def _limits(settings: Sequence[Setting]) -> tuple[str, ...]:
    """Members that failed, or that are not done."""
    total = sum(len(one.rows) for one in settings)
    done = sum(len(one.done) for one in settings)
    failed = sum(one.failed for one in settings)
    found = []
    if done + failed < total:
        found.append(f"{done} of {counted(total, 'member')} are done.")
    if failed:
        found.append(f"{counted(failed, 'member')} failed, and no share counts them.")
    return tuple(found)
