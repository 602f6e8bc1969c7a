"""Options that derive from the settings: one for each field.

Worlds, objectives and networks are registered with their settings, which are
dataclasses. Each field becomes an option; its help and default come from the class.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, NamedTuple

import typer

from tinyvae.cli.parsing import alternatives, parse_value
from tinyvae.errors import ConfigError
from tinyvae.runs.config import RunConfig
from tinyvae.runs.kinds import DEFAULT_KINDS, KINDS, OWN_SECTIONS
from tinyvae.training.config import TrainingConfig

# types of settings that typer reads; others are given as texts and parsed here
PLAIN_TYPES: dict[frozenset[Any], Any] = {
    frozenset({bool}): bool,
    frozenset({int}): int,
    frozenset({float}): float,
    frozenset({int, float}): float,
}
PANELS = {
    "world": "World",
    "objective": "Objective",
    "network": "Network",
    "training": "Training",
    "": "Training",
}


# the kinds that are meant, the first that fits, where the options given fit several
MEANT = {"network": ("fully-connected", "convolutional"), "objective": ("beta-vae",)}
# what stands for a default that is decided when the pictures are seen
FROM_PICTURES = {"by-size": "by the pictures", "pictures": "as the pictures are"}


class Setting(NamedTuple):
    """A setting that an option can change, in one or several kinds of a section."""

    section: str  # "" for the run itself
    name: str
    flag: str
    owners: Mapping[str, type]  # settings that have it, by their kind

    @property
    def help(self) -> str:
        """Each of its meanings, with the defaults or the kinds that have it."""
        meanings: dict[str, dict[str, type]] = {}
        for kind, owner in self.owners.items():
            text = argument_docs(owner).get(self.name, "")
            meanings.setdefault(text, {})[kind] = owner
        return ". ".join(
            self._meaning(text[:1].upper() + text[1:], owners)
            for text, owners in meanings.items()
        )

    def _meaning(self, text: str, owners: Mapping[str, type]) -> str:
        shown = {
            kind: _default(_field(owner, self.name)) for kind, owner in owners.items()
        }
        known = {kind: value for kind, value in shown.items() if value}
        alone = owners.keys() == self.owners.keys()
        if alone and len(set(known.values())) == 1 and len(known) == len(shown):
            return f"{text} ({next(iter(known.values()))})"
        if known:
            found = {
                kind: value or FROM_PICTURES.get(kind) for kind, value in shown.items()
            }
            listed = "; ".join(
                f"{kind} {value}" for kind, value in found.items() if value
            )
            return f"{text} ({listed})"
        if self.section in KINDS and len(owners) < len(KINDS[self.section]):
            return f"{text} ({', '.join(owners)})"
        return text

    def hint(self, kind: str | None = None) -> Any:
        """Its type in the settings of one kind, or in the first that have it."""
        owner = self.owners.get(kind or "", next(iter(self.owners.values())))
        return typing.get_type_hints(owner)[self.name]

    @property
    def separator(self) -> str:
        """What stands between the parts of a list: a comma, unless parts contain it."""
        owner = next(iter(self.owners.values()))
        return _field(owner, self.name).metadata.get("separator", ",")

    def parse(self, given: Any, kind: str | None = None) -> Any:
        """The value of the option's text, in the settings of one kind.

        Raises: ConfigError if the text does not fit.
        """
        return parse_value(f"--{self.flag}", given, self.hint(kind), self.separator)

    def parameter(self) -> inspect.Parameter:
        """The parameter of a command for it; None if it is not given."""
        choices = {
            choice for kind in self.owners for choice in alternatives(self.hint(kind))
        }
        plain = PLAIN_TYPES.get(frozenset(choices), str)
        repeated = any("Mapping" in str(choice) for choice in choices)
        names = f"--{self.flag}/--no-{self.flag}" if plain is bool else f"--{self.flag}"
        option = typer.Option(
            names, help=self.help, rich_help_panel=PANELS[self.section]
        )
        annotation = list[str] if repeated else plain
        return inspect.Parameter(
            self.parameter_name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[annotation | None, option],
        )

    @property
    def parameter_name(self) -> str:
        """Its name in Python."""
        return self.flag.replace("-", "_")


def argument_docs(settings: type) -> dict[str, str]:
    """The first sentence on each argument in a docstring of settings."""
    _, _, after = (inspect.getdoc(settings) or "").partition("Args:\n")
    block = re.split(r"\n\S", after)[0]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", block, flags=re.MULTILINE)
    texts = {name: " ".join(text.split()) for name, text in found}
    return {
        name: re.split(r"\.(?:\s|$)", text)[0].rstrip(".")
        for name, text in texts.items()
    }


def all_settings() -> list[Setting]:
    """Every setting that has an option.

    If two sections share a name, the option of the later one contains its section.
    """
    found: dict[tuple[str, str], dict[str, type]] = {}
    for section, kinds in KINDS.items():
        for kind, settings in kinds.items():
            for entry in _open_fields(settings):
                found.setdefault((section, entry.name), {})[kind] = settings
    for entry in _open_fields(TrainingConfig):
        found["training", entry.name] = {"": TrainingConfig}
    for entry in _open_fields(RunConfig):
        if entry.name not in (*KINDS, "training"):
            found["", entry.name] = {"": RunConfig}
    taken: set[str] = set()
    settings = []
    for (section, name), owners in found.items():
        flag = name.replace("_", "-")
        if name in taken:
            flag = f"{section}-{flag}"
        taken.add(name)
        settings.append(Setting(section, name, flag, owners))
    return settings


def kind_parameter(section: str) -> inspect.Parameter:
    """The option that chooses a world, an objective or a network."""
    own = ", or module:Class of your own" if section in OWN_SECTIONS else ""
    option = typer.Option(
        f"--{section}",
        help=f"{', '.join(KINDS[section])}{own} ({DEFAULT_KINDS[section]}).",
        rich_help_panel=PANELS[section],
    )
    return inspect.Parameter(
        section,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, option],
    )


def with_settings(
    command: Callable[..., None], sections: Sequence[str] = tuple(PANELS)
) -> Callable[..., None]:
    """The command with an option for every setting, passed as keywords."""
    return with_parameters(
        command,
        [
            *(kind_parameter(section) for section in KINDS if section in sections),
            *(s.parameter() for s in all_settings() if s.section in sections),
        ],
    )


def with_parameters(
    command: Callable[..., None], more: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    """The command with more parameters, passed as keywords."""

    @functools.wraps(command)
    def run(**options: Any) -> None:
        command(**options)

    own = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [
        *(p for p in own if p.kind is not inspect.Parameter.VAR_KEYWORD),
        *more,
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def settings_of(
    values: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Nested settings from the options that were given (not None).

    Args:
        values: of every option, by the name of its parameter.
        base: settings of a file, which the options override.

    Raises: ConfigError if an option does not belong to the kind that was chosen.
    """
    given = [s for s in all_settings() if values.get(s.parameter_name) is not None]
    settings: dict[str, Any] = {}
    for section in KINDS:
        mine = [setting for setting in given if setting.section == section]
        kind = chosen_kind(section, mine, values.get(section), base or {})
        if mine or kind is not None:
            settings[section] = _parsed(mine, values, kind)
            if kind is not None:
                settings[section] = {"kind": kind, **settings[section]}
    training = [setting for setting in given if setting.section == "training"]
    if training:
        settings["training"] = _parsed(training, values, None)
    return settings | _parsed([s for s in given if not s.section], values, None)


