"""Does the default recipe still give the answers of `results/question.jsonl`?

For use after a change that may change bits: trains seeds again with this tree, logs
them apart, and sets them beside the answers on record.

    python benchmarks/same_answers.py --seeds 0 5
    python benchmarks/same_answers.py --table      # only print the table again
"""

from __future__ import annotations

import argparse

import tinyvae as tv
from machine import describe_machine, markdown_table
from study import (
    READOUT_TARGET,
    RESULTS,
    SHARE_TARGET,
    Row,
    of_arm,
    read_log,
    run_all,
    run_row,
)

ARM = "default recipe"
LOG = RESULTS / "same_answers.jsonl"
ON_RECORD = RESULTS / "question.jsonl"
HEADER = (
    "seed",
    "verdict before",
    "after",
    "worst share before",
    "after",
    "worst readout before",
    "after",
    "ELBO before, nats",
    "after",
)


def compared(before: Row, after: Row) -> list[str]:
    """A row of the table."""
    pairs = [
        [row["verdict"] for row in (before, after)],
        [f"{min(row['share']):.4f}" for row in (before, after)],
        [f"{min(row['readout']):.4f}" for row in (before, after)],
        [f"{row['elbo']:.2f}" for row in (before, after)],
    ]
    return [str(after["seed"]), *(cell for pair in pairs for cell in pair)]


def table(rows: list[Row]) -> str:
    """Every seed trained again beside its answer on record, and how many hold."""
    record = {row["seed"]: row for row in of_arm(read_log(ON_RECORD), ARM)}
    again = [row for row in of_arm(rows, ARM) if row["seed"] in record]
    held = sum(
        row["verdict"] == record[row["seed"]]["verdict"]
        and min(row["share"]) >= SHARE_TARGET
        and min(row["readout"]) >= READOUT_TARGET
        for row in again
    )
    sentence = (
        f"{held} of {len(again)} seeds trained again keep their verdict, with every "
        f"share at least {SHARE_TARGET} and every readout at least {READOUT_TARGET}."
    )
    lines = [compared(record[row["seed"]], row) for row in again]
    return f"{markdown_table(HEADER, lines)}\n\n{sentence}"


def main() -> None:
    """Train what the log lacks, print the table and write it beside the log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 5))
    parser.add_argument("--table", action="store_true", help="only print the table")
    arguments = parser.parse_args()
    arms = {} if arguments.table else {ARM: lambda s: run_row(tv.RunConfig(seed=s))}
    text = table(run_all(LOG, arms, range(*arguments.seeds)))
    print(text)
    LOG.with_suffix(".md").write_text(f"{text}\n\n{describe_machine()}\n")


if __name__ == "__main__":
    main()
