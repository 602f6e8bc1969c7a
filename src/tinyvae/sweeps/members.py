"""A member of a sweep: the settings of one run, and the identity that they give it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax

from tinyvae.objectives import RECIPE, Objective
from tinyvae.runs.config import RunConfig, config_from_mapping, config_to_json
from tinyvae.runs.opened import (
    Opened,
    check_draw,
    check_loss,
    chosen_network,
    chosen_training,
    open_world,
)
from tinyvae.worlds.world import KeepsPictures, Population, Reports

IDENTITY_LENGTH = 16  # hexadecimal digits: 64 bits


@dataclass(frozen=True)
class Member:
    """One run of a sweep, with every setting decided.

    `identity` is a digest of the settings, whatever their order or spelling. Two runs
    with the same identity are the same run.
    """

    identity: str
    config: RunConfig


class Worlds:
    """Opens pictures and decides open settings once for all members that share them."""

    def __init__(self) -> None:
        self._known: dict[RunConfig, Opened] = {}
        self._populations: dict[Any, Population] = {}
        self._checked: set[tuple[RunConfig, Objective]] = set()
        self._tried: set[tuple[RunConfig, Any]] = set()

    def opened(self, config: RunConfig) -> Opened:
        """The decided settings and the pictures of a run.

        Raises: ConfigError or DataError as `open_world` does.
        """
        key = shared_settings(config)
        if key not in self._known:
            decided, population = open_world(key)
            pictures = (decided.world, decided.samples, key.seed)
            population = self._populations.setdefault(pictures, population)
            self._known[key] = Opened(decided, population)
        decided, population = known = self._known[key]
        config = replace(
            decided,
            objective=config.objective,
            network=chosen_network(config, decided.world, population),
            training=chosen_training(config, decided.likelihood or ""),
            members=config.members,
            seed=config.seed,
        )
        self._known.setdefault(shared_settings(config), known)
        opened = Opened(config, population)
        self._check(key, opened)
        return opened

    def _check(self, key: RunConfig, opened: Opened) -> None:
        """Check an objective on pictures, if it has not been; its loss once a form."""
        objective = opened.config.objective
        if (key, objective) in self._checked:
            return
        check_draw(opened)
        form = (key, jax.tree.structure(objective))
        if form not in self._tried:
            check_loss(opened)
        self._checked.add((key, objective))
        self._tried.add(form)

    def what_was_read(self) -> list[str]:
        """Lines on own pictures that were opened: what was read, guessed, left out."""
        return [
            line
            for population in self._populations.values()
            if isinstance(population, Reports)
            for line in population.report.lines()
        ]


def shared_settings(config: RunConfig) -> RunConfig:
    """The settings without those on which nothing depends that many runs share.

    Fixed pictures depend on the seed.
    """
    seed = config.seed if config.samples is not None else 0
    return replace(config, objective=RECIPE, members=1, seed=seed)


def members_of(configs: Iterable[RunConfig], worlds: Worlds) -> list[Member]:
    """The members with these settings, each once, in the order of first mention.

    Raises: ConfigError or DataError if the pictures of one cannot be read.
    """
    found: dict[str, Member] = {}
    for config in configs:
        decided = worlds.opened(config).config
        member = Member(identity_of(decided), decided)
        found.setdefault(member.identity, member)
    return list(found.values())


def identity_of(config: RunConfig) -> str:
    """Digest of decided settings. Own pictures count by their contents."""
    text = json.dumps(canonical(config), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:IDENTITY_LENGTH]


def canonical(config: RunConfig) -> dict[str, Any]:
    """The settings as JSON values that do not depend on how they were written."""
    settings = config_to_json(config)
    # whole numbers given for settings that are not whole become floats
    settings = config_to_json(config_from_mapping(settings))
    world = settings["world"]
    if world.get("fingerprint"):
        for name in ("images", "labels"):
            world.pop(name, None)
    return settings


def member_from_json(
    identity: str, settings: Mapping[str, Any], folder: Path
) -> Member:
    """The member whose settings a ledger holds.

    Raises: ConfigError if they are not settings of a run.
    """
    config = config_from_mapping(settings)
    if isinstance(config.world, KeepsPictures):
        config = replace(config, world=config.world.resolved(folder))
    return Member(identity, config)
