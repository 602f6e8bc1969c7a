"""What a sweep costs as it grows: time, memory and bytes of the ledger a member.

Tiny members (8x8 circles, 64-16-8-2, 200 steps of 32 pictures), 10 to 10 000 of them,
each sweep in a process of its own. Half of them are beta-VAEs, half DIP-VAEs.

    python benchmarks/sweep_cost.py --out benchmarks/results/sweep_cost.md
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tinyvae as tv
from machine import CoreWatch, describe_machine, markdown_table, publish, thousands
from tinyvae.sweeps.spec import SweepBlock, SweepSpec
from tinyvae.sweeps.sweep import run_sweep

SIZES = (10, 100, 1_000, 10_000)
STEPS, BATCH = 200, 32
MEGABYTE = 1e6
# of ru_maxrss: kilobytes, on macOS bytes
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def spec_of(members: int) -> SweepSpec:
    """So many tiny members: two objectives, and seeds from 10 000 on."""
    seeds = range(10_000, 10_000 + members // 2)
    block = SweepBlock(
        objectives=[tv.BetaVAE(2.0), tv.DIPVAEI()],
        worlds=[tv.Circles(8)],
        networks=[tv.FullyConnected((16, 8), latents=2)],
        trainings=[tv.TrainingConfig(steps=STEPS, batch_size=BATCH)],
        members=[1],
        seeds=list(seeds),
    )
    return SweepSpec((block,))


def sweep_of(members: int, sender: Any) -> None:
    """Run the sweep, then read its table; send what both took."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run_sweep(spec_of(members), Path(folder))
        swept = time.perf_counter()
        table = tv.load_sweep(folder)
        assert table["state"] == ["done"] * members
        read = time.perf_counter()
        ledger = (Path(folder) / "ledger.sqlite").stat().st_size
    sender.send(
        {
            "seconds": swept - started,
            "training": sum(float(s or 0) for s in table["training_seconds"]),
            "measuring": sum(float(s or 0) for s in table["measuring_seconds"]),
            "reading": read - swept,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT,
            "ledger": ledger,
            "groups": len(set(table["group"])),
        }
    )


def measured(members: int) -> dict[str, float]:
    """The cost of a sweep of so many members, in a fresh process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=sweep_of, args=(members, sender))
    process.start()
    sender.close()
    found = receiver.recv()
    process.join()
    return found


def row(members: int, cost: dict[str, float]) -> list[str]:
    """A row of the table."""
    return [
        thousands(members),
        f"{cost['groups']:.0f}",
        f"{cost['seconds']:.1f}",
        *(
            f"{1e3 * seconds / members:.1f}"
            for seconds in (cost["seconds"], cost["training"], cost["measuring"])
        ),
        f"{cost['memory'] / MEGABYTE:.0f}",
        f"{cost['ledger'] / members / 1e3:.1f}",
        f"{cost['reading']:.2f}",
    ]


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="What a sweep costs as it grows.")
    parser.add_argument("--members", type=int, nargs="+", default=SIZES)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    watch = CoreWatch()
    rows = []
    for members in chosen.members:
        rows.append(row(members, measured(members)))
        print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    header = (
        "members",
        "groups",
        "seconds",
        "ms a member",
        "training, ms a member",
        "measuring, ms a member",
        "memory of the process, MB",
        "ledger, kB a member",
        "reading the table, s",
    )
    text = "\n\n".join(
        [
            "# What a sweep costs as it grows",
            f"8x8 circles, 64-16-8-2, {STEPS} steps of {BATCH} pictures, one VAE a "
            "member. Training and measuring are in the time of the process that does "
            "it: where training takes more than a minute there is one for each core, "
            "and the memory is that of the process that collects.",
            markdown_table(header, rows),
            watch.sentence(),
            describe_machine(),
        ]
    )
    publish(text, chosen.out)


if __name__ == "__main__":
    main()
