"""The summary of a sweep: each setting over its seeds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tinyvae.files.result_tables import Cell, ResultTable, rounded
from tinyvae.knowledge import seen_in_brackets, told_in_brackets
from tinyvae.scores.score import SCORES
from tinyvae.scores.tables import TO_REPORT
from tinyvae.scores.value import Interval
from tinyvae.sweeps.knowledge import KNOWN, known_by, seen_by, told_by
from tinyvae.sweeps.rates import wilson_interval
from tinyvae.sweeps.reaching import Target, reaches_all, seconds_of
from tinyvae.sweeps.text_tables import aligned, split_by_width, without_empty

PLACES = (
    "world", "objective", "network", "training", "likelihood", "members", "samples",
)  # fmt: skip

# columns of the table of members: of the factor that fares worst
SMALLEST_SHARE, SMALLEST_READOUT = "smallest_share", "smallest_readout"

# heads of scores in papers, and where there is less room; MIG alone is that of bins
HEADS = {"mig_nearest": "MIG (nearest)"}
SHORT_HEADS = {**HEADS, "dci_disentanglement": "DCI D"}
FACT_TITLES = {
    name: facts.title
    for one in SCORES.values()
    for name, facts in zip(one.ids, one.facts, strict=True)
}

Row = Mapping[str, Cell]


class Spread(NamedTuple):
    """Mean and standard deviation (n - 1) of the defined values of some members."""

    seeds: int
    mean: float | None
    deviation: float | None
    members: int  # all of them, with those of undefined value

    def __str__(self) -> str:
        return self.text(3)

    def text(self, decimals: int) -> str:
        """`mean ± deviation`; the mean alone of one value, `-` of none.

        With `(1 of 5)` where it rests on 1 of 5 members: undefined values are left
        out, so that such a mean favours settings that find something in few seeds.
        """
        if self.mean is None:
            return "-"
        text = rounded(self.mean, decimals)
        if self.deviation is not None:
            text += f" ± {rounded(self.deviation, decimals)}"
        if self.seeds < self.members:
            text += f" ({self.seeds} of {self.members})"
        return text


@dataclass(frozen=True, eq=False)
class Setting:
    """The members of a sweep that differ only in their seed."""

    settings: Row
    rows: tuple[Row, ...]

    @property
    def done(self) -> list[Row]:
        """Members that were trained and measured."""
        return [row for row in self.rows if row["state"] == "done"]

    @property
    def failed(self) -> int:
        """Number of members that failed."""
        return sum(row["state"] == "failed" for row in self.rows)

    @property
    def judged(self) -> int:
        """Number of members with a verdict on some factor."""
        return sum(bool(row["factors"]) for row in self.done)

    @property
    def clear(self) -> int:
        """Number of members all of whose factors are clear."""
        return sum(map(is_clear, self.done))

    @property
    def clear_share(self) -> float | None:
        """Share of the judged members that are clear, 0 to 1; None without any."""
        return self.clear / self.judged if self.judged else None

    def clear_interval(self) -> Interval | None:
        """95 % interval of the share of seeds that are clear (Wilson)."""
        return wilson_interval(self.clear, self.judged) if self.judged else None

    def on_target(self, target: Target) -> int:
        """Number of judged members that reach all of these values.

        At least, or at most where lower is better.
        """
        return sum(
            bool(row["factors"]) and reaches_all(row, target) for row in self.done
        )

    def spread(self, column: str) -> Spread:
        """Mean and standard deviation of a column over the seeds."""
        return spread_of(row.get(column) for row in self.done)

    def seconds(self) -> Spread:
        """Seconds of a run: its part of the time of its group, and measuring."""
        return spread_of(map(seconds_of, self.done))


@dataclass(frozen=True, eq=False)
class OverSeeds:
    """Each setting of a sweep over its seeds, to be written as a table."""

    settings: tuple[Setting, ...]
    names: tuple[str, ...]  # what differs; the objective; a network that is told
    scores: tuple[str, ...]
    target: Target | None = None

    def data_table(self) -> ResultTable:
        """One row for each setting, with every score: for a program."""
        smallest = (SMALLEST_SHARE, SMALLEST_READOUT)
        measures = ("elbo", "test_elbo", *smallest, *self.scores)
        columns = [*self.names, *KNOWN]
        columns += ["seeds", "done", "failed", "judged", "clear"]
        columns += ["clear_share", "clear_low", "clear_high"]
        if self.target is not None:
            columns += ["on_target", "target_share", "target_low", "target_high"]
        for name in (*measures, "seconds"):
            columns += [f"{name}.mean", f"{name}.sd", f"{name}.seeds"]
        rows = []
        for one in self.settings:
            row: list[Cell] = [one.settings[name] for name in self.names]
            row += known_by(one.settings)
            row += [len(one.rows), len(one.done), one.failed, one.judged, one.clear]
            row += _rate(one.clear, one.judged)
            if self.target is not None:
                reached = one.on_target(self.target)
                row += [reached, *_rate(reached, one.judged)]
            for spread in (*map(one.spread, measures), one.seconds()):
                row += [spread.mean, spread.deviation, spread.seeds]
            rows.append(tuple(row))
        return ResultTable(tuple(columns), tuple(rows))

    def paper_tables(self) -> tuple[ResultTable, ...]:
        """One row for each setting, with the scores to report: as it is read.

        The smallest share stands first, since it is the answer.
        """
        return (self._summary({**FACT_TITLES, **HEADS}),)

    def _summary(self, heads: Mapping[str, str]) -> ResultTable:
        scores = [name for name in TO_REPORT if name in self.scores]
        columns = [*map(_short, self.names), "smallest share", "done", "failed"]
        columns += ["clear", "share clear", "clear, 95 %"]
        if self.target is not None:
            columns += ["on target", "on target, 95 %"]
        columns += ["ELBO", *(heads.get(name, name) for name in scores), "seconds"]
        rows = []
        for one in self.settings:
            interval = one.clear_interval()
            row: list[Cell] = [_shown(name, one.settings) for name in self.names]
            row += [one.spread(SMALLEST_SHARE).text(3)]
            row += [f"{len(one.done)} of {len(one.rows)}", one.failed]
            row += [f"{one.clear} of {one.judged}" if one.judged else None]
            row += [rounded(one.clear_share, 2), _ends(interval)]
            if self.target is not None and one.judged:
                reached = one.on_target(self.target)
                row += [f"{reached} of {one.judged}"]
                row += [_ends(wilson_interval(reached, one.judged))]
            elif self.target is not None:
                row += [None, None]
            row += [one.spread("elbo").text(1)]
            row += [one.spread(name).text(3) for name in scores]
            row += [one.seconds().mean]
            rows.append(tuple(row))
        return ResultTable(tuple(columns), tuple(rows), decimals=1)

    def text(self, width: int | None = None) -> str:
        """The table with short heads, for a terminal of so many columns.

        What no setting has is left out. A wider table goes on below, with the settings
        again.
        """
        shown = without_empty(self._summary({**FACT_TITLES, **SHORT_HEADS}))
        if width is None:
            return aligned(shown)
        parts = split_by_width(shown, len(self.names), width)
        return "\n\n".join(map(aligned, parts))

    def __str__(self) -> str:
        return self.text()


def over_seeds(
    rows: Sequence[Row], scores: Sequence[str], target: Target | None = None
) -> OverSeeds:
    """The members by setting, in the order of first mention."""
    columns = list(rows[0]) if rows else []
    settings = [name for name in columns if is_setting(name)]
    differ = {name for name in settings if len({row[name] for row in rows}) > 1}
    # settings of one objective alone say nothing where that objective has one value
    for name in list(differ):
        if "." in name and len({row[name] for row in rows} - {None}) < 2:
            differ.remove(name)
    if any(told_by(row) for row in rows):
        differ.add("network")
    groups: dict[tuple[Cell, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in settings), []).append(row)
    return OverSeeds(
        tuple(
            Setting(dict(zip(settings, values, strict=True)), tuple(group))
            for values, group in groups.items()
        ),
        tuple(name for name in settings if name == "objective" or name in differ),
        tuple(name for name in scores if name in columns),
        target,
    )


def _rate(count: int, judged: int) -> tuple[float | None, ...]:
    """The share of the judged members, and the ends of its interval."""
    if not judged:
        return (None, None, None)
    interval = wilson_interval(count, judged)
    return (count / judged, interval.low, interval.high)


def is_setting(name: str) -> bool:
    """Whether a column is a setting that is not the seed."""
    return name.partition(".")[0] in PLACES


def is_clear(row: Row) -> bool:
    """Whether every factor that has a verdict is clear, and there is one."""
    factors = row["factors"]
    return bool(factors) and row["clear"] == factors


def spread_of(cells: Iterable[Cell]) -> Spread:
    """Mean and standard deviation of the cells that are numbers.

    >>> spread_of([1.0, None, 3.0]).text(1)
    '2.0 ± 1.4 (2 of 3)'
    """
    every = list(cells)
    values = [float(cell) for cell in every if cell is not None]
    if not values:
        return Spread(0, None, None, len(every))
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(len(values), statistics.fmean(values), deviation, len(every))


def _ends(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval.low:.2f} to {interval.high:.2f}"


def _short(name: str) -> str:
    """`beta` for `objective.beta`."""
    return name.rpartition(".")[2]


def _shown(name: str, settings: Row) -> Cell:
    """A setting as it is read; with what an objective sees, or a network is told."""
    cell = settings[name]
    if name == "objective":
        return f"{cell}{seen_in_brackets(seen_by(settings))}"
    if name == "network":
        return f"{cell}{told_in_brackets(told_by(settings))}"
    return _text(cell)


def _text(cell: Cell) -> Cell:
    return f"{cell:g}" if isinstance(cell, float) else cell
