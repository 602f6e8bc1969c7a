"""Kills sweeps and trainings at random moments; each must end as if it never had been.

A process trains into a folder and is killed (SIGKILL) at a moment drawn uniformly from
about the time that it takes. It is started again with the same settings until it ends.
What it leaves must be readable after each kill, no result may be lost or change, and
the end is compared with that of a process that was never killed.

    python benchmarks/kills.py --kills 500 --out benchmarks/results/kills.md

With `--so-far FILE.json` it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import tinyvae as tv
from machine import describe_machine, markdown_table, publish
from tinyvae.errors import DataError, RunFolderError
from tinyvae.files.whole import write_whole
from tinyvae.runs.checkpoints import CHECKPOINT
from tinyvae.runs.folder import write_config
from tinyvae.runs.opened import open_world
from tinyvae.sweeps.ledger_file import has_ledger
from tinyvae.sweeps.plan import Sizes
from tinyvae.sweeps.spec import SweepBlock, SweepSpec
from tinyvae.sweeps.sweep import run_sweep

CHECKPOINT_SECONDS = 0.1
# The time from which the moment is drawn follows the speed of the machine: about two of
# three processes are killed.
SOONER, LATER = 0.85, 1.08
MOST_DIFFERENCES = 10  # then it ends
CLOSE = 1e-3  # relative: other threads may add in another order
TIMES = ("training_seconds", "measuring_seconds", "ended")
PRELOADED = ["tinyvae.sweeps.sweep", "tinyvae.experiment", "matplotlib"]

RUN = tv.RunConfig(
    tv.Circles(8),
    tv.BetaVAE(2.0),
    tv.FullyConnected((16, 8), latents=2),
    tv.TrainingConfig(steps=4000, batch_size=32),
    members=2,
)
SPEC = SweepSpec(
    (
        SweepBlock(
            objectives=[tv.BetaVAE(2.0), tv.BetaVAE(4.0), tv.DIPVAEI(diagonal=3e38)],
            worlds=[RUN.world],
            networks=[RUN.network],
            trainings=[replace(RUN.training, steps=2000)],
            members=[2],
            seeds=[0, 1],
        ),
    )
)


def sweep_into(folder: Path) -> None:
    """Begin or continue the sweep of a folder."""
    run_sweep(
        SPEC,
        folder,
        resume=has_ledger(folder),
        keep="best",
        sizes=Sizes(together=2),
        checkpoint_every=CHECKPOINT_SECONDS,
    )


def train_into(folder: Path) -> None:
    """Begin or continue the training of a folder, as the command does."""
    if (folder / "answer.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    config = write_config(open_world(RUN).config, folder)
    run = tv.run_experiment(config, folder, checkpoint_every=CHECKPOINT_SECONDS)
    tv.save_run(run, folder)


def table_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Each member that has ended, by identity, without times."""
    if not has_ledger(folder):
        return {}
    return {
        str(row["identity"]): {n: cell for n, cell in row.items() if n not in TIMES}
        for row in tv.load_sweep(folder)
        if row["state"] in ("done", "failed")
    }


def whole_table(folder: Path) -> dict[str, dict[str, Any]]:
    """The table at the end; kept weights must be readable, and there be no others."""
    table = tv.load_sweep(folder)
    kept = {Path(str(name)).name for name in table["kept"] if name is not None}
    assert kept == {path.name for path in (folder / "runs").iterdir()}
    for place, name in enumerate(table["kept"]):
        if name is not None:
            assert table.run(place).answer.to_json() == table.answer(place).to_json()
    assert not list((folder / "checkpoints").iterdir())
    return table_of(folder)


def answer_of_run(folder: Path) -> dict[str, dict[str, Any]]:
    """The answer and the losses of a finished run."""
    run = tv.load_run(folder)
    fit = run.answer.fit
    assert fit is not None
    losses = {f"{row.member} at {row.step}": row.loss for row in run.history}
    return {"run": {"verdict": run.answer.verdict, "elbo": fit.elbo, **losses}}


