"""Configuration: the keyword arguments of a run, read from and written to files.

The dataclasses that use the settings define them; nothing is defined twice. Reading
checks every key and type, and names the nearest key where one is unknown.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from tinyvae.errors import ConfigError
from tinyvae.models.fully_connected import NetworkConfig
from tinyvae.objectives import ELBO, OBJECTIVES, AnnealedTC, BetaVAE
from tinyvae.training.stretches import TrainingConfig
from tinyvae.worlds import Circles

AnyObjective = Annotated[ELBO | BetaVAE | AnnealedTC, Field(discriminator="kind")]


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides the result of a run.

    Args:
        world: what is drawn.
        objective: what training maximises.
        network: shape of encoder and decoder.
        training: how long and how fast.
        seed: all random numbers come from it.
        members: how many VAEs of different weights and minibatches start together; the
            one with the lowest loss in the objective's selection window trains on
            alone. No factor enters.
        samples: train on so many randomly drawn pictures, four fifths for training
            and one fifth for the test ELBO; None draws afresh at each step.

    Raises: ValueError if a number is out of range.
    """

    world: Circles = field(default_factory=Circles)
    objective: AnyObjective = field(default_factory=AnnealedTC)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    seed: int = 0
    members: int = 4
    samples: int | None = None

    def __post_init__(self):
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"expected a seed of 0 to 2^32 - 1, got {self.seed}.")
        if self.members < 1:
            raise ValueError(f"expected at least 1 member, got {self.members}.")
        if self.samples is not None and self.samples < 10:
            raise ValueError(
                f"expected at least 10 samples, got {self.samples}. "
                "Leave samples out to draw afresh at each step."
            )


ADAPTER = TypeAdapter(RunConfig)


def config_to_json(config: RunConfig) -> dict[str, Any]:
    """The configuration as plain JSON types."""
    return ADAPTER.dump_python(config, mode="json")


def config_from_mapping(settings: Mapping[str, Any]) -> RunConfig:
    """The configuration that a nested mapping describes; what is left out is default.

    Raises: ConfigError on an unknown key, a wrong type or a value out of range.
    """
    settings = {**settings}
    if isinstance(settings.get("objective"), str):
        settings["objective"] = {"kind": settings["objective"]}
    elif isinstance(objective := settings.get("objective"), Mapping):
        settings["objective"] = {"kind": "annealed-tc", **objective}
    check_keys(settings)
    try:
        return ADAPTER.validate_python(settings)
    except ValidationError as error:
        raise ConfigError(_first_problem(error)) from None


def check_keys(settings: Mapping[str, Any]) -> None:
    """Refuse unknown keys, naming the nearest known one."""
    defaults = RunConfig()
    _check_names("", settings, RunConfig)
    for name, value in settings.items():
        section = getattr(defaults, name)
        if name == "objective" and isinstance(value, Mapping):
            kind = value.get("kind")
            if not isinstance(kind, str) or kind not in OBJECTIVES:
                raise ConfigError(
                    f"expected an objective among {', '.join(OBJECTIVES)}, "
                    f"got {kind!r}.{_nearest(str(kind), OBJECTIVES)}"
                )
            _check_names("objective.", value, OBJECTIVES[kind])
        elif is_dataclass(section):
            if not isinstance(value, Mapping):
                raise ConfigError(
                    f"{name}: expected a table of settings, got {value!r}."
                )
            _check_names(f"{name}.", value, type(section))


def _check_names(prefix: str, settings: Mapping[str, Any], section: type) -> None:
    known = [entry.name for entry in fields(section)]
    for name, value in settings.items():
        if name not in known:
            raise ConfigError(
                f"unknown setting {prefix + name!r}: expected one of "
                f"{', '.join(known)}.{_nearest(name, known)}"
            )
        if isinstance(value, bool):  # which Python would take for 0 or 1
            raise ConfigError(f"{prefix + name}: expected no truth value, got {value}.")


def _nearest(name: str, known) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    known = {section.kind for section in (ELBO(), BetaVAE(), AnnealedTC())}
    where = ".".join(str(part) for part in problem["loc"] if part not in known)
    if problem["type"] == "value_error":  # raised by our own dataclass
        message = str(problem.get("ctx", {})["error"])
        return f"{where}: {message}" if where else message
    return f"{where}: {problem['msg'].lower()}, got {problem['input']!r}."


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
    """`base` with every leaf of `changes` laid over it.

    An objective of another kind replaces the whole objective.

    Raises: ConfigError if a table is laid over something else.

    >>> merged({"training": {"steps": 10}}, {"training": {"batch_size": 4}})
    {'training': {'steps': 10, 'batch_size': 4}}
    """
    result = dict(base)
    for name, value in changes.items():
        old = result.get(name)
        if name == "objective" and isinstance(old, str):
            old = {"kind": old}
        if isinstance(value, Mapping) and not isinstance(old, Mapping | None):
            raise ConfigError(f"{name}: expected a table of settings, got {old!r}.")
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            other_kind = "kind" in value and value["kind"] != old.get("kind")
            result[name] = dict(value) if other_kind else merged(old, value)
        else:
            result[name] = value
    return result


def parse_assignment(text: str) -> dict[str, Any]:
    """The nested setting that `a.b=c` describes; c is TOML, or else a bare word.

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
