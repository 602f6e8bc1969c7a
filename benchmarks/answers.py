"""The answers of a sweep as a table: seeds on target, the worst factor, after ICA.

Beside the table it writes one row for each member, so that a later program can be set
beside this one: `--beside` compares members of the same settings and seed.

    python benchmarks/answers.py sweeps/circles --out benchmarks/results/circles.md
    python benchmarks/answers.py sweeps/again --beside benchmarks/results/circles.csv
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from functools import cache
from math import isnan
from pathlib import Path

import numpy as np

import tinyvae as tv
from machine import markdown_table, publish
from tinyvae.answer.match import Match
from tinyvae.files.result_tables import rounded
from tinyvae.runs.of_run import answer_of
from tinyvae.runs.opened import open_world
from tinyvae.sweeps.ledger import open_ledger
from tinyvae.sweeps.rates import wilson_interval
from tinyvae.sweeps.summary import Setting
from tinyvae.sweeps.table import SweepTable, export_table

SHARE, READOUT = 0.99, 0.97  # on target: at least these, for every factor
ALIGNED = 0.95  # least share of an aligned VAE at the selection
NEARLY = 0.05  # a worst share may be so much less than the best one
SAID_ABOVE = ("smallest share", "ELBO", "failed")  # in the table of answers
COMPARED = ("verdict", "smallest_share", "smallest_readout", "elbo")


class MeasuredAgain(SweepTable):
    """A sweep whose answers are measured again, by this program, from kept weights."""

    def answer(self, position: int) -> tv.Answer:
        """The answer of the member at a position."""
        return answer_again(self.folder / str(self["kept"][position]))


@cache
def answer_again(folder: Path) -> tv.Answer:
    """What this program measures of a finished run."""
    run = tv.load_run(folder)
    return answer_of(run.vae, open_world(run.config))


def on_target(shares: Sequence[float], readouts: Sequence[float]) -> str:
    """`k of n` seeds on target, and the 95 % interval of their share (Wilson)."""
    pairs = zip(shares, readouts, strict=True)
    count = sum(share >= SHARE and readout >= READOUT for share, readout in pairs)
    interval = wilson_interval(count, len(shares))
    return f"{count} of {len(shares)} ({interval.low:.2f} to {interval.high:.2f})"


def span(values: Iterable[float | None], decimals: int = 3) -> str:
    """`median (minimum to maximum)` of the values that are known; `-` of none."""
    known = [value for value in values if value is not None and not isnan(value)]
    if not known:
        return "-"
    return (
        f"{np.median(known):.{decimals}f} "
        f"({min(known):.{decimals}f} to {max(known):.{decimals}f})"
    )


def worst(values: np.ndarray) -> float:
    """The smallest value; one that is undefined counts as 0."""
    return float(np.nan_to_num(values).min())


def least(matches: Sequence[Match]) -> tuple[float, float]:
    """The smallest share and readout of the factors; one without a latent has 0."""
    judged = [match.judged for match in matches if match.verdict != "undefined"]
    shares, readouts = zip(*judged, strict=True)
    return worst(np.array(shares)), worst(np.array(readouts))


def cells_of(one: Setting, names: Sequence[str]) -> list[str]:
    """The values of a setting, by the names that differ within the sweep."""
    values = ("" if one.settings[n] is None else one.settings[n] for n in names)
    return [f"{v:g}" if isinstance(v, float) else str(v) for v in values]


def rows_of(one: Setting, names: Sequence[str], places: dict, table: SweepTable):
    """The row of a setting, and that of ICA on its codes."""
    done = one.done
    if not done:
        return []
    answers = [table.answer(places[row["identity"]]) for row in done]
    settings = cells_of(one, names)
    shares, readouts = zip(*map(least, (a.matches for a in answers)), strict=True)
    independent = [answer.independent_coordinates for answer in answers]
    others = [least(other.matches) for other in independent if other is not None]
    other_shares = [share for share, _ in others]
    other_readouts = [readout for _, readout in others]
    other_target = on_target(other_shares, other_readouts) if others else "-"
    elbo = span((answer.fit.elbo if answer.fit else None for answer in answers), 2)
    overlap = span(
        answer.fit.intersection_over_union if answer.fit else None for answer in answers
    )
    found = [
        [
            *settings,
            on_target(shares, readouts),
            span(shares),
            span(readouts),
            other_target,
            span(other_shares),
            elbo,
            overlap,
            str(one.failed),
        ]
    ]
    after = [answer.measurement.after_ica for answer in answers]
    ica = [worst(one.matched_share) for one in after]
    read = [worst(one.matched_readout) for one in after]
    settings[names.index("objective")] += ", then ICA"
    found.append(
        [*settings, on_target(ica, read), span(ica), span(read), *"--", elbo, *"--"]
    )
    return found


def answers_text(table: SweepTable) -> str:
    """The table of all settings, in the order of the spec."""
    summary = table.over_seeds()
    places = {row["identity"]: place for place, row in enumerate(table)}
    rows = [
        row
        for one in summary.settings
        for row in rows_of(one, summary.names, places, table)
    ]
    header = (
        *(name.rpartition(".")[2] for name in summary.names),
        f"seeds with share >= {SHARE} and readout >= {READOUT} of every factor "
        "(95 % interval)",
        "worst share of a seed: median (min to max)",
        "worst readout of a seed",
        "on target in independent coordinates",
        "worst share in independent coordinates",
        "ELBO, nats",
        "intersection over union",
        "failed",
    )
    return markdown_table(header, rows)


def factors_text(table: SweepTable) -> str:
    """For each setting and factor: seeds in which it is clear, and its share."""
    summary = table.over_seeds()
    places = {row["identity"]: place for place, row in enumerate(table)}
    found: list[tuple[list[str], dict[str, str]]] = []
    for one in summary.settings:
        matches: dict[str, list] = {}
        for row in one.done:
            for match in table.answer(places[row["identity"]]).matches:
                matches.setdefault(match.factor, []).append(match)
        cells = {
            factor: f"{sum(match.verdict == 'clear' for match in of_it)} of "
            f"{len(of_it)}; {span(match.judged[0] for match in of_it)}"
            for factor, of_it in matches.items()
        }
        found.append((cells_of(one, summary.names), cells))
    factors = list(dict.fromkeys(name for _, cells in found for name in cells))
    settings_names = (name.rpartition(".")[2] for name in summary.names)
    header = (*settings_names, *(f"{name}: clear, share" for name in factors))
    rows = [
        [*settings, *(cells.get(name, "-") for name in factors)]
        for settings, cells in found
    ]
    return (
        "By factor: seeds in which it is *clear*, and the share of its latent, median "
        f"(minimum to maximum).\n\n{markdown_table(header, rows)}"
    )


def scores_text(table: SweepTable) -> str:
    """For each setting: what it saw of the factors, the scores to report, seconds."""
    (means,) = table.over_seeds().paper_tables()
    kept = [k for k, name in enumerate(means.columns) if name not in SAID_ABOVE]
    rows = [[rounded(row[k], means.decimals) for k in kept] for row in means.rows]
    return (
        "Scores and seconds of a run on one core beside others: mean and standard "
        "deviation over seeds. Brackets say what an objective sees of the factors.\n\n"
        f"{markdown_table([means.columns[k] for k in kept], rows)}"
    )


def unfinished_text(table: SweepTable) -> str:
    """How much of the sweep has ended, if not all of it."""
    ended = sum(state in ("done", "failed") for state in table["state"])
    if ended == len(table):
        return ""
    return (
        f"**Not finished**: {ended} of {len(table)} members have ended. A setting that "
        "has not begun is absent."
    )


def machine_text(table: SweepTable) -> str:
    """Where the sweep was planned, as its ledger says."""
    with open_ledger(table.folder) as ledger:
        where = ledger.facts()["environment"]
    versions = "; ".join(f"{name} {v}" for name, v in where["versions"].items())
    return (
        f"Machine of the sweep: {', '.join(where['devices'])}; {where['cores']} cores; "
        f"{where['platform']}; Python {where['python']}; {versions}."
    )


def selection_text(table: SweepTable) -> str:
    """How good the VAE is that the selection chooses, which sees no factor."""
    runs: dict[str, list[list[tuple[bool, float]]]] = {}
    for place, kept in enumerate(table["kept"]):
        if kept is not None and int(table["members"][place] or 1) > 1:
            known = [
                (member.chosen, least(member.answer.matches)[0])
                for member in table.run(place).members
                if member.answer is not None
            ]
            runs.setdefault(str(table["objective"][place]), []).append(known)
    return "\n".join(selection_sentence(name, each) for name, each in runs.items())


def selection_sentence(objective: str, runs: list[list[tuple[bool, float]]]) -> str:
    """The worst shares of VAEs at the selection: of all, and of those chosen."""
    every = [share for run in runs for _, share in run]
    aligned = sum(share >= ALIGNED for share in every)
    best = [max(share for _, share in run) for run in runs]
    taken = [next((share for chosen, share in run if chosen), 0.0) for run in runs]
    right = sum(share >= ALIGNED for share in taken)
    near = sum(t >= b - NEARLY for t, b in zip(taken, best, strict=True))
    return (
        f"Selection of {objective}: at its step {aligned} of {len(every)} VAEs had "
        f"every share at {ALIGNED} or above, and so had the one of lowest loss in "
        f"{right} of {len(runs)} runs. Its worst share was that of the best VAE of its "
        f"run, or less by at most {NEARLY}, in {near} of {len(runs)}."
    )


def beside_text(table: SweepTable, record: Path) -> str:
    """Members of the same settings and seed, on record and now."""
    with record.open(newline="") as stream:
        before = {row["identity"]: row for row in csv.DictReader(stream)}
    pairs = [(before[str(row["identity"])], row) for row in table
             if str(row["identity"]) in before and row["state"] == "done"]  # fmt: skip
    rows = [
        [
            str(now["objective"]),
            str(now["seed"]),
            *(_cell(then[name] if k == 0 else now[name]) for name in COMPARED
              for k in (0, 1)),
        ]
        for then, now in pairs
    ]  # fmt: skip
    header = ["objective", "seed"]
    header += [f"{name} {when}" for name in COMPARED for when in ("on record", "now")]
    same = sum(then["verdict"] == now["verdict"] for then, now in pairs)
    return (
        f"{markdown_table(header, rows)}\n\n"
        f"{same} of {len(pairs)} members keep their verdict."
    )


def _cell(value: object) -> str:
    try:
        return f"{float(str(value)):.4f}"
    except ValueError:
        return str(value)


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="The answers of a sweep as a table.")
    parser.add_argument("sweep", type=Path, help="folder of the sweep")
    parser.add_argument("--beside", type=Path, help="a table of members on record")
    parser.add_argument(
        "--again", action="store_true", help="measure kept weights with this program"
    )
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    chosen = parser.parse_args()
    table = tv.load_sweep(chosen.sweep)
    if chosen.again:
        table = MeasuredAgain(table.folder, table.columns, table.rows)
    if chosen.beside is not None:
        publish(beside_text(table, chosen.beside), chosen.out)
        return
    parts = [
        unfinished_text(table),
        answers_text(table),
        factors_text(table),
        scores_text(table),
        selection_text(table),
        machine_text(table),
    ]
    publish("\n\n".join(part for part in parts if part), chosen.out)
    if chosen.out is not None:
        export_table(table, chosen.out.with_suffix(".csv"))


if __name__ == "__main__":
    main()
