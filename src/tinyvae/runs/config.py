"""Configuration: the keyword arguments of a run, read from and written to files.

The dataclasses that use the settings define them; nothing is defined twice. Reading
checks every key and type, and suggests the nearest key for an unknown one.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from tinyvae.errors import ConfigError
from tinyvae.models import LIKELIHOODS, BySize
from tinyvae.models.by_size import check_network
from tinyvae.models.likelihoods import LikelihoodKind
from tinyvae.objectives import RECIPE
from tinyvae.objectives.objective import check_objective
from tinyvae.runs.kinds import (
    DEFAULT_KINDS,
    KINDS,
    by_kind,
    check_kind,
    settings_type,
)
from tinyvae.training.config import TrainingConfig, check_training
from tinyvae.wording import nearest
from tinyvae.worlds import Circles
from tinyvae.worlds.world import check_world

if TYPE_CHECKING:
    from tinyvae.models.vae import Network
    from tinyvae.objectives import Objective
    from tinyvae.worlds import World

    AnyWorld: TypeAlias = World
    AnyObjective: TypeAlias = Objective
    AnyNetwork: TypeAlias = Network | BySize
if not TYPE_CHECKING:
    AnyWorld, AnyObjective, AnyNetwork = map(by_kind, KINDS)


@dataclass(frozen=True)
class RunConfig:
    """Everything that determines the result of a run.

    Args:
        world: source of the pictures.
        objective: what training minimises.
        network: shape of encoder and decoder; by default chosen by the size of the
            pictures.
        training: length and speed of training.
        likelihood: distribution of the pixels: bernoulli, continuous-bernoulli or
            gaussian; by default chosen from the pixels.
        seed: determines all random numbers.
        members: number of VAEs that start together; the best by its loss is kept,
            without labels. It is the one with the lowest loss in the objective's
            selection window.
        samples: train on this number of fixed pictures, at least 10 (4/5 train, 1/5
            test). None draws new pictures at each step.

    Raises: ValueError if a number is out of range.
    """

    world: AnyWorld = field(default_factory=Circles)
    objective: AnyObjective = RECIPE
    network: AnyNetwork = field(default_factory=BySize)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    likelihood: LikelihoodKind | None = None
    seed: int = 0
    members: int = 4
    samples: int | None = None

    def __post_init__(self):
        check_world(self.world)
        check_objective(self.objective)
        check_kind("objective", self.objective)
        check_network(self.network)
        check_training(self.training)
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"expected a seed of 0 to 2^32 - 1, got {self.seed}.")
        if self.members < 1:
            raise ValueError(f"expected at least 1 member, got {self.members}.")
        if self.samples is not None and self.samples < 10:
            raise ValueError(
                f"expected at least 10 samples, got {self.samples}. "
                "Leave samples out to draw new pictures at each step."
            )
        if self.likelihood is not None and self.likelihood not in LIKELIHOODS:
            raise ValueError(
                f"expected a likelihood among {', '.join(LIKELIHOODS)}, "
                f"got {self.likelihood!r}."
            )


ADAPTER = TypeAdapter(RunConfig)
# problems that pydantic finds, and what was expected instead
EXPECTED = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list",
    "list_type": "a list",
}
TYPE_NAMES = {"int", "float", "bool", "str", "none"}


def config_to_json(config: RunConfig) -> dict[str, Any]:
    """The configuration as plain JSON types."""
    return ADAPTER.dump_python(config, mode="json")


def config_from_mapping(settings: Mapping[str, Any]) -> RunConfig:
    """The configuration of a nested mapping; missing settings take their defaults.

    Raises: ConfigError on an unknown key, a wrong type or a value out of range.
    """
    settings = {**settings}
    for name in KINDS.keys() & settings.keys():
        settings[name] = with_kind(name, settings[name])
    check_keys(settings)
    try:
        return ADAPTER.validate_python(settings)
    except ValidationError as error:
        raise ConfigError(_first_problem(error)) from None


def with_kind(name: str, section: Any) -> Any:
    """A section of settings with its kind; a single word is a kind.

    Settings of a network without a kind are those of a fully connected one, unless
    they only give the number of latents.
    """
    if isinstance(section, str):
        return {"kind": section}
    if not isinstance(section, Mapping):
        return section
    default = DEFAULT_KINDS[name]
    if name == "network" and not set(section) <= {"latents", "kind"}:
        default = "fully-connected"
    return {"kind": default, **section}


def check_keys(settings: Mapping[str, Any]) -> None:
    """Refuse unknown keys, suggesting the nearest known one."""
    _check_names("", settings, RunConfig)
    for name, section in settings.items():
        if name not in KINDS and name != "training":
            continue
        if not isinstance(section, Mapping):
            raise ConfigError(f"{name}: expected a table of settings, got {section!r}.")
        owner = TrainingConfig
        if name != "training":
            owner = settings_type(name, section.get("kind"))
        _check_names(f"{name}.", section, owner)


def _check_names(prefix: str, settings: Mapping[str, Any], section: type) -> None:
    known = {entry.name: str(entry.type) for entry in fields(section) if entry.repr}
    if prefix.rstrip(".") in KINDS:
        known.setdefault("kind", "str")
    for name, value in settings.items():
        if name not in known:
            hint = nearest(name, known)
            value = getattr(section, name, None)
            if name != "title" and isinstance(value, bool | int | float | str | tuple):
                kind = type(value).__name__
                hint = f" {name} has no type: write {name}: {kind} = {value!r}."
            raise ConfigError(
                f"unknown setting {prefix + name!r}: expected one of "
                f"{', '.join(known)}.{hint}"
            )
        # Python would treat a boolean as 0 or 1
        if isinstance(value, bool) and "bool" not in known[name]:
            raise ConfigError(f"{prefix + name}: expected no boolean, got {value}.")


def _first_problem(error: ValidationError) -> str:
    problem, *others = error.errors(include_url=False)
    where = _place(problem)
    if problem["type"] == "value_error":  # from one of our dataclasses
        message = str(problem.get("ctx", {})["error"])
        return f"{where}: {message}" if where else message
    if _expected(problem) is None:
        return f"{where}: {problem['msg'].lower()}, got {problem['input']!r}."
    # a setting that may have several types has a problem for each
    same = [problem, *(other for other in others if _place(other) == where)]
    choices = dict.fromkeys(filter(None, map(_expected, same)))
    return f"{where}: expected {' or '.join(choices)}, got {problem['input']!r}."


def _place(problem: Any) -> str:
    """Where a problem is, such as `objective.beta`, without kinds and types."""
    known = {kind for kinds in KINDS.values() for kind in kinds}
    path = [part for part in problem["loc"] if part not in known]
    return ".".join(str(part) for part in path if not _is_type(part))


def _expected(problem: Any) -> str | None:
    """What was expected instead; None where pydantic's own words must do."""
    if problem["type"] == "literal_error":
        return str(problem["ctx"]["expected"])
    return EXPECTED.get(problem["type"])


