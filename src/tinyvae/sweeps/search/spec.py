"""The spec of a search: fixed settings, ranges, seeds, and what is to be best."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from tinyvae.errors import ConfigError
from tinyvae.runs.config import (
    RunConfig,
    config_to_json,
    merged,
    read_config_file,
    with_kind,
)
from tinyvae.runs.kinds import KINDS, settings_type
from tinyvae.sweeps.search.ranges import Parameter
from tinyvae.sweeps.search.ranges_reading import (
    flat_ranges,
    kinds_in_play,
    parameters_of,
)
from tinyvae.sweeps.search.targets import Target, target_of
from tinyvae.sweeps.spec import SweepBlock, parse_seeds
from tinyvae.sweeps.spec_reading import (
    BLOCKS,
    LISTED,
    alternatives,
    block_from_mapping,
    setting_names,
)
from tinyvae.wording import nearest

SEARCH = "search"  # name of the table
SEEDS = "0:5"
SamplerKind = Literal["tpe", "random"]
SAMPLERS = get_args(SamplerKind)
KEYS = ("target", "direction", "trials", "at_once", "sampler", "seed", "ranges")
LEAST = {"trials": 1, "at_once": 1, "seed": 0}


@dataclass(frozen=True)
class SearchSpec:
    """What is searched, for what, and for how long.

    Args:
        settings: fixed settings of all trials, nested, as JSON values.
        parameters: the range or the list of values of each setting that is searched.
        target: what is to be as large, or as small, as possible.
        seeds: each trial is trained with all of them, and takes their mean.
        trials: number of settings that are tried.
        at_once: trials whose members train together; the sampler learns from them when
            all have ended.
        sampler: tpe (Optuna's tree-structured Parzen estimator) or random.
        seed: of the sampler.
        objects: parts of the settings that were given as objects, and in which nothing
            is searched. Pictures in memory have no other form.

    Raises: ConfigError if a number is out of range.
    """

    settings: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    target: Target
    seeds: tuple[int, ...]
    trials: int = 20
    at_once: int = 4
    sampler: SamplerKind = "tpe"
    seed: int = 0
    objects: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        for name, least in LEAST.items():
            _check_whole(name, getattr(self, name), least)

    def settings_with(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The nested settings of a trial; of each section, those that its kind has."""
        changes: dict[str, Any] = {}
        for name, value in values.items():
            section, _, key = name.partition(".")
            if key or section in KINDS:
                changes.setdefault(section, {})[key or "kind"] = value
            else:
                changes[section] = value
        settings = merged(self.settings, changes)
        for section in KINDS.keys() & settings.keys():
            table = with_kind(section, settings[section])
            own = setting_names(settings_type(section, table["kind"]))
            settings[section] = {n: v for n, v in table.items() if n in own}
            settings[section]["kind"] = table["kind"]
        return settings

    def block(self, values: Mapping[str, Any]) -> SweepBlock:
        """The members of a trial: one setting with every seed.

        Raises: ConfigError if the values do not fit together.
        """
        settings = self.settings_with(values)
        written = {n: v for n, v in settings.items() if n not in self.objects}
        block = block_from_mapping({**written, "seeds": list(self.seeds)})
        objects = {LISTED[name]: (one,) for name, one in self.objects.items()}
        return replace(block, **objects)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, which `search_from_mapping` reads."""
        return {
            **self.settings,
            "seeds": list(self.seeds),
            SEARCH: {
                "target": self.target.name,
                "direction": self.target.direction,
                "trials": self.trials,
                "at_once": self.at_once,
                "sampler": self.sampler,
                "seed": self.seed,
                "ranges": {one.name: one.to_json() for one in self.parameters},
            },
        }


def read_search(
    path: str | Path, changes: Mapping[str, Any] | None = None
) -> SearchSpec:
    """The spec in a TOML (or JSON) file; `changes` override its settings.

    Raises: ConfigError if it cannot be read, or if a setting is wrong.
    """
    return search_from_mapping(read_config_file(Path(path)), changes)


def search_from_mapping(
    settings: Mapping[str, Any], changes: Mapping[str, Any] | None = None
) -> SearchSpec:
    """The spec of nested settings with a table `search`.

    A world, an objective, a network or a training may also be an object, such as
    `tinyvae.BetaVAE()`.

    Raises: ConfigError if a setting is wrong.
    """
    objects = {
        name: one
        for name, one in settings.items()
        if is_dataclass(one) and name in LISTED and name not in (changes or {})
    }
    settings = merged(_as_json(settings), changes or {})
    table = settings.pop(SEARCH, None)
    if not isinstance(table, Mapping):
        raise ConfigError(
            f"expected a table [{SEARCH}] with a target and ranges, got "
            f"{'none' if table is None else repr(table)}. `tinyvae sweep search "
            "--example` prints a spec."
        )
    for name in table:
        if name not in KEYS:
            raise ConfigError(
                f"unknown setting '{SEARCH}.{name}': expected one of "
                f"{', '.join(KEYS)}.{nearest(name, KEYS)}"
            )
    if "target" not in table:
        raise ConfigError(
            f"{SEARCH}.target: expected what is to be best, such as elbo (without "
            "labels) or smallest_share (with labels), got none."
        )
    ranges = table.get("ranges", {})
    if not isinstance(ranges, Mapping):
        raise ConfigError(f"{SEARCH}.ranges: expected a table, got {ranges!r}.")
    seeds = parse_seeds(settings.pop("seeds", SEEDS))
    asked = flat_ranges(ranges)
    _check_fixed(settings, asked)
    parameters = parameters_of(asked, settings)
    for name in LEAST.keys() & table.keys():
        _check_whole(name, table[name], LEAST[name])
    sampler = table.get("sampler", SAMPLERS[0])
    if sampler not in SAMPLERS:
        raise ConfigError(
            f"{SEARCH}.sampler: expected {' or '.join(SAMPLERS)}, got {sampler!r}."
            f"{nearest(str(sampler), SAMPLERS)}"
        )
    rest = {name: table[name] for name in KEYS[2:-1] if name in table}
    target = target_of(table["target"], table.get("direction"))
    changed = {one.name.partition(".")[0] for one in parameters}
    rest["objects"] = {n: one for n, one in objects.items() if n not in changed}
    return SearchSpec(settings, parameters, target, seeds, **rest)


def _check_whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(
            f"{SEARCH}.{name}: expected a whole number of at least {least}, got "
            f"{value!r}."
        )


def _as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with objects as tables."""
    found = {}
    for name, value in settings.items():
        if is_dataclass(value) and name in LISTED:
            given: Any = value
            value = config_to_json(RunConfig(**{name: given}))[name]
        found[name] = value
    return found


def _check_fixed(settings: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Refuse blocks, unknown settings, and lists of alternatives."""
    if BLOCKS in settings:
        raise ConfigError(
            f"{BLOCKS}: expected one setting and ranges in [{SEARCH}.ranges], got "
            f"blocks [[{BLOCKS}]]. Put what is tried into the ranges."
        )
    for name, value in settings.items():
        if name not in LISTED:
            block_from_mapping({name: value})  # which refuses it
        whole, most = value, 1
        if name in KINDS and not isinstance(value, list):
            kinds = kinds_in_play(name, asked, settings)
            table = value if isinstance(value, Mapping) else {}
            whole, most = {**table, "kind": list(kinds)}, len(kinds)
        if len(list(alternatives(name, whole))) > most:
            raise ConfigError(
                f"{name}: expected one value of each fixed setting, got a list in "
                f"{json.dumps(value)}. Put the values into [{SEARCH}.ranges]."
            )
