"""The ranges of a spec, read and checked against the settings that they are of."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.runs.config import RunConfig, config_from_mapping, with_kind
from tinyvae.runs.kinds import KINDS, settings_type
from tinyvae.sweeps.search.ranges import Choice, Parameter, Range
from tinyvae.sweeps.spec_reading import (
    LISTED,
    nobodys,
    setting_names,
    takes_lists,
)
from tinyvae.training.config import TrainingConfig
from tinyvae.wording import nearest

RANGE_KEYS = ("low", "high", "log", "step")


def parameters_of(
    asked: Mapping[str, Any], fixed: Mapping[str, Any]
) -> tuple[Parameter, ...]:
    """The ranges and lists of a spec, kinds first, checked against the fixed settings.

    Args:
        asked: what `flat_ranges` gives.
        fixed: nested settings of all trials.

    Raises: ConfigError if a setting is unknown or fixed too, or a range is wrong.
    """
    if not asked:
        raise ConfigError(
            "search.ranges: expected the range of at least one setting, got none. For "
            'example: "objective.beta" = { low = 1, high = 16, log = true }.'
        )
    for name in asked:
        _check_free(name, fixed)
    kinds = {section: kinds_in_play(section, asked, fixed) for section in KINDS}
    found = [_parameter(name, value, kinds) for name, value in asked.items()]
    for parameter in found:
        _check_values(parameter, kinds, fixed)
    return tuple(sorted(found, key=lambda one: one.name not in KINDS))


def flat_ranges(ranges: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Ranges by the dotted name of their setting; they may be nested tables.

    >>> flat_ranges({"objective": {"kind": ["vae"], "beta": {"low": 1, "high": 9}}})
    {'objective': ['vae'], 'objective.beta': {'low': 1, 'high': 9}}
    """
    found: dict[str, Any] = {}
    for key, value in ranges.items():
        name = f"{before}{key}".removesuffix(".kind")
        if isinstance(value, Mapping) and not set(value) & set(RANGE_KEYS):
            found |= flat_ranges(value, f"{name}.")
        else:
            found[name] = value
    return found


def _check_free(name: str, fixed: Mapping[str, Any]) -> None:
    """Refuse a setting that is fixed too, or that no search can change."""
    section, _, key = name.partition(".")
    if section in ("seed", "seeds"):
        raise ConfigError(
            "seeds: expected no range, since each trial is trained with all seeds and "
            'takes their mean. Write seeds = "0:5" at the top.'
        )
    if section not in LISTED:
        raise ConfigError(
            f"unknown setting {name!r}: expected one of {', '.join(LISTED)}, or one of "
            f"theirs, such as objective.beta.{nearest(section, LISTED)}"
        )
    held = fixed.get(section)
    inside = held.get(key or "kind") if isinstance(held, Mapping) else None
    if isinstance(held, str | int) and not key:
        inside = held
    if inside is not None:
        raise ConfigError(
            f"{name}: expected a fixed value or a range, got both {inside!r} and a "
            "range. Leave one of them out."
        )


def kinds_in_play(
    section: str, asked: Mapping[str, Any], fixed: Mapping[str, Any]
) -> tuple[str, ...]:
    """The kinds of a section that trials may have.

    Raises: ConfigError if one is unknown.
    """
    listed = asked.get(section)
    if listed is None:
        held = fixed.get(section, {})
        if isinstance(held, Mapping):
            mine = [name.partition(".") for name in asked]
            held = {**{key: 0 for part, _, key in mine if part == section}, **held}
        kinds = [with_kind(section, held).get("kind")]
    else:
        kinds = listed if isinstance(listed, list | tuple) else [listed]
    for kind in kinds:
        settings_type(section, kind)
    return tuple(kinds)


