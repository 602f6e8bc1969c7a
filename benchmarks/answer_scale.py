"""Time and memory of `tinyvae.answer` on many latents, covariates and rows.

    python benchmarks/answer_scale.py

Each table is drawn and answered in a process of its own. Covariates: 55 % numbers, of
which each depends on the one before it; 20 % labels with 2 to 20 levels, one of them
rare; 10 % angles, held as cosine and sine in two latents; 5 % of all labels are
missing. Seconds of the wall and of the processor are of the answer alone, the memory is
the largest of the whole process. Writes results/answer_scale.md.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

# latents, covariates, rows
TABLES = ((10, 5, 5000), (100, 20, 100_000), (500, 5, 5000))
RESULTS = Path(__file__).parent / "results" / "answer_scale.md"
MISSING = 0.05


def drawn(num_latents: int, num_covariates: int, num_rows: int):
    """Codes and covariates with their kinds."""
    rng = np.random.default_rng(0)
    columns, kinds, parts = {}, {}, []
    for place in range(num_covariates):
        name = f"c{place}"
        sort = place % 20
        if sort in (3, 8, 13, 18):
            levels = (2, 5, 10, 20)[sort // 5]
            weight = np.full(levels, 1.0)
            weight[-1] = 0.02
            label = rng.choice(levels, size=num_rows, p=weight / weight.sum())
            columns[name] = np.array([f"level {level}" for level in range(levels)])[
                label
            ].astype(object)
            parts.append(label + 0.05 * rng.normal(size=num_rows))
        elif sort in (4, 14):
            angle = rng.uniform(0, 2 * np.pi, num_rows)
            columns[name], kinds[name] = np.degrees(angle), "circular:360"
            parts += [np.cos(angle), np.sin(angle)]
        else:
            value = rng.normal(size=num_rows)
            if parts:
                value = value + 0.5 * parts[-1]
            columns[name] = value
            parts.append(value + 0.1 * rng.normal(size=num_rows))
    for column in columns.values():
        column[rng.random(num_rows) < MISSING] = (
            None if column.dtype == object else np.nan
        )
    codes = rng.normal(size=(num_rows, num_latents))
    codes[:, : len(parts)] = np.column_stack(parts)[:, :num_latents]
    return codes, columns, kinds


def measured(shape: tuple[int, int, int]) -> dict:
    """Seconds and memory of one answer."""
    import tinyvae as tv

    codes, columns, kinds = drawn(*shape)
    tv.answer(codes[:50, :2], {"a": codes[:50, 0]})  # imports
    wall, processor = time.perf_counter(), time.process_time()
    answer = tv.answer(codes, columns, kinds=kinds)
    verdicts = [match.verdict for match in answer.matches]
    return {
        "shape": shape,
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "verdicts": {v: verdicts.count(v) for v in sorted(set(verdicts))},
    }


def main() -> None:
    """Measure each table in its own process, and write the results."""
    rows = []
    for shape in TABLES:
        command = [sys.executable, __file__, json.dumps(shape)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        words = ", ".join(f"{n} {v}" for v, n in found["verdicts"].items())
        latents, covariates, num = shape
        rows.append(
            f"| {latents} | {covariates} | {num} | {found['wall']:.1f} | "
            f"{found['processor']:.1f} | {found['memory']:.2f} | {words} |"
        )
        print(rows[-1])
    head = (
        "# Time and memory of an answer\n\n`benchmarks/answer_scale.py`: two cores, "
        "beside other work (the wall's seconds depend on it). Memory is in GiB.\n\n"
        "| latents | covariates | rows | seconds | processor seconds | memory "
        "| verdicts |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    RESULTS.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measured(tuple(json.loads(sys.argv[1])))))
    else:
        main()
