"""The summary of a sweep: each setting over its seeds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from tinyvae.answer import binomial_interval
from tinyvae.files.result_tables import Cell, ResultTable, rounded
from tinyvae.scores.tables import TO_REPORT

PLACES = (
    "world",
    "objective",
    "network",
    "training",
    "likelihood",
    "members",
    "samples",
)

Row = Mapping[str, Cell]


def summary_table(rows: Sequence[Row]) -> ResultTable:
    """One row for each setting, over its seeds.

    Columns: the settings that differ; seeds done and failed; how often each factor has
    a clear latent of its own, with a 95 % interval; ELBO and the scores to report, mean
    and standard deviation; seconds a run takes. `-`: not measured.
    """
    settings = [name for name in (rows[0] if rows else ()) if is_setting(name)]
    names = [
        name
        for name in settings
        if name == "objective" or len({row[name] for row in rows}) > 1
    ]
    groups: dict[tuple[Cell, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in settings), []).append(row)
    scores = [name for name in TO_REPORT if rows and name in rows[0]]
    columns = (*names, "seeds", "failed", "clear", "95 % interval", "ELBO")
    columns += (*scores, "seconds")
    shown = []
    for group in groups.values():
        done = [row for row in group if row["state"] == "done"]
        failed = sum(row["state"] == "failed" for row in group)
        shown.append(
            (
                *(group[0][name] for name in names),
                f"{len(done)} of {len(group)}",
                failed,
                *_clear(done),
                mean_and_spread(done, "elbo", 1),
                *(mean_and_spread(done, name, 3) for name in scores),
                _seconds(done),
            )
        )
    return ResultTable(columns, tuple(shown), decimals=1)


def is_setting(name: str) -> bool:
    """Whether a column is a setting that is not the seed."""
    return name.partition(".")[0] in PLACES


def is_clear(row: Row) -> bool:
    """Whether every factor that has a verdict is clear, and there is one."""
    factors = row["factors"]
    return bool(factors) and row["clear"] == factors


def _clear(done: Sequence[Row]) -> tuple[Cell, Cell]:
    judged = [row for row in done if row["factors"]]
    if not judged:
        return None, None
    clear = sum(is_clear(row) for row in judged)
    low, high, _ = binomial_interval(clear, len(judged))
    return f"{clear} of {len(judged)}", f"{low:.2f} to {high:.2f}"


def mean_and_spread(rows: Sequence[Row], name: str, decimals: int) -> str | None:
    """Mean and standard deviation (n - 1) of a column; the value alone of one row."""
    values = [float(row[name]) for row in rows if row[name] is not None]  # type: ignore[arg-type]
    if not values:
        return None
    mean = rounded(statistics.fmean(values), decimals)
    if len(values) == 1:
        return mean
    return f"{mean} ± {rounded(statistics.stdev(values), decimals)}"


def _seconds(rows: Sequence[Row]) -> float | None:
    values = [
        float(row["training_seconds"] or 0) + float(row["measuring_seconds"] or 0)
        for row in rows
    ]
    return statistics.fmean(values) if values else None