def own_options(section: str, kind: str) -> str:
    """A sentence that names the options of this kind; nothing if it has none."""
    own = [
        f"--{setting.flag}"
        for setting in all_settings()
        if setting.section == section and kind in setting.owners
    ]
    return f" It takes {', '.join(own)}." if own else ""


def chosen_kind(
    section: str, given: list[Setting], named: str | None, base: Mapping[str, Any]
) -> str | None:
    """The kind that the options imply; None if they do not change it.

    Raises: ConfigError if no kind, or more than one, has all these options.
    """
    kinds = KINDS[section]
    flags = ", ".join(f"--{setting.flag}" for setting in given)
    if named is not None:
        for setting in given:
            if named in kinds and named not in setting.owners:
                raise ConfigError(
                    f"--{setting.flag}: expected --{section} "
                    f"{' or '.join(setting.owners)} with it, got {named!r}, "
                    f"which has no {setting.name}.{own_options(section, named)}"
                )
        return named
    before = base.get(section)
    if isinstance(before, Mapping):
        before = before.get("kind")
    kind = before if isinstance(before, str) else None  # or else refused later
    kind = kind or DEFAULT_KINDS[section]
    if all(kind in setting.owners for setting in given):
        return None
    fitting = [
        kind for kind in kinds if all(kind in setting.owners for setting in given)
    ]
    meant = [kind for kind in MEANT.get(section, ()) if kind in fitting]
    if meant or len(fitting) == 1:
        return (meant or fitting)[0]
    raise ConfigError(
        f"{flags}: expected --{section} {' or '.join(fitting)} with it, got neither."
        if fitting
        else f"expected options of one {section}, got {flags}: no {section} has "
        "all of them."
    )


def _parsed(
    given: list[Setting], values: Mapping[str, Any], kind: str | None
) -> dict[str, Any]:
    return {s.name: s.parse(values[s.parameter_name], kind) for s in given}


def _open_fields(settings: type) -> list[Field[Any]]:
    """Fields that a user sets: not the kind, nor settings that a run computes."""
    return [
        entry
        for entry in fields(settings)
        if entry.name != "kind" and entry.repr and not entry.metadata.get("found")
    ]


def _field(settings: type, name: str) -> Field[Any]:
    return next(entry for entry in fields(settings) if entry.name == name)


def _default(entry: Field[Any]) -> str:
    value = entry.default
    if value is MISSING or value is None or value in ("", ()):
        return ""
    if isinstance(value, tuple):
        separator = entry.metadata.get("separator", ",")
        return separator.join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
