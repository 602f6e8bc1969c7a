"""The result of a search: its trials, the best one, and the settings of that one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyvae.errors import DataError
from tinyvae.files.result_tables import Cell, ResultTable
from tinyvae.objectives.naming import setting_text
from tinyvae.runs.config import RunConfig, config_to_json
from tinyvae.sweeps.report.commands import leaves
from tinyvae.sweeps.search.ranges import Range
from tinyvae.sweeps.search.spec import SearchSpec
from tinyvae.sweeps.summary import Spread, spread_of
from tinyvae.sweeps.table import SweepTable, load_sweep
from tinyvae.sweeps.text_tables import aligned
from tinyvae.wording import counted

BEST = "best.toml"
DIGITS = 4  # significant, of settings and targets in tables


@dataclass(frozen=True, eq=False)
class SearchTrial:
    """One setting and its members: their target, and its mean over all seeds.

    Args:
        number: from 0, as in Optuna.
        settings: value of each setting that is searched, by its name.
        seeds: of its members.
        identities: of its members, in the ledger.
        targets: of its members; None where one has none.
        reason: why it has no value, if it has none.
    """

    number: int
    settings: Mapping[str, Any]
    seeds: tuple[int, ...]
    identities: tuple[str, ...]
    targets: tuple[float | None, ...]
    reason: str | None = None

    @property
    def spread(self) -> Spread:
        """Mean and standard deviation of the target over the seeds that have one."""
        return spread_of(self.targets)

    @property
    def value(self) -> float | None:
        """Mean of the target over all seeds; None unless every seed has one."""
        return None if self.reason is not None else self.spread.mean

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "number": self.number,
            "settings": dict(self.settings),
            "value": self.value,
            "deviation": self.spread.deviation,
            "targets": dict(zip(map(str, self.seeds), self.targets, strict=True)),
            "reason": self.reason,
            "members": list(self.identities),
        }


@dataclass(frozen=True, eq=False)
class SearchResult(Sequence[SearchTrial]):
    """The trials of a search, in the order in which they were asked for.

    `study` is Optuna's, in memory, for its plots and analyses: its trials have the same
    numbers. `table` has a row for each member, as that of a sweep.
    """

    spec: SearchSpec
    trials: tuple[SearchTrial, ...]
    folder: Path
    study: Any  # optuna.Study

    def __len__(self) -> int:
        return len(self.trials)

    def __getitem__(self, place: Any) -> Any:
        return self.trials[place]

    def __iter__(self) -> Iterator[SearchTrial]:
        return iter(self.trials)

    @property
    def table(self) -> SweepTable:
        """The members of the folder."""
        return load_sweep(self.folder)

    def ranked(self) -> list[SearchTrial]:
        """The trials, best first; of equal ones the earlier; those without value last.

        A setting that was suggested several times stands there once.
        """
        sign = -1 if self.spec.target.maximise else 1
        different = {trial.identities: trial for trial in reversed(self.trials)}

        def rank(trial: SearchTrial) -> tuple[bool, float, int]:
            value = trial.value
            return value is None, sign * (value or 0.0), trial.number

        return sorted(different.values(), key=rank)

    @property
    def best(self) -> SearchTrial:
        """The best trial.

        Raises: DataError if no trial has a value.
        """
        first = self.ranked()[0] if self.trials else None
        if first is None or first.value is None:
            why = "there is none" if first is None else f"of the first: {first.reason}"
            raise DataError(f"expected a trial with a value, got none ({why}).")
        return first

    @property
    def ties(self) -> int:
        """Number of other settings whose value is that of the best."""
        return sum(one.value == self.best.value for one in self.ranked()) - 1

    def best_config(self, seed: int | None = None) -> RunConfig:
        """The settings of a run of the best trial, by default with its first seed."""
        block = self.spec.block(self.best.settings)
        if seed is not None:
            block = type(block)(**{**vars(block), "seeds": (seed,)})
        return next(block.configs())

    def best_toml(self) -> str:
        """The settings of the best trial, as a file for `--config` of train and sweep.

        Those that are the default are left out.
        """
        usual = dict(leaves(config_to_json(RunConfig())))
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in leaves(config_to_json(self.best_config()))
            if name != "seed" and value is not None and usual.get(name) != value
        ]
        return "\n".join(lines)

    def fresh_seeds(self, count: int = 20) -> str:
        """Seeds that had no part in the search, as a command takes them."""
        first = max(self.spec.seeds) + 1
        return f"{first}:{first + count}"

    def data_table(self) -> ResultTable:
        """One row for each trial, in the order in which they were asked for."""
        names = [parameter.name for parameter in self.spec.parameters]
        columns = ("trial", *names, "value", "deviation", "seeds", "measured", "reason")
        rows = []
        for one in self.trials:
            cells: list[Cell] = [_cell(one.settings.get(name)) for name in names]
            spread = one.spread
            rows.append(
                (one.number, *cells, one.value, spread.deviation, len(one.seeds),
                 spread.seeds, one.reason)
            )  # fmt: skip
        return ResultTable(columns, tuple(rows))

    def paper_tables(self, most: int | None = None) -> tuple[ResultTable, ...]:
        """The trials, best first, as they are to be read."""
        names = [parameter.name for parameter in self.spec.parameters]
        titles = [short_names(self.spec)[name] for name in names]
        columns = ("trial", *titles, self.spec.target.heading, "seeds")
        rows = []
        for one in self.ranked()[:most]:
            cells: list[Cell] = [
                value_text(one.settings[n]) if n in one.settings else None
                for n in names
            ]
            seeds = f"{one.spread.seeds} of {len(one.seeds)}"
            result = spread_text(one.spread) if one.reason is None else "none"
            rows.append((one.number, *cells, result, seeds))
        return (ResultTable(columns, tuple(rows), caption=self.summary()),)

    def to_frame(self) -> Any:
        """One row for each trial, as a pandas DataFrame.

        Raises: DataError if pandas is not installed.
        """
        return self.data_table().to_frame()

    def summary(self) -> str:
        """One line: how many trials, of how many different settings, and the target."""
        different = len({trial.identities for trial in self.trials})
        return (
            f"{counted(len(self.trials), 'trial')}, "
            f"{counted(different, 'different setting')}, "
            f"{counted(len(self.spec.seeds), 'seed')} each; "
            f"{self.spec.target.how_chosen}"
        )

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"SearchResult({str(self.folder)!r}, {len(self)} trials)\n{self}"

    def text(self, most: int | None = None) -> str:
        """The table of the trials, best first, and a line on what was searched."""
        (table,) = self.paper_tables(most)
        lines = [self.summary(), "", aligned(table)]
        left = len({trial.identities for trial in self.trials}) - len(table.rows)
        if left > 0:
            lines.append(f"and {counted(left, 'setting')} more")
        return "\n".join(lines)


def trial_text(trial: SearchTrial, spec: SearchSpec) -> str:
    """`trial 3: beta 4.1, latents 5: smallest share 0.612 ± 0.104 (5 seeds)`."""
    names = short_names(spec)
    settings = ", ".join(
        f"{names[name]} {value_text(value)}" for name, value in trial.settings.items()
    )
    if trial.reason is not None:
        return f"trial {trial.number}: {settings}: no value: {trial.reason}"
    return (
        f"trial {trial.number}: {settings}: {spec.target.heading} "
        f"{spread_text(trial.spread)} ({counted(len(trial.seeds), 'seed')})"
    )


def short_names(spec: SearchSpec) -> dict[str, str]:
    """`beta` of `objective.beta`, where no other searched setting has that name."""
    names = [parameter.name for parameter in spec.parameters]
    last = [name.rpartition(".")[2].replace("_", " ") for name in names]
    return {
        name: short if last.count(short) == 1 else name
        for name, short in zip(names, last, strict=True)
    }


def value_text(value: Any) -> str:
    """A setting as it is read, with four digits."""
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    if isinstance(value, list):
        return ",".join(map(setting_text, value))
    return setting_text(value)


def spread_text(spread: Spread) -> str:
    """Mean and deviation with as many decimals as their size needs."""
    size = abs(spread.mean or 0.0)
    return spread.text(3 if size < 10 else 2 if size < 1000 else 1)


def range_text(spec: SearchSpec) -> str:
    """What is searched: `beta 1 to 16 (log), activation relu or silu`."""
    names = short_names(spec)
    parts = []
    for one in spec.parameters:
        if isinstance(one, Range):
            log = " (log)" if one.log else ""
            step = f" in steps of {one.step:g}" if one.step is not None else ""
            what = f"{one.low:g} to {one.high:g}{step}{log}"
        else:
            what = " or ".join(map(value_text, one.values))
        parts.append(f"{names[one.name]} {what}")
    return ", ".join(parts)


def _cell(value: Any) -> Cell:
    return json.dumps(value) if isinstance(value, list | tuple | bool) else value
