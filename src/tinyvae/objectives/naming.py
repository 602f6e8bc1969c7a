"""What objectives are called, so that a person can tell their settings apart."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from tinyvae.knowledge import seen_in_brackets, seen_in_words
from tinyvae.objectives.by_settings import SeesLabels


def objective_name(objective: Any) -> str:
    """Title of an objective, and the settings that decide what it is.

    A lone setting is always said ("beta-VAE 4"); of several, those that are not the
    default, by name. Supervision is always said, if there is any.
    """
    title = f"{objective.title}{seen_of(objective)}"
    entries = [f for f in fields(objective) if f.init and f.name != "kind"]
    if isinstance(objective, SeesLabels):  # said by the title, as supervision
        entries = [entry for entry in entries if entry.name != "labelled"]
    if len(entries) == 1:
        value = setting_text(getattr(objective, entries[0].name))
        return f"{title} {value}"
    changed = [
        f"{entry.name.replace('_', ' ')} {setting_text(getattr(objective, entry.name))}"
        for entry in entries
        if entry.default is MISSING or getattr(objective, entry.name) != entry.default
    ]
    return ", ".join([title, *changed])


def seen_of(objective: Any) -> str:
    """What an objective sees of the factors, in brackets; nothing if it sees none."""
    return seen_in_brackets(supervision_of(objective))


def supervision_of(objective: Any) -> str:
    """What an objective sees of the factors; of settings, how many labels too."""
    supervision = objective.needs.supervision
    if isinstance(objective, SeesLabels) and not isinstance(objective, type):
        return seen_in_words(supervision, objective.labelled)
    return supervision


def setting_text(value: Any) -> str:
    """A setting as it is read: 4.0 as `4`."""
    return f"{value:g}" if isinstance(value, float) else str(value)
