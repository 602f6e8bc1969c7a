"""What the settings of a sweep are called, so that a person can tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tinyvae.files.result_tables import Cell
from tinyvae.objectives.by_settings import SeesLabels
from tinyvae.objectives.naming import objective_name, setting_text
from tinyvae.runs.config import RunConfig
from tinyvae.runs.opened import has_default_rate
from tinyvae.sweeps.summary import Setting


class Named(NamedTuple):
    """A setting in words: what sets it apart from those of its title, and the rest."""

    name: str
    others: tuple[str, ...]  # further settings that differ in the sweep


def named_settings(
    settings: Sequence[Setting], configs: Sequence[RunConfig], differ: Sequence[str]
) -> list[Named]:
    """Each objective with its weights, and what else tells settings apart.

    `differ` are the names of the settings that differ in the sweep, as those of
    `OverSeeds`.
    """
    titles = [objective_name(config.objective) for config in configs]
    heads = [title.split(", ")[0] for title in titles]
    texts = [
        _texts(one, config, [name for name in differ if _tells(name, one, settings)])
        for one, config in zip(settings, configs, strict=True)
    ]
    found = []
    for title, head, own in zip(titles, heads, texts, strict=True):
        alike = [texts[k] for k, other in enumerate(heads) if other == head]
        apart = [n for n in own if len({other.get(n) for other in alike}) > 1]
        said = title.split(", ")[1:]
        more = [own[name] for name in apart if own[name] not in said]
        others = [own[name] for name in own if name not in apart]
        found.append(
            Named(", ".join([title, *more]), tuple(o for o in others if o not in said))
        )
    return found


def _tells(name: str, one: Setting, settings: Sequence[Setting]) -> bool:
    """Whether a setting tells anything: a weight, only within its objective."""
    if not name.startswith("objective."):
        return name != "objective"
    kind = one.settings["objective"]
    same = [other for other in settings if other.settings["objective"] == kind]
    return len({other.settings[name] for other in same}) > 1


def _texts(setting: Setting, config: RunConfig, names: Sequence[str]) -> dict[str, str]:
    """These settings in words, without what the objective's name says."""
    found = {}
    weights = [name for name in setting.settings if name.startswith("objective.")]
    alone = sum(setting.settings[name] is not None for name in weights) == 1
    for name in names:
        value = setting.settings[name]
        if value is None or (name in weights and alone):
            continue
        if name.endswith("learning_rate") and has_default_rate(config):
            continue  # objectives have rates of their own
        if name == "objective.labelled" and isinstance(config.objective, SeesLabels):
            continue  # stands behind the title, as supervision
        found[name] = described(name, value)
    return found


def described(name: str, value: Cell) -> str:
    """`latents 6` for `network.latents`; a kind or another word stands alone."""
    text = setting_text(value)
    if "." not in name and isinstance(value, str):
        return text
    return f"{name.rpartition('.')[2].replace('_', ' ')} {text}"
