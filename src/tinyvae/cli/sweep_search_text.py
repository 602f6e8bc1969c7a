"""What a search says: before it begins, and at its end."""

from __future__ import annotations

import shlex
from typing import Any

from tinyvae.sweeps.search.result import BEST, SearchResult, range_text
from tinyvae.sweeps.search.spec import SearchSpec
from tinyvae.wording import counted

MOST_TRIALS = 10  # that the table shows


def plan_text(spec: SearchSpec) -> str:
    """What will be done, in a few lines."""
    members = spec.trials * len(spec.seeds)
    weights = any(one.name.startswith("objective") for one in spec.parameters)
    note = (
        "note: losses of different objectives, or of different weights, cannot be "
        "compared\n"
        if spec.target.name == "loss" and weights
        else ""
    )
    return (
        f"search: {range_text(spec)}\n"
        f"target: {spec.target}\n{note}"
        f"{counted(spec.trials, 'trial')} of {counted(len(spec.seeds), 'seed')} each: "
        f"{counted(members, 'member')}; sampler {spec.sampler}, seed {spec.seed}, "
        f"{spec.at_once} at once"
    )


def search_text(found: SearchResult) -> str:
    """The best trials, the best setting, and what to do with it."""
    text = found.text(MOST_TRIALS)
    if all(trial.value is None for trial in found):
        return text
    best, folder = found.best, shlex.quote(str(found.folder))
    setting = "\n".join(f"    {line}" for line in found.best_toml().splitlines())
    seed = found.spec.seeds[0]
    ties = ""
    if found.ties:
        have = "has" if found.ties == 1 else "have"
        ties = (
            f"{counted(found.ties, 'other setting')} {have} the same value; this one "
            "came first.\n\n"
        )
    return f"""{text}

the best setting is that of trial {best.number}, in {found.folder / BEST}:

{setting}

{ties}train it:         tinyvae train --config {folder}/{BEST} --seed {seed}
check it with seeds that had no part in the choice, since the best of many trials
looks better than it is:
                  tinyvae sweep --config {folder}/{BEST} \
--seeds {found.fresh_seeds()} --out {folder}-check"""


def search_json(found: SearchResult) -> dict[str, Any]:
    """The result as JSON values: target, trials, and the best one with its settings."""
    target = found.spec.target
    best = None
    if any(trial.value is not None for trial in found):
        best = {
            **found.best.to_json(),
            "config": str(found.folder / BEST),
            "toml": found.best_toml(),
        }
    return {
        "folder": str(found.folder),
        "target": {
            "name": target.name,
            "title": target.title,
            "direction": target.direction,
            "with_labels": target.labels,
        },
        "best": best,
        "trials": [trial.to_json() for trial in found],
    }
