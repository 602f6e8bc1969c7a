"""A spec from a TOML file, a nested mapping, or options of the command line.

The settings are those of a single run. A setting may be a list of values instead; a
setting whose value is a list itself (widths of layers) may be a list of lists.
"""

from __future__ import annotations

import itertools
import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, TypeGuard

from tinyvae.errors import ConfigError
from tinyvae.runs.config import (
    config_from_mapping,
    merged,
    read_config_file,
    with_kind,
)
from tinyvae.runs.kinds import KINDS, settings_type
from tinyvae.sweeps.spec import SweepBlock, SweepSpec, parse_seeds
from tinyvae.training.config import TrainingConfig
from tinyvae.wording import nearest

BLOCKS = "sweep"  # name of the tables of blocks
# the setting of a run, and the argument of a block that lists it
LISTED = {
    "world": "worlds",
    "objective": "objectives",
    "network": "networks",
    "training": "trainings",
    "likelihood": "likelihoods",
    "members": "members",
    "samples": "samples",
}


def read_spec(path: str | Path, changes: Mapping[str, Any] | None = None) -> SweepSpec:
    """The spec in a TOML (or JSON) file; `changes` override settings of every block.

    Raises: ConfigError if it cannot be read, or if a setting is wrong.
    """
    return spec_from_mapping(read_config_file(Path(path)), changes)


def spec_from_mapping(
    settings: Mapping[str, Any], changes: Mapping[str, Any] | None = None
) -> SweepSpec:
    """The spec of nested settings. Those outside the blocks hold for every block.

    Without a table `sweep`, the settings are one block.

    Raises: ConfigError if a setting is wrong, naming the block.
    """
    shared = {name: value for name, value in settings.items() if name != BLOCKS}
    tables = settings.get(BLOCKS, [{}])
    tables = [tables] if isinstance(tables, Mapping) else tables
    if not isinstance(tables, list) or not all(isinstance(t, Mapping) for t in tables):
        raise ConfigError(
            f"{BLOCKS}: expected tables, each begun with [[{BLOCKS}]], got {tables!r}."
        )
    if not tables:
        raise ConfigError(f"{BLOCKS}: expected at least one block, got none.")
    blocks = []
    for number, table in enumerate(tables, 1):
        try:
            whole = over(over(shared, table), changes or {})
            blocks.append(block_from_mapping(whole))
        except ConfigError as error:
            where = f"block {number} of {len(tables)}: " if len(tables) > 1 else ""
            raise ConfigError(f"{where}{error}") from None
    source = json.loads(json.dumps({**settings, "changes": dict(changes or {})}))
    return SweepSpec(tuple(blocks), source)


def over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the changes, as `merged`; a section may name several kinds.

    >>> over({"objective": {"beta": 2}}, {"objective": {"kind": ["vae", "beta-vae"]}})
    {'objective': {'beta': 2, 'kind': ['vae', 'beta-vae']}}
    """
    result = dict(base)
    for name, value in changes.items():
        old = result.get(name)
        if name not in KINDS or not (_is_several(old) or _is_several(value)):
            result = merged(result, {name: value})
        elif isinstance(value, Mapping) and "kind" not in value:
            result[name] = {**_one_table(name, old), **value}
        elif isinstance(value, Mapping) and is_kindless(old):
            result[name] = {**old, **value}
        else:
            result[name] = value
    return result


def is_kindless(section: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a section has settings of a kind that is yet to be named."""
    return isinstance(section, Mapping) and "kind" not in section


def _is_several(section: Any) -> bool:
    """Whether a section names several kinds."""
    if isinstance(section, Mapping):
        return isinstance(section.get("kind"), list)
    return isinstance(section, list)


def _one_table(name: str, section: Any) -> Mapping[str, Any]:
    if isinstance(section, Mapping):
        return section
    if isinstance(section, list) and not all(isinstance(e, str) for e in section):
        raise ConfigError(
            f"{name}: expected one table to change, got a list of {len(section)} "
            f"entries. Name the kind with the change, or change the list itself."
        )
    return {} if section is None else {"kind": section}


