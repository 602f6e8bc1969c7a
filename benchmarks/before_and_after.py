"""Training speed of another checkout of tinyvae against this one, in paired turns.

    git worktree add ../before 8cdc432
    python benchmarks/before_and_after.py ../before --turns 60

Each checkout trains in its own process, and a third process runs the other checkout
again: its ratio shows the noise. All compile first. Then they take short turns of the
same number of steps, in alternating order. Ratios are taken turn by turn; their median
and quartiles are printed. "On the clock" is the waiting time; "on the cores" is the
processor time of all threads, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from machine import CoreWatch, describe_machine, markdown_table, publish
from one_tree import CASES

HERE = Path(__file__).parent
TREES = ("before", "after", "before again")


class Taken(NamedTuple):
    """Seconds of a turn, on the clock and on the cores."""

    clock: float
    cores: float


class Tree:
    """A process that trains with the tinyvae of one checkout."""

    def __init__(self, checkout: Path, cases: Sequence[str]):
        source = checkout / "src"
        if not (source / "tinyvae").is_dir():
            raise SystemExit(f"expected a checkout of tinyvae, got {checkout}.")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "one_tree.py"), *cases],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(source)},
            text=True,
        )

    def answer(self) -> str:
        """The next line from the process."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def turn(self, case: str) -> Taken:
        """Train for one turn of a case."""
        assert self.process.stdin is not None
        self.process.stdin.write(case + "\n")
        self.process.stdin.flush()
        return Taken(*json.loads(self.answer()))

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def turns_of(
    checkout: Path, cases: Sequence[str], turns: int
) -> dict[str, dict[str, list[Taken]]]:
    """Timings of every turn, by case and checkout."""
    paths = dict(zip(TREES, (checkout, HERE.parent, checkout), strict=True))
    trees = {name: Tree(path, cases) for name, path in paths.items()}
    for tree in trees.values():
        if tree.answer() != "ready\n":
            raise SystemExit("expected every tree to train; one failed, see above.")
    taken = {case: {name: [] for name in trees} for case in cases}
    for turn in range(turns):
        order = list(trees) if turn % 2 == 0 else list(trees)[::-1]
        for case in cases:
            for name in order:
                taken[case][name].append(trees[name].turn(case))
    for tree in trees.values():
        tree.close()
    return taken


def ratios(after: Sequence[float], before: Sequence[float]) -> str:
    """Median and quartiles of the ratios, taken turn by turn."""
    low, middle, high = np.quantile(np.divide(after, before), (0.25, 0.5, 0.75))
    return f"{middle:.3f} ({low:.2f} to {high:.2f})"


def rows_of(case: str, taken: dict[str, list[Taken]]) -> list[str]:
    """A row of the table."""
    clock = {name: [turn.clock for turn in turns] for name, turns in taken.items()}
    cores = {name: [turn.cores for turn in turns] for name, turns in taken.items()}
    steps = CASES[case].steps
    return [
        case,
        *(f"{1e3 * np.median(clock[name]) / steps:.1f}" for name in TREES[:2]),
        *(f"{1e3 * np.min(clock[name]) / steps:.1f}" for name in TREES[:2]),
        ratios(clock["after"], clock["before"]),
        ratios(cores["after"], cores["before"]),
        ratios(clock["before again"], clock["before"]),
        ratios(cores["before again"], cores["before"]),
    ]


def report(checkout: Path, cases: Sequence[str], turns: int) -> str:
    """The whole table, in Markdown."""
    watch = CoreWatch()
    taken = turns_of(checkout, cases, turns)
    header = (
        "training",
        "before, ms per step",
        "after",
        "before, fastest turn",
        "after, fastest turn",
        "after / before on the clock",
        "on the cores",
        "before / before on the clock",
        "on the cores",
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return "\n\n".join(
        [
            "# Training before and after, in paired turns",
            f"{turns} turns of each tree; ratios turn by turn, median (quartiles). "
            "Below 1: the tree after is faster. `before / before` is the same code in "
            "two processes, which shows the noise.",
            markdown_table(header, [rows_of(case, taken[case]) for case in cases]),
            watch.sentence() + f" Load over 1, 5, 15 minutes at the end: {load}.",
            describe_machine(),
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Training speed of two trees.")
    parser.add_argument("checkout", type=Path, help="the other tree of tinyvae")
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    text = report(arguments.checkout.resolve(), arguments.case, arguments.turns)
    publish(text, arguments.out)


if __name__ == "__main__":
    main()
