"""What the settings of a sweep are called, so that a person can tell them apart."""

from __future__ import annotations

from collections.abc import Sequence

from tinyvae.files.result_tables import Cell
from tinyvae.objectives.naming import objective_name, setting_text
from tinyvae.runs.config import RunConfig
from tinyvae.runs.opened import has_default_rate
from tinyvae.sweeps.summary import Setting


def setting_name(setting: Setting, config: RunConfig, differ: Sequence[str]) -> str:
    """The objective with its weights, and the other settings that differ in the sweep.

    `differ` are the names of the settings that differ, as `OverSeeds.names` has them.
    """
    parts = [objective_name(config.objective)]
    said = parts[0].split(", ")[1:]
    weights = [name for name in setting.settings if name.startswith("objective.")]
    alone = sum(setting.settings[name] is not None for name in weights) == 1
    for name in differ:
        value = setting.settings[name]
        if name == "objective" or value is None:
            continue
        if name.endswith("learning_rate") and has_default_rate(config):
            continue  # objectives have rates of their own
        text = described(name, value)
        if name in weights and (alone or text in said):
            continue
        parts.append(text)
    return ", ".join(parts)


def described(name: str, value: Cell) -> str:
    """`latents 6` for `network.latents`; a kind or another word stands alone."""
    text = setting_text(value)
    if "." not in name and isinstance(value, str):
        return text
    return f"{name.rpartition('.')[2].replace('_', ' ')} {text}"