def block_from_mapping(settings: Mapping[str, Any]) -> SweepBlock:
    """The block of nested settings, in which every setting may be a list.

    Raises: ConfigError if a setting is wrong.
    """
    settings = dict(settings)
    if "seed" in settings:
        raise ConfigError(
            f"expected seeds, got seed = {settings['seed']!r}. Write "
            f'seeds = [{settings["seed"]!r}], or a range such as seeds = "0:20".'
        )
    lists: dict[str, Any] = {}
    if "seeds" in settings:
        lists["seeds"] = parse_seeds(settings.pop("seeds"))
    for name, value in settings.items():
        if name not in LISTED:
            known = (*LISTED, "seeds", BLOCKS)
            raise ConfigError(
                f"unknown setting {name!r}: expected one of {', '.join(known)}."
                f"{nearest(name, known)}"
            )
        lists[LISTED[name]] = tuple(
            getattr(config_from_mapping({name: one}), name)
            for one in alternatives(name, value)
        )
    return SweepBlock(**lists)


def alternatives(name: str, value: Any) -> Iterator[Any]:
    """Every value of one setting of a run that a list, or lists in a table, give."""
    if name in KINDS:
        for entry in _entries(name, value):
            yield from _of_table(name, entry)
    elif name == "training":
        if not isinstance(value, Mapping):
            raise ConfigError(f"training: expected a table of settings, got {value!r}.")
        yield from _product(name, TrainingConfig, value)
    else:
        yield from _entries(name, value)


def _entries(name: str, value: Any) -> list[Any]:
    entries = value if isinstance(value, list) else [value]
    if not entries:
        raise ConfigError(
            f"{name}: expected at least one value in the list, got none. Leave {name} "
            "out for the default."
        )
    return entries


def _of_table(name: str, entry: Any) -> Iterator[dict[str, Any]]:
    """The settings of a section, for each of its kinds and each of its values.

    A setting holds for those kinds that have it.
    """
    if isinstance(entry, Mapping) and isinstance(entry.get("kind"), list):
        kinds = _entries(f"{name}.kind", entry["kind"])
        table = {key: value for key, value in entry.items() if key != "kind"}
    else:
        table = with_kind(name, entry)
        if not isinstance(table, Mapping):
            raise ConfigError(
                f"{name}: expected a word or a table of settings, got {entry!r}."
            )
        kinds = [table.get("kind")]
        table = {key: value for key, value in table.items() if key != "kind"}
    owners = [settings_type(name, kind) for kind in kinds]
    for key in table:
        if not any(key in setting_names(owner) for owner in owners):
            raise ConfigError(nobodys(name, key, kinds))
    for kind, owner in zip(kinds, owners, strict=True):
        mine = {
            key: value for key, value in table.items() if key in setting_names(owner)
        }
        for settings in _product(name, owner, mine):
            yield {"kind": kind, **settings}


def setting_names(owner: type) -> list[str]:
    """The settings of one kind that a person can write."""
    return [entry.name for entry in fields(owner) if entry.repr]


def nobodys(name: str, key: str, kinds: Sequence[Any]) -> str:
    """Why a setting that none of the kinds has is refused."""
    having = [
        kind for kind, owner in KINDS[name].items() if key in setting_names(owner)
    ]
    which = f"{' or '.join(map(str, kinds))} has no {key}"
    if having:
        return (
            f"{name}.{key}: expected {name} {' or '.join(having)} with it, but {which}"
            f". Choose the {name}, or leave {key} out."
        )
    owners = [settings_type(name, kind) for kind in kinds]
    known = sorted({n for owner in owners for n in setting_names(owner)} - {"kind"})
    return (
        f"unknown setting '{name}.{key}': expected one of {', '.join(known) or 'none'}."
        f"{nearest(key, known)}"
    )


def _product(
    name: str, owner: type, table: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Every combination of the values that the table lists."""
    hints = typing.get_type_hints(owner)
    lists = []
    for key, value in table.items():
        several = _values_of(value, hints.get(key))
        if not several:
            raise ConfigError(
                f"{name}.{key}: expected at least one value in the list, got none. "
                f"Leave {key} out for the default."
            )
        lists.append(several)
    for values in itertools.product(*lists):
        yield dict(zip(table, values, strict=True))


def _values_of(value: Any, hint: Any) -> list[Any]:
    """The values in a list; a list is one value where the setting is a list itself."""
    if not isinstance(value, list):
        return [value]
    if takes_lists(hint) and not any(isinstance(one, list) for one in value):
        return [value]
    return value


def takes_lists(hint: Any) -> bool:
    """Whether a value of this type is written as a list.

    >>> takes_lists(tuple[int, ...] | None), takes_lists(float)
    (True, False)
    """
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return any(takes_lists(choice) for choice in typing.get_args(hint))
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Sequence)