def _is_type(part: Any) -> bool:
    """Whether a part of the path of a problem is a type, and not a name."""
    return isinstance(part, str) and (part in TYPE_NAMES or "[" in part)


def read_config_file(path: Path) -> dict[str, Any]:
    """Settings of a TOML file, or of a JSON file such as a run's `config.json`.

    Raises: ConfigError if the file cannot be read or is not TOML (or JSON).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the configuration {path}: {error}.") from None
    try:
        settings = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"{path}: {str(error).rstrip('.')}.") from None
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: expected a table of settings, got {settings!r}.")
    settings.pop("format", None)
    return settings


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base`, with every leaf of `changes` in place of its own.

    A section of another kind replaces the whole section, whose kind it names: settings
    of one kind mean nothing to another. Settings that name no kind are kept.

    Raises: ConfigError if a table would replace something else.

    >>> merged({"training": {"steps": 10}}, {"training": {"batch_size": 4}})
    {'training': {'steps': 10, 'batch_size': 4}}
    """
    result = dict(base)
    for name, value in changes.items():
        old = result.get(name)
        if name in KINDS and isinstance(old, str):
            old = {"kind": old}
        if isinstance(value, Mapping) and not isinstance(old, Mapping | None):
            raise ConfigError(f"{name}: expected a table of settings, got {old!r}.")
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            other_kind = {"kind"} <= old.keys() & value.keys() and (
                value["kind"] != old["kind"]
            )
            result[name] = dict(value) if other_kind else merged(old, value)
        else:
            result[name] = value
    return result


def parse_assignment(text: str) -> dict[str, Any]:
    """The nested setting of `a.b=c`; c is TOML, or else a single word.

    >>> parse_assignment("training.steps=100")
    {'training': {'steps': 100}}
    >>> parse_assignment("objective.kind=vae")
    {'objective': {'kind': 'vae'}}

    Raises: ConfigError if there is no equals sign.
    """
    path, equals, literal = text.partition("=")
    if not equals or not path.strip():
        raise ConfigError(
            f"expected a setting of the form a.b=value, got {text!r}. "
            "For example: --set training.steps=100."
        )
    try:
        value: Any = tomllib.loads(f"value = {literal}")["value"]
    except tomllib.TOMLDecodeError:
        value = literal.strip()
    for name in reversed(path.strip().split(".")):
        value = {name: value}
    return value
