"""How often 95 % intervals of scores hold the truth, at 300, 1000 and 5000 rows.

    python benchmarks/coverage.py --rows coverage.jsonl --out coverage.md

For each kind of codes, score and number of rows: 200 samples, each with its interval
(`tinyvae.scores.uncertainty.with_intervals`), and the truth: the mean score of four
samples of 50 000 rows. Each sample is one line of --rows; a run that was stopped goes
on where it ended. The work is shared by --processes, each of one thread.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is imported

import numpy as np

from bias import KINDS
from machine import markdown_table
from tinyvae.files.whole import write_whole
from tinyvae.scores import SCORES, uncertainty
from tinyvae.scores.suite import ORDER

ROWS = 300, 1000, 5000
REPETITIONS = 200
NUM_HALVES = 20
TRUE_ROWS, TRUE_SAMPLES = 50_000, 4
WANTED = 0.9
CHOSEN = ("turned 20, noise .2",)

Job = tuple[str, str, int, int]  # kind, score, rows (0: the truth), repetition


def jobs(
    kinds: tuple[str, ...],
    repetitions: int,
    names: tuple[str, ...] = ORDER,
    sizes: tuple[int, ...] = ROWS,
) -> Iterator[Job]:
    """Every sample to be scored: the truth first, then repetition by repetition."""
    for kind in kinds:
        for name in names:
            for repetition in range(TRUE_SAMPLES):
                yield kind, name, 0, repetition
    for repetition in range(repetitions):
        for kind in kinds:
            for num_rows in sizes:
                for name in names:
                    yield kind, name, num_rows, repetition


def measured(job: Job) -> dict[str, Any]:
    """One line: the values, and the intervals where there are any."""
    kind, name, num_rows, repetition = job
    sample = KINDS[kind]
    line = {"kind": kind, "name": name, "rows": num_rows, "repetition": repetition}
    if num_rows == 0:
        rng = np.random.default_rng(1_000_000 + repetition)
        scored = SCORES[name].scores(*sample(TRUE_ROWS, rng))
        return line | {"values": [plain(score.value) for score in scored]}
    rng = np.random.default_rng(1000 * num_rows + repetition)
    codes, factors = sample(num_rows, rng)
    with patch.dict(uncertainty.FEWEST_ROWS_OF, clear=True):  # measured all the same
        scored = uncertainty.with_intervals(name, codes, factors, num_halves=NUM_HALVES)
    return line | {
        "values": [plain(score.value) for score in scored],
        "intervals": [score.interval and list(score.interval[:2]) for score in scored],
    }


def plain(value: float) -> float | None:
    """The value as JSON has it: null where it is undefined."""
    return None if np.isnan(value) else float(value)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines that are whole; a line that was cut off is left out."""
    lines = []
    for text in path.read_text().splitlines() if path.exists() else ():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines


def measure(path: Path, todo: list[Job], processes: int) -> None:
    """Score every job that has no line yet, and append its line."""
    from multiprocessing import get_context

    done = {
        (line["kind"], line["name"], line["rows"], line["repetition"])
        for line in read(path)
    }
    left = [job for job in todo if job not in done]
    with get_context("spawn").Pool(processes) as pool, path.open("a") as file:
        file.write("\n" if done else "")  # after a line that may have been cut off
        for number, line in enumerate(pool.imap_unordered(measured, left), 1):
            file.write(json.dumps(line) + "\n")
            file.flush()
            if number % 500 == 0:
                print(f"{number} of {len(left)}", flush=True)


def table(lines: list[dict[str, Any]], kinds: tuple[str, ...]) -> tuple[str, int, int]:
    """Coverage as Markdown, and how many of how many are at least 90 %."""
    head = ["score", *(f"{kind}: {rows}" for kind in kinds for rows in ROWS)]
    body, enough, offered = [], 0, 0
    for name in ORDER:
        for place, facts in enumerate(SCORES[name].facts):
            cells = []
            for kind in kinds:
                mine = [x for x in lines if x["name"] == name and x["kind"] == kind]
                for rows in ROWS:
                    rate = coverage(mine, rows, place)
                    given = rows >= uncertainty.FEWEST_ROWS_OF.get(name, 0.0)
                    cell = "-" if rate is None else f"{rate:.2f}"
                    cells.append(cell if given else f"({cell})")
                    offered += given and rate is not None
                    enough += given and rate is not None and rate >= WANTED
            body.append([facts.title, *cells])
    return markdown_table(head, body), enough, offered


def coverage(lines: list[dict[str, Any]], rows: int, place: int) -> float | None:
    """Share of intervals that hold the truth; None where there are none.

    Samples of which the score is undefined have no interval, and do not count.
    """
    truths = [line["values"][place] for line in lines if line["rows"] == 0]
    known = [truth for truth in truths if truth is not None]
    pairs = [
        line["intervals"][place]
        for line in lines
        if line["rows"] == rows and "intervals" in line
    ]
    pairs = [pair for pair in pairs if pair is not None]
    if not known or not pairs:
        return None
    truth = np.mean(known)
    slack = 1e-9 + 2 * np.std(known) / np.sqrt(len(known))  # the truth is a sample too
    return float(np.mean([low - slack <= truth <= high + slack for low, high in pairs]))


def main() -> None:
    """Measure what is missing, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="lines of the samples")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="*", default=ROWS, choices=ROWS)
    parser.add_argument("--scores", nargs="*", default=ORDER, choices=ORDER)
    parser.add_argument("--kinds", nargs="*", default=CHOSEN, choices=list(KINDS))
    options = parser.parse_args()
    kinds = tuple(options.kinds)
    names = tuple(options.scores)
    todo = list(jobs(kinds, options.repetitions, names, tuple(options.sizes)))
    measure(options.rows, todo, options.processes)
    text, enough, offered = table(read(options.rows), kinds)
    if options.out is not None:
        head = "# Coverage of the 95 % intervals of scores\n\n"
        note = (
            f"\n\nShare of {options.repetitions} samples whose interval holds the "
            f"truth (the mean of {TRUE_SAMPLES} samples of {TRUE_ROWS} rows), with "
            f"{NUM_HALVES} halves each. {enough} of the {offered} intervals that are "
            "offered hold it in 0.90 of samples or more. Those in brackets are not "
            "offered (`FEWEST_ROWS_OF`).\n"
        )
        write_whole(options.out, (head + text + note).encode())


if __name__ == "__main__":
    main()