def _parameter(name: str, value: Any, kinds: Mapping[str, Sequence[str]]) -> Parameter:
    hints = [hint for _, hint in _hints(name, kinds)]
    if isinstance(value, list | tuple):
        lists = any(map(takes_lists, hints))
        if lists and not any(isinstance(one, list | tuple) for one in value):
            raise ConfigError(
                f"{name}: expected a list of lists, since each value is a list "
                f"itself, got {value!r}. For example: [[64], [128, 64]]."
            )
        return Choice(name, tuple(value))
    if not isinstance(value, Mapping):
        raise ConfigError(
            f"{name}: expected a range {{ low = ..., high = ... }} or a list of "
            f"values, got {value!r}. To hold it fixed, write it outside of the ranges."
        )
    for key in value:
        if key not in RANGE_KEYS:
            raise ConfigError(
                f"unknown key {name + '.' + key!r}: expected one of "
                f"{', '.join(RANGE_KEYS)}.{nearest(key, RANGE_KEYS)}"
            )
    if not {"low", "high"} <= set(value):
        raise ConfigError(
            f"{name}: expected low and high, got {', '.join(value)} alone."
        )
    types = {one for hint in hints for one in _types(hint)}
    if not types & {int, float}:
        raise ConfigError(
            f"{name}: expected a list of values, since it is no number, got a range."
        )
    whole = float not in types
    log = value.get("log", False)
    if not isinstance(log, bool):
        raise ConfigError(f"{name}: expected log = true or false, got {log!r}.")
    ends = {key: _number(name, key, value[key], whole) for key in value if key != "log"}
    return Range(name, log=log, whole=whole, **ends)


def _hints(
    name: str, kinds: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str | None, Any]]:
    """Each kind that has a setting, and its type there.

    Raises: ConfigError if none of them has it.
    """
    section, _, key = name.partition(".")
    if not key:
        if section == "training":
            raise ConfigError("training: expected one of its settings, got all of it.")
        hints = {**typing.get_type_hints(RunConfig), **dict.fromkeys(KINDS, str)}
        yield None, hints[section]
        return
    if section == "training":
        hints = typing.get_type_hints(TrainingConfig)
        if key not in hints:
            raise ConfigError(
                f"unknown setting {name!r}: expected one of {', '.join(hints)}."
                f"{nearest(key, hints)}"
            )
        yield None, hints[key]
        return
    if section not in KINDS:
        raise ConfigError(f"unknown setting {name!r}: {section} has no settings.")
    having = [
        k for k in kinds[section] if key in setting_names(settings_type(section, k))
    ]
    if not having:
        raise ConfigError(nobodys(section, key, kinds[section]))
    for kind in having:
        yield kind, typing.get_type_hints(settings_type(section, kind))[key]


def _check_values(
    parameter: Parameter, kinds: Mapping[str, Sequence[str]], fixed: Mapping[str, Any]
) -> None:
    """Refuse a value that the setting does not take, as far as it stands alone."""
    section, _, key = parameter.name.partition(".")
    for kind, _ in _hints(parameter.name, kinds):
        for value in parameter.examples():
            if not key:
                settings: dict[str, Any] = {section: value}
            else:
                held = fixed.get(section, {})
                held = held if isinstance(held, Mapping) else {}
                if kind is not None:
                    own = setting_names(settings_type(section, kind))
                    held = {n: v for n, v in held.items() if n in own} | {"kind": kind}
                settings = {section: {**held, key: value}}
            try:
                config_from_mapping(settings)
            except ConfigError as error:
                raise ConfigError(
                    f"{parameter.name} = {json.dumps(value)}: {error}"
                ) from None


def _types(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return tuple(one for one in typing.get_args(hint) if one is not NoneType)
    return (hint,)


def _number(name: str, key: str, value: Any, whole: bool) -> int | float:
    """The number as an int or a float, as the setting takes it."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or (whole and value != int(value)):
        what = "a whole number" if whole else "a finite number"
        raise ConfigError(f"{name}: expected {what} as {key}, got {value!r}.")
    return int(value) if whole else float(value)
