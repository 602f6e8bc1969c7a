"""Shared by the studies: run an arm on a seed, log it, and read the log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

import tinyvae as tv
from tinyvae.answer import Answer, binomial_interval

RESULTS = Path(__file__).parent / "results"
SHARE_TARGET, READOUT_TARGET = 0.99, 0.97

Row = dict[str, Any]


def answer_row(answer: Answer) -> Row:
    """The figures of one answer, in the form of the log."""
    ica = answer.measurement.after_ica
    row: Row = {
        "verdict": answer.verdict,
        "verdicts": [match.verdict for match in answer.matches],
        "share": rounded(matched(answer, answer.share)),
        "readout": rounded(matched(answer, answer.readout)),
        "ica_share": rounded(ica.matched_share),
        "ica_readout": rounded(ica.matched_readout),
        "rotation_share": rounded(answer.measurement.after_rotation.matched_share),
    }
    if answer.fit is not None:
        row |= {name: round(value, 4) for name, value in vars(answer.fit).items()}
    if (other := answer.independent_coordinates) is not None:
        row |= {
            "coordinates": list(other.axes.factors),
            "coordinates_verdict": other.verdict,
            "coordinates_share": rounded([match.share for match in other.matches]),
            "coordinates_readout": rounded([match.readout for match in other.matches]),
        }
    return row


def matched(answer: Answer, matrix: np.ndarray) -> list[float]:
    """The entry of each factor's own latent; 0 where it has none."""
    return [
        0.0 if match.latent is None else float(matrix[match.latent, factor])
        for factor, match in enumerate(answer.matches)
    ]


def rounded(values: Iterable[float]) -> list[float]:
    """Four decimals; an undefined value counts as 0."""
    return [round(float(np.nan_to_num(value)), 4) for value in values]


def run_row(config: tv.RunConfig) -> Row:
    """Train, answer, and log every member."""
    started = time.perf_counter()
    run = tv.run_experiment(config)
    row = answer_row(run.answer) | {"seconds": round(time.perf_counter() - started, 2)}
    row["members"] = [
        {
            "chosen": member.chosen,
            "selection_loss": round(member.selection_loss or float("nan"), 4),
            "worst_share": min(matched(member.answer, member.answer.share)),
        }
        for member in run.members
        if member.answer is not None
    ]
    return row


def run_all(
    log: Path, arms: dict[str, Callable[[int], Row]], seeds: Iterable[int]
) -> list[Row]:
    """Run every arm on every seed that is missing in the log; append to the log."""
    log.parent.mkdir(exist_ok=True)
    rows = read_log(log)
    done = {(row["arm"], row["seed"]) for row in rows}
    for name, run in arms.items():
        for seed in seeds:
            if (name, seed) in done:
                continue
            row = {"arm": name, "seed": seed, **run(seed)}
            rows.append(row)
            with log.open("a") as stream:
                stream.write(json.dumps(row) + "\n")
            print(name, seed, row["verdict"], row["share"], flush=True)
    return rows


def read_log(log: Path) -> list[Row]:
    """The rows of a log, empty if there is no log yet."""
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text().splitlines()]


def of_arm(rows: list[Row], arm: str) -> list[Row]:
    """The rows of one arm, by seed."""
    return sorted((r for r in rows if r["arm"] == arm), key=lambda row: row["seed"])


def seeds_on_target(rows: list[Row], share: str, readout: str) -> str:
    """`k of n` seeds with every share and readout on target, and a 95 % interval."""
    good = sum(
        min(row[share]) >= SHARE_TARGET and min(row[readout]) >= READOUT_TARGET
        for row in rows
    )
    interval = binomial_interval(good, len(rows))
    return f"{good} of {len(rows)} ({interval.low:.2f} to {interval.high:.2f})"


def span(values: Iterable[float], decimals: int = 3) -> str:
    """`median (minimum to maximum)`."""
    values = list(values)
    return (
        f"{np.median(values):.{decimals}f} "
        f"({min(values):.{decimals}f} to {max(values):.{decimals}f})"
    )
