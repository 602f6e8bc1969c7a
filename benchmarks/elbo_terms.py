"""The same VAE in tinyvae, pythae and disent: terms of the ELBO, and seconds.

VAE, beta-VAE, beta-TCVAE and FactorVAE on the same pictures, with the same network,
initial weights, optimiser and number of steps.

1. A check without noise: a few steps on the same pictures with the same noise.
2. Training with several seeds. One evaluation for all: their weights are put into a VAE
   of tinyvae. Libraries take turns, so that a slow period affects all.

    python benchmarks/elbo_terms.py --disent PYTHON --out FILE.md

disent and pythae run in processes of their own. PYTHON is one that has disent:

    python -m venv .venv-disent
    .venv-disent/bin/pip install torch==2.13.0 disent==0.8.0
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from machine import CoreWatch, describe_machine, publish
from terms_cases import CASES, OURS, Case, Row
from terms_report import (
    Check,
    Results,
    Trained,
    check_section,
    estimates_section,
    training_sections,
)
from terms_setting import TC, Networks, way_apart
from terms_tinyvae import (
    Estimates,
    Training,
    estimates,
    measure,
    networks_of,
    nudged,
    pictures,
)
from terms_workers import Worker
from tinyvae.objectives import Objective

PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "torch", "pythae")
CHECK_SEED, SEEDS_OF_A_ROW = 999, 1000
ROWS = [(case.name, row.name) for case in CASES for row in case.rows]

Workers = Mapping[str, Worker]


class Bench:
    """Everything that trains, with a fixed number of steps."""

    def __init__(self, workers: Workers, images: np.ndarray, steps: int):
        self.workers, self.images, self.steps = workers, images, steps
        self.trainings: dict[Objective, Training] = {}
        self.compile_seconds: list[float] = []
        self.estimates: Estimates | None = None  # of the first beta-TCVAE

    def training(self, objective: Objective) -> Training:
        """The training of tinyvae with an objective, compiled at its first use."""
        if objective not in self.trainings:
            training = Training(objective, self.images, self.steps)
            self.compile_seconds.append(training.compile())
            self.trainings[objective] = training
        return self.trainings[objective]

    def check(self, case: Case, row: Row, steps: int) -> Check:
        """A library beside tinyvae on the same pictures and noise."""
        tell(f"{case.name}: {steps} steps of {row.name} on the same noise")
        ours, same = self.training(case.ours), self.training(row.definition)
        seed, begin = CHECK_SEED, same.start(CHECK_SEED)
        start, tape = networks_of(begin), ours.tape(seed, steps)
        theirs, their_terms = self.workers[row.library].replay(
            row.asked, case.weight, start, tape, self.steps
        )
        _, our_terms = ours.replay(ours.start(seed), seed, steps)
        by_theirs, terms = same.replay(begin, seed, steps)
        moved, _ = same.replay(nudged(begin), seed, steps)

        def apart(networks: Networks) -> float:
            ends = [[*each.vae, *each.critic] for each in (by_theirs, networks, start)]
            return way_apart(*ends)

        return Check(
            first=their_terms[0],
            first_ours=our_terms[0],
            first_by_their_definition=terms[0],
            last=their_terms[-1],
            last_by_their_definition=terms[-1],
            apart=apart(theirs),
            apart_by_rounding=apart(moved),
        )

    def train(self, case: Case, row: Row, seed: int) -> Trained:
        """One training, and the evaluation of its weights.

        Each row has seeds of its own, so that rows are independent of one another.
        """
        number = ROWS.index((case.name, row.name))
        seed += SEEDS_OF_A_ROW * (1 + number)
        training = self.training(row.definition)
        if row.library == OURS:
            networks, seconds = training.train(seed)
        else:
            start = networks_of(training.start(seed))
            networks, seconds = self.workers[row.library].train(
                row.asked, case.weight, start, seed, self.steps
            )
        measured = measure(networks)
        if (case.name, row.library) == (TC, OURS) and self.estimates is None:
            exact = measured.total_correlation
            self.estimates = estimates(networks, self.images, exact)
        tell(f"{case.name}, {row.name}: {seconds:.1f} s, ELBO {measured.elbo:.2f} nats")
        return Trained(measured, seconds)

    def present(self, row: Row) -> bool:
        """Whether the library of a row was found."""
        return row.library == OURS or row.library in self.workers

    def checks(self, steps: int) -> list[tuple[Case, Row, Check]]:
        """Every library beside tinyvae, without noise."""
        return [
            (case, row, self.check(case, row, steps))
            for case in CASES
            for row in [*case.rows, *case.checked_only]
            if row.library != OURS and self.present(row)
        ]

    def results(self, seeds: int) -> Results:
        """Every training; the libraries take turns, in rotating order."""
        results: Results = {}
        for case in CASES:
            rows = [row for row in case.rows if self.present(row)]
            for row in rows:
                self.training(row.definition)  # compiles before anything is timed
            for seed in range(seeds):
                shift = seed % max(1, len(rows))
                for row in rows[shift:] + rows[:shift]:
                    trained = self.train(case, row, seed)
                    results.setdefault((case.name, row.name), []).append(trained)
        return results


def tell(text: str) -> None:
    """Say what is under way."""
    print(text, file=sys.stderr, flush=True)


def report(disent: str | None, steps: int, seeds: int, check_steps: int) -> str:
    """Train everything; the whole page, in Markdown."""
    watch, images = CoreWatch(), pictures()
    pythons = {"pythae": sys.executable} | ({"disent": disent} if disent else {})
    workers = {name: Worker(name, python, images) for name, python in pythons.items()}
    try:
        bench = Bench(workers, images, steps)
        checks, results = bench.checks(check_steps), bench.results(seeds)
    finally:
        for worker in workers.values():
            worker.close()
    versions = "; ".join(
        f"{name} with torch {worker.versions['torch']}: {worker.versions[name]}"
        for name, worker in workers.items()
    )
    if disent is None:
        versions += "; disent: not measured"
    return "\n\n".join(
        [
            "# Terms of the ELBO beside pythae and disent",
            check_section(checks, check_steps),
            *training_sections(results, steps, seeds, bench.compile_seconds),
            estimates_section(bench.estimates),
            watch.sentence(),
            f"{describe_machine(PACKAGES)} Processes: {versions}.",
        ]
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="ELBO terms of three libraries.")
    parser.add_argument("--disent", help="a Python in which disent is installed")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--seeds", type=int, default=3, help="at least 2")
    parser.add_argument("--check-steps", type=int, default=5, help="on the same noise")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    given = parser.parse_args()
    if given.seeds < 2:
        parser.error(f"expected at least 2 seeds, got {given.seeds}.")
    text = report(given.disent, given.steps, given.seeds, given.check_steps)
    publish(text, given.out)


if __name__ == "__main__":
    main()