def answer_so_far(folder: Path) -> dict[str, dict[str, Any]]:
    """The answer and the losses of a run, if it has ended."""
    return answer_of_run(folder) if (folder / "answer.json").exists() else {}


def moment_of_sweep(folder: Path) -> str:
    """How far a sweep was when it was killed."""
    if not has_ledger(folder):
        return "before the ledger"
    return f"{len(table_of(folder))} of {len(list(SPEC.configs()))} members ended"


def moment_of_training(folder: Path) -> str:
    """How far a training was when it was killed."""
    if (folder / "answer.json").exists():
        return "after the answer"
    if (folder / "model.safetensors").exists():
        return "while the run was written"
    started = (folder / CHECKPOINT).exists()
    return "after a checkpoint" if started else "before the first checkpoint"


@dataclass(frozen=True)
class Kind:
    """What is killed: how it goes on, what it has so far, and what it ends with."""

    go_on: Callable[[Path], None]
    so_far: Callable[[Path], dict[str, dict[str, Any]]]
    at_end: Callable[[Path], dict[str, dict[str, Any]]]
    moment: Callable[[Path], str]


KINDS = {
    "sweep": Kind(sweep_into, table_of, whole_table, moment_of_sweep),
    "training": Kind(train_into, answer_so_far, answer_of_run, moment_of_training),
}


@dataclass
class Outcome:
    """What came of many kills."""

    kind: str
    kills: int = 0
    ended: int = 0  # folders that came to their end
    moments: Counter[str] = field(default_factory=Counter)  # kills at each
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0  # that it took

    @property
    def folders(self) -> int:
        """Folders that ended, as they should or not."""
        return self.ended + len(self.differences)


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """What differs between two rows, beyond rounding."""
    wrong = []
    for name in found.keys() | expected.keys():
        one, other = found.get(name), expected.get(name)
        if isinstance(one, float) and isinstance(other, float):
            both_nan = math.isnan(one) and math.isnan(other)
            same = both_nan or math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
        else:
            same = one == other
        if not same:
            wrong.append(f"{name}: {one!r}, not {other!r}")
    return wrong


def child(kind: str, folder: str, cache: str) -> None:
    """The process that is killed."""
    os.environ["TINYVAE_CACHE"] = cache
    KINDS[kind].go_on(Path(folder))


def kill_many(
    outcome: Outcome,
    kills: int,
    scratch: Path,
    *,
    seed: int = 0,
    say: Callable[[str], object] = print,
) -> Iterator[None]:
    """Kill until there were so many kills; the outcome is complete at each yield."""
    kind = KINDS[outcome.kind]
    start = starter(outcome.kind, str(scratch / "compiled"))
    seconds = 0.0
    for name in ("first", "reference"):  # the first one compiles
        started = time.perf_counter()
        process = start(scratch / name)
        process.join()
        assert process.exitcode == 0, f"without a kill: {process.exitcode}"
        seconds = time.perf_counter() - started
    reference = kind.at_end(scratch / "reference")
    say(f"{outcome.kind}: {seconds:.1f} s without a kill, {len(reference)} results")
    while outcome.kills < kills or outcome.ended == 0:
        started = time.perf_counter()
        rng = np.random.default_rng([seed, outcome.folders])
        folder = scratch / f"folder-{outcome.folders}"
        before: dict[str, dict[str, Any]] = {}
        moments: Counter[str] = Counter()
        try:
            while True:
                process = start(folder)
                kill = outcome.kills + moments.total() < kills
                process.join(rng.uniform(0, seconds) if kill else None)
                if process.exitcode is not None:
                    seconds *= SOONER
                    break
                process.kill()
                process.join()
                seconds *= LATER
                moments[kind.moment(folder)] += 1
                now = kind.so_far(folder)
                check(now, reference, before)
                before = now
            assert process.exitcode == 0, f"it ended with code {process.exitcode}"
            found = kind.at_end(folder)
            check(found, reference, before)
            assert found.keys() == reference.keys(), "members are missing"
            outcome.ended += 1
        except (AssertionError, DataError, RunFolderError) as error:
            outcome.differences.append(f"{folder.name}: {error}")
            say(f"{outcome.kind}: DIFFERENCE: {outcome.differences[-1]}")
        outcome.kills += moments.total()
        outcome.moments.update(moments)
        outcome.seconds += time.perf_counter() - started
        say(f"{outcome.kind}: {outcome.kills} kills, {outcome.ended} folders ended")
        shutil.rmtree(folder)
        yield
        if len(outcome.differences) >= MOST_DIFFERENCES:
            return


