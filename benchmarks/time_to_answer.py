"""Seconds from the start of `tinyvae train` to its printed answer.

For comparison, a plain PyTorch script trains by the same recipe without an answer
(`pytorch_recipe.py`). Warm: JAX finds the compiled programs of an earlier start; cold:
its cache is empty, as on a new machine. A second table shows the time of each stage,
from the same functions called one after another.

    python benchmarks/time_to_answer.py --rounds 3 --out time_to_answer.md
    python benchmarks/time_to_answer.py --rounds 1 --steps 300   # a quick look
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from machine import CoreWatch, describe_machine, markdown_table, publish

PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "scikit-learn", "torch")
PYTORCH = "PyTorch"
HERE = Path(__file__).parent
STAGES = {
    "import": "start Python, import",
    "compile": "draw weights, compile the training loop (or load it), first step",
    "train": "train",
    "answer": "evaluate and answer (compiling its parts, or loading them)",
    "pictures": "draw the pictures",
}


class Timing(NamedTuple):
    """Seconds from the start of a process."""

    answer: float  # first line on its standard output
    end: float


# Whole commands ----------------------------------------------------------------------


def time_command(command: Sequence[str], cache: Path) -> Timing:
    """Run a command with its compilation cache in the given folder.

    Raises: RuntimeError if the command fails or prints nothing.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env=os.environ | {"TINYVAE_CACHE": str(cache)},
        text=True,
    )
    assert process.stdout is not None
    first_line = process.stdout.readline()
    answered = time.perf_counter()
    process.stdout.read()
    code = process.wait()
    ended = time.perf_counter()
    if code != 0 or not first_line:
        raise RuntimeError(
            f"expected an answer from {Path(command[0]).name} {' '.join(command[1:])}, "
            f"got exit code {code}. Run it by itself to see why."
        )
    return Timing(answered - started, ended - started)


class Job(NamedTuple):
    """The training job."""

    seed: int
    steps: int
    members: int

    def options(self) -> list[str]:
        """The job as options of the command line."""
        names = self._asdict().items()
        return [text for name, value in names for text in (f"--{name}", str(value))]


def tinyvae_command(folder: str, job: Job) -> list[str]:
    """The main job, in a new folder."""
    run_folder = Path(folder) / f"run-{time.monotonic_ns()}"
    command = [sys.executable, "-m", "tinyvae", "train", "--quiet"]
    return [*command, *job.options(), "--out", str(run_folder)]


def pytorch_command(job: Job, *options: str) -> list[str]:
    """The same recipe in PyTorch, with the default numbers of tinyvae."""
    import tinyvae as tv
    from tinyvae.runs.opened import open_world

    config: Any = open_world(tv.RunConfig()).config
    objective, training = config.objective, config.training
    names = "blur fine_at kl_share tc_share tc_until tc_end cs_share".split()
    values = {name: getattr(objective, name) for name in names} | {
        "seed": job.seed,
        "steps": job.steps,
        "batch_size": training.batch_size,
        "learning_rate": training.learning_rate,
    }
    hidden = [str(width) for width in config.network.hidden]
    given = [
        text
        for name, value in values.items()
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]
    script = str(HERE / "pytorch_recipe.py")
    return [sys.executable, script, "--hidden", *hidden, *given, *options]


# Where the time goes -----------------------------------------------------------------


def print_stages(job: Job, started: float) -> None:
    """Seconds of each stage of the chain in this process, as JSON."""
    import jax

    from tinyvae.experiment import run_experiment
    from tinyvae.plots import draw_all
    from tinyvae.runs.config import RunConfig
    from tinyvae.runs.members import Progress
    from tinyvae.training.config import TrainingConfig

    jax.devices()
    imported = time.monotonic()
    stretches: list[float] = []

    def watch(progress: Progress) -> None:
        stretches.append(time.monotonic())

    training = TrainingConfig(steps=job.steps)
    config = RunConfig(seed=job.seed, members=job.members, training=training)
    run = run_experiment(config, watch=watch)
    answered = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        draw_all(run, Path(folder))
    # the first stretch is one step
    clock = [started, imported, stretches[0], stretches[-1], answered, time.monotonic()]
    seconds = [later - earlier for earlier, later in pairwise(clock)]
    print(json.dumps(dict(zip(STAGES, seconds, strict=True))))


