"""Options of a sweep: those of a run, each of which may list several values."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyvae.cli.options import (
    PANELS,
    Setting,
    all_settings,
    chosen_kind,
    kind_parameter,
    with_parameters,
)
from tinyvae.errors import ConfigError
from tinyvae.runs.config import merged, parse_assignment, read_config_file
from tinyvae.runs.kinds import KINDS
from tinyvae.sweeps.adding import begun_settings
from tinyvae.sweeps.spec import SweepSpec, parse_seeds
from tinyvae.sweeps.spec_reading import BLOCKS, over, spec_from_mapping, takes_lists
from tinyvae.tables.choosing import listed


def swept_settings() -> list[Setting]:
    """Every setting of a run but the seed."""
    return [s for s in all_settings() if (s.section, s.name) != ("", "seed")]


def with_lists(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for every setting, read as lists with commas."""
    return with_parameters(
        command,
        [
            *(kind_parameter(section) for section in KINDS),
            *(_parameter(setting) for setting in swept_settings()),
        ],
    )


def _parameter(setting: Setting) -> inspect.Parameter:
    """The parameter of a setting: a text, unless it is a flag or may be repeated."""
    single = setting.parameter()
    if single.annotation.__args__[0] in (bool | None, list[str] | None):
        return single
    option = typer.Option(
        f"--{setting.flag}", help=setting.help, rich_help_panel=PANELS[setting.section]
    )
    return single.replace(annotation=Annotated[str | None, option])


def asked_spec(
    path: Path | None,
    config: Path | None,
    assignments: list[str],
    seeds: str | None,
    options: Mapping[str, Any],
    continued: Path | None = None,
) -> SweepSpec | None:
    """The spec of a file, a file of settings, `--set`, and options; None without any.

    A later one of these overrides the earlier ones, in every block. Without a spec they
    override the one that a sweep to be continued began with.

    Raises: ConfigError if one of them cannot be read, or does not fit the others.
    """
    settings = read_config_file(config) if config is not None else {}
    if path is not None:
        settings = over(settings, read_config_file(path))
    changes: Mapping[str, Any] = {}
    given = bool(settings or assignments) or seeds is not None
    given = given or any(value is not None for value in options.values())
    if path is None and BLOCKS not in settings and given and continued is not None:
        begun, before = begun_settings(continued)
        settings, changes = begun, over(before, settings)
    for assignment in assignments:
        changes = merged(changes, several(parse_assignment(assignment)))
    blocks = path is not None or BLOCKS in settings
    base = None if blocks else over(settings, changes)
    changes = over(changes, listed_settings(options, base))
    if seeds is not None:
        changes["seeds"] = list(parse_seeds(seeds))
    if path is None and not settings and not changes:
        return None
    return spec_from_mapping(settings, changes)


def several(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings, in which a text of numbers with commas between is their list.

    >>> several({"objective": {"beta": "2,4"}}), several({"world": {"layout": "disc"}})
    ({'objective': {'beta': [2, 4]}}, {'world': {'layout': 'disc'}})
    """
    found = dict(settings)
    for name, value in settings.items():
        if isinstance(value, dict):
            found[name] = several(value)
        elif isinstance(value, str) and "," in value:
            with suppress(tomllib.TOMLDecodeError):
                found[name] = tomllib.loads(f"value = [{value}]")["value"]
    return found


def listed_settings(
    values: Mapping[str, Any], base: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Nested settings from the options that were given; several values are a list.

    Args:
        values: of every option, by the name of its parameter.
        base: settings of files, which may name a kind; None where blocks have theirs.

    Raises: ConfigError if an option does not belong to the kind that was chosen.
    """
    given = [s for s in swept_settings() if values.get(s.parameter_name) is not None]
    settings: dict[str, Any] = {}
    for section in KINDS:
        mine = [setting for setting in given if setting.section == section]
        named = [kind.strip() for kind in (values.get(section) or "").split(",")]
        named = [kind for kind in named if kind]
        if not mine and not named:
            continue
        table = {s.name: _values(s, values[s.parameter_name]) for s in mine}
        kind = _kind(section, mine, named, base)
        settings[section] = table if kind is None else {"kind": kind, **table}
    training = [s for s in given if s.section == "training"]
    if training:
        settings["training"] = {
            s.name: _values(s, values[s.parameter_name]) for s in training
        }
    for setting in given:
        if not setting.section:
            settings[setting.name] = _values(setting, values[setting.parameter_name])
    return settings


def _kind(
    section: str,
    mine: list[Setting],
    named: list[str],
    base: Mapping[str, Any] | None,
) -> str | list[str] | None:
    """The kind or kinds that options name or imply; None if they change none."""
    if len(named) > 1:
        return named
    if named:
        return chosen_kind(section, mine, named[0], {})
    if base is None or _names_several(base.get(section)):
        return None
    return chosen_kind(section, mine, None, base)


def _names_several(section: Any) -> bool:
    kind = section.get("kind") if isinstance(section, Mapping) else section
    return isinstance(kind, list)


def _values(setting: Setting, given: Any) -> Any:
    """One value, or the list of values between commas."""
    if not isinstance(given, str) or takes_lists(setting.hint()):
        return setting.parse(given)
    parts = [setting.parse(part) for part in listed(given)]
    if not parts:
        raise ConfigError(
            f"--{setting.flag}: expected a value or several, got {given!r}."
        )
    return parts[0] if len(parts) == 1 else parts