def starter(kind: str, cache: str) -> Callable[[Path], Any]:
    """Something that starts a process for a folder."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)

    def start(folder: Path) -> Any:
        process = context.Process(target=child, args=(kind, str(folder), cache))
        process.start()
        return process

    return start


def check(
    found: dict[str, dict[str, Any]],
    reference: dict[str, dict[str, Any]],
    before: dict[str, dict[str, Any]],
) -> None:
    """Refuse a result that is lost, has changed, or is not that of the reference."""
    lost = before.keys() - found.keys()
    assert not lost, f"lost: {lost}"
    for name, row in found.items():
        # which seed is kept depends on what was there when it ended
        row, other = (
            {k: v for k, v in r.items() if k != "kept"} for r in (row, reference[name])
        )
        wrong = differences(row, other)
        assert not wrong, f"{name} differs: {wrong[:5]}"


def report(outcomes: list[Outcome], seed: int) -> str:
    """The outcomes in Markdown."""
    header = ("what was killed", "kills", "folders that ended", "differences")
    rows = [
        (o.kind, str(o.kills), str(o.ended), str(len(o.differences))) for o in outcomes
    ]
    parts = [
        "# Kills at random moments",
        "Processes that train into a folder were ended by SIGKILL at moments drawn "
        "uniformly from about the time that they take, and started again until they "
        "ended. After each kill every result that was there before had to be there, "
        "unchanged; at the end the table, the kept weights and the losses had to be "
        f"those of a process that was never killed (relative {CLOSE:g}, since threads "
        "add in any order).",
        markdown_table(header, rows),
    ]
    for outcome in outcomes:
        moments = [(m, str(n)) for m, n in sorted(outcome.moments.items())]
        head = (f"moment of the kill ({outcome.kind})", "kills")
        parts.append(markdown_table(head, moments))
        parts.extend(f"- {text}" for text in outcome.differences)
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    parts.append(f"Seed {seed}; {minutes:.0f} minutes.")
    parts.append(describe_machine())
    return "\n\n".join(parts)


def main() -> None:
    """Kill sweeps and trainings, and say how it ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--of", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--so-far", type=Path, help="JSON file to go on from")
    chosen = parser.parse_args()
    kinds = list(KINDS) if chosen.of == "both" else [chosen.of]
    outcomes = {kind: Outcome(kind) for kind in KINDS} | read(chosen.so_far)
    for kind in kinds:
        with tempfile.TemporaryDirectory() as scratch:
            many = kill_many(
                outcomes[kind],
                chosen.kills // len(kinds),
                Path(scratch),
                seed=chosen.seed,
                say=say,
            )
            for _ in many:
                write(outcomes, chosen.so_far)
    done = [outcomes[kind] for kind in kinds]
    publish(report(done, chosen.seed), chosen.out)
    if any(outcome.differences for outcome in done):
        sys.exit(1)


def read(path: Path | None) -> dict[str, Outcome]:
    """The outcomes so far, by kind."""
    if path is None or not path.exists():
        return {}
    found = json.loads(path.read_text())
    return {
        line["kind"]: Outcome(**{**line, "moments": Counter(line["moments"])})
        for line in found
    }


def write(outcomes: dict[str, Outcome], path: Path | None) -> None:
    """Write the outcomes so far, if there is a place for them."""
    if path is not None:
        text = json.dumps([vars(outcome) for outcome in outcomes.values()])
        write_whole(path, text.encode())


def say(text: str) -> None:
    """Print progress at once."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
