"""The parts of a sweep that can be compared: those of one world and likelihood."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tinyvae.sweeps.report.compared import Compared
from tinyvae.sweeps.report.names import described
from tinyvae.sweeps.summary import Setting, over_seeds

# an ELBO is that of pictures and of how they are said to come about
OF_PICTURES = ("world", "likelihood", "samples")


class OneWorld(NamedTuple):
    """The members of a sweep that saw the same pictures, under one likelihood."""

    title: str  # empty where the sweep has no other
    sweep: Compared


def worlds_of(sweep: Compared) -> list[OneWorld]:
    """A sweep by world, likelihood and number of pictures, as its spec has them."""
    settings = sweep.summary.settings
    names = [
        name
        for name in (settings[0].settings if settings else ())
        if name.partition(".")[0] in OF_PICTURES
    ]
    places: dict[tuple, list[int]] = {}
    for place, one in enumerate(settings):
        key = tuple(one.settings[name] for name in names)
        places.setdefault(key, []).append(place)
    if len(places) < 2:
        return [OneWorld("", sweep)]
    differ = [
        name for k, name in enumerate(names) if len({key[k] for key in places}) > 1
    ]
    return [
        OneWorld(_title(settings[those[0]], differ), _part(sweep, those))
        for those in places.values()
    ]


def _part(sweep: Compared, places: list[int]) -> Compared:
    rows = [row for k in places for row in sweep.summary.settings[k].rows]
    summary = over_seeds(rows, sweep.summary.scores)
    return replace(
        sweep, summary=summary, configs=tuple(sweep.configs[k] for k in places)
    )


def _title(setting: Setting, differ: list[str]) -> str:
    """`circles, size 16`: the world, and what differs between worlds."""
    said = ["world", *(name for name in differ if name != "world")]
    return ", ".join(
        described(name, setting.settings[name])
        for name in said
        if setting.settings.get(name) is not None
    )
