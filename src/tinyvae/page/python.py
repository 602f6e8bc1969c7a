"""Python that trains a run again, as the page shows it."""

from __future__ import annotations

import textwrap
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from tinyvae.models import BySize
from tinyvae.models.likelihoods import likelihood_kind
from tinyvae.own import is_own
from tinyvae.page.world import OF_PYTHON
from tinyvae.runs.config import RunConfig
from tinyvae.runs.opened import chosen_network, has_default_rate
from tinyvae.runs.run import Run
from tinyvae.training.config import TrainingConfig
from tinyvae.worlds.world import SettlesSettings

LONGEST_LINE = 76
# what a world finds out from its files; nobody writes it down
FOUND_OUT = ("fingerprint", "offsets", "scales")


def python_lines(run: Run) -> str:
    """Python that trains the same run again."""
    config, default = run.config, RunConfig()
    parts = [call(config.world), call(config.objective)]
    if not _is_chosen_by_size(run):
        parts.append(f"network={call(config.network)}")
    training = without_default_rate(config)
    if training != default.training:
        parts.append(f"training={call(training)}")
    names = ["seed", "members", "samples"]
    chosen = likelihood_kind(run.population.pixels)
    if config.likelihood not in (None, chosen):
        names.append("likelihood")
    parts += [
        f"{name}={getattr(config, name)!r}"
        for name in names
        if getattr(config, name) != getattr(default, name)
    ]
    lines = "".join(f"    {_broken(part)},\n" for part in parts)
    made = f"tv.train(\n{lines})"
    if "likelihood" in names:  # which `train` leaves to the pixels
        made = f"tv.run_experiment(tv.RunConfig(\n{lines}))"
    own = "# Give the path of your own pictures (and labels).\n"
    first = own if isinstance(config.world, SettlesSettings) else ""
    imports = "".join(
        f"from {type(own).__module__} import {type(own).__name__}\n"
        for own in (config.world, config.objective)
        if is_own(own.kind) and type(own).__module__ != "__main__"
    )
    return f"import tinyvae as tv\n{imports}\n{first}run = {made}\nrun.answer"


def _broken(part: str) -> str:
    """A long call with an argument a line."""
    name, bracket, arguments = part.partition("(")
    if len(part) <= LONGEST_LINE or not bracket:
        return part
    inner = textwrap.wrap(arguments[:-1], LONGEST_LINE, break_long_words=False)
    return "\n".join([f"{name}(", *(f"        {line}" for line in inner), "    )"])


def without_default_rate(config: RunConfig) -> TrainingConfig:
    """The training, without a learning rate that is the default."""
    if has_default_rate(config):
        return replace(config.training, learning_rate=None)
    return config.training


def _is_chosen_by_size(run: Run) -> bool:
    config = run.config
    if isinstance(config.network, BySize):
        return config.network == BySize()
    undecided = replace(config, network=BySize())
    return config.network == chosen_network(undecided, run.world, run.population)


def call(setting: Any) -> str:
    """The call that makes a setting: what it needs, and what is not the default."""
    default = _default(type(setting))
    given = [
        f"{entry.name}={_text(entry.name, getattr(setting, entry.name))}"
        for entry in fields(setting)
        if entry.init
        and entry.repr
        and getattr(setting, entry.name) != default.get(entry.name, MISSING)
        and not (entry.name in FOUND_OUT and isinstance(setting, SettlesSettings))
    ]
    home = "" if is_own(getattr(setting, "kind", "")) else "tv."
    return f"{home}{type(setting).__name__}({', '.join(given)})"


def _default(kind: Any) -> dict[str, Any]:
    """Settings where none is given: of the object, or of the fields that have one.

    Some objects fill in what is left out, so that the two are not the same.
    """
    optional = [f for f in fields(kind) if f.default is not MISSING]
    made = [f for f in fields(kind) if f.default_factory is not MISSING]
    if len(optional) + len(made) == len(fields(kind)):
        return {f.name: getattr(kind(), f.name) for f in fields(kind)}
    return {f.name: f.default for f in optional}


def _text(name: str, value: Any) -> str:
    """A value as Python; of a path only the name, since a page is passed on.

    Arrays stand under their setting's name, for a person to put theirs.
    """
    if isinstance(value, str) and OF_PYTHON.fullmatch(value):
        return name
    if isinstance(value, str) and Path(value).is_absolute():
        return repr(Path(value).name)
    return repr(value)
