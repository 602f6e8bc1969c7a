"""What settings let training see of the factors, or tell the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.files.result_tables import Cell
from tinyvae.knowledge import seen_in_words
from tinyvae.models import NETWORKS
from tinyvae.models.told import told_to
from tinyvae.runs.kinds import settings_type

KNOWN = ("supervision", "told")  # of tables; None where nothing is told
Settings = Mapping[str, Cell]  # in one level: `objective.labelled`


def known_by(settings: Settings) -> tuple[Cell, Cell]:
    """A cell for each of `KNOWN`.

    >>> known_by({"objective": "ada-gvae", "network": "fully-connected"})
    ('pairs', None)
    """
    return seen_by(settings), told_by(settings) or None


def seen_by(settings: Settings) -> str:
    """What the objective sees of the factors; "none" of a class that is not here.

    >>> seen_by({"objective": "semi-supervised", "objective.labelled": 100})
    'labels of 100 pictures'
    """
    try:
        owner: Any = settings_type("objective", settings["objective"])
    except ConfigError:
        return "none"
    labelled: Any = settings.get("objective.labelled")
    return seen_in_words(owner.needs.supervision, labelled)


def told_by(settings: Settings) -> str:
    """What the network is told of the world; nothing of a class that is not here.

    >>> told_by({"network": "translated", "network.room": False})
    'there are places'
    """
    owner: Any = NETWORKS.get(str(settings.get("network")))
    if owner is None:
        return ""
    given = {
        entry.name: settings.get(f"network.{entry.name}") for entry in fields(owner)
    }
    flags = {name: one for name, one in given.items() if isinstance(one, bool)}
    return told_to(owner(**flags))