def time_stages(job: Job, cache: Path) -> dict[str, float]:
    """Seconds of each stage in a separate process."""
    started = str(time.monotonic())  # the clock is the same in every process
    output = subprocess.run(
        [sys.executable, __file__, "--stages", started, *job.options()],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"TINYVAE_CACHE": str(cache)},
        text=True,
    ).stdout
    return json.loads(output.splitlines()[-1])


# The report --------------------------------------------------------------------------


def one_round(
    folder: str, warm: Path, jobs: Sequence[Job]
) -> tuple[dict[str, Timing], dict[str, dict[str, float]]]:
    """Timings of the whole commands, and stages of the first job, warm and cold."""

    def cold() -> Path:
        return Path(tempfile.mkdtemp(dir=folder))

    commands = {}
    for job in jobs:
        for name, cache in {"warm": warm, "cold": cold()}.items():
            members = f"{job.members} member{'s' if job.members > 1 else ''}"
            command = tinyvae_command(folder, job)
            commands[f"tinyvae, {members}, {name} cache"] = time_command(command, cache)
    for name, options in {"": (), ", compiled": ("--compile",)}.items():
        command = pytorch_command(jobs[0], *options)
        commands[f"{PYTORCH}{name}, 1 member, no answer"] = time_command(command, warm)
    stages = {"warm": time_stages(jobs[0], warm), "cold": time_stages(jobs[0], cold())}
    return commands, stages


def ratio_to_pytorch(timings: Sequence[dict[str, Timing]], name: str) -> str:
    """Seconds to the printed line over those of the quicker PyTorch, by round."""
    ratios = [
        commands[name].answer
        / min(time.answer for key, time in commands.items() if key.startswith(PYTORCH))
        for commands in timings
    ]
    return f"{median(ratios):.2f}"


def report(rounds: int, jobs: Sequence[Job]) -> str:
    """Both tables, in Markdown."""
    watch = CoreWatch()
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(tempfile.mkdtemp(dir=folder))
        # with the same number of steps, which is compiled into the schedules
        for job in jobs:
            time_command(tinyvae_command(folder, job), warm)
        results = [one_round(folder, warm, jobs) for _ in range(rounds)]
    timings = [commands for commands, _ in results]
    rows = [
        [
            name,
            f"{median(commands[name].answer for commands in timings):.1f} s",
            f"{median(commands[name].end for commands in timings):.1f} s",
            ratio_to_pytorch(timings, name),
        ]
        for name in timings[0]
    ]
    stage_rows = [
        [
            text,
            *(
                f"{median(stages[cache][name] for _, stages in results):.1f} s"
                for cache in ("warm", "cold")
            ),
        ]
        for name, text in STAGES.items()
    ]
    return "\n\n".join(
        [
            "# Time to the answer",
            f"`tinyvae train --quiet {' '.join(jobs[0].options())}`, also with other "
            f"numbers of members; medians of {rounds} runs. PyTorch trains one member "
            "by the same recipe and prints its last loss. The ratio is to the quicker "
            "of its two processes in the same round.",
            markdown_table(
                ("process", "to the printed line", "to its end", "to PyTorch"), rows
            ),
            f"Where the time goes, with `--members {jobs[0].members}`:",
            markdown_table(("stage", "warm cache", "cold cache"), stage_rows),
            watch.sentence(),
            describe_machine(PACKAGES),
        ]
    )


def default_steps() -> int:
    """Steps of `tinyvae train` without options."""
    from tinyvae.training.config import TrainingConfig

    return TrainingConfig().steps


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Time from start to answer.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="of training; the default of tinyvae")
    parser.add_argument("--members", type=int, nargs="+", default=[4, 1])
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    parser.add_argument("--stages", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    steps = arguments.steps or default_steps()
    jobs = [Job(arguments.seed, steps, number) for number in arguments.members]
    if arguments.stages is not None:
        print_stages(jobs[0], arguments.stages)
    else:
        publish(report(arguments.rounds, jobs), arguments.out)


if __name__ == "__main__":
    main()
