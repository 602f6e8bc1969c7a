"""How often is a choice that sees no factor the right one?

Among the VAEs of a run: the recipe starts four and continues with the one of lowest
loss. The UDR of each, its agreement with the other three, would be another way. Each
run of a sweep trains again to the choice, and both ways choose.

Among settings: runs whose weights a sweep has kept encode the same pictures, and the
UDR is computed among the seeds of each setting.

    python benchmarks/without_labels.py --members sweeps/elsewhere --out members.md
    python benchmarks/without_labels.py --settings sweeps/objectives --out settings.md
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import spearmanr

import tinyvae as tv
from answers import NEARLY, least, on_target, span
from machine import describe_machine, markdown_table, publish
from tinyvae.evaluation.encode import encode_rows
from tinyvae.evaluation.fit import answer_rows
from tinyvae.runs.members import prepare
from tinyvae.runs.opened import open_world
from tinyvae.scores import udr
from tinyvae.sweeps.knowledge import seen_by
from tinyvae.sweeps.report.names import named_settings
from tinyvae.sweeps.table import SweepTable
from tinyvae.training.state import member_vae

WAYS = ("lowest loss", "highest UDR")


class Choice(NamedTuple):
    """The worst share of the VAEs at the choice, and what each way takes of them."""

    best: float
    taken: tuple[float, ...]  # one for each of WAYS


# Among the VAEs of a run --------------------------------------------------------------


def choices_of(run: tv.Run) -> Choice | None:
    """What both ways choose; None if a VAE has no answer, such as a collapsed one."""
    answers = [each.answer for each in run.members if each.answer is not None]
    if len(answers) < len(run.members):
        return None
    shares = [least(answer.matches)[0] for answer in answers]
    by_loss = next(place for place, each in enumerate(run.members) if each.chosen)
    agreement = udr(codes_at_choice(run)).parts
    assert agreement is not None  # one for each VAE
    by_udr = int(np.argmax(agreement))
    return Choice(max(shares), (shares[by_loss], shares[by_udr]))


def codes_at_choice(run: tv.Run) -> list[np.ndarray]:
    """Codes of the same pictures by each VAE of a run, at the step of the choice."""
    opened = open_world(run.config)
    group = prepare(opened)
    state = group.advance(group.keys, group.start, group.selection)
    _, rows = answer_rows(opened.population)
    return [
        np.asarray(encode_rows(member_vae(state, place), opened.population, rows).mean)
        for place in range(run.config.members)
    ]


def members_text(tables: Iterable[SweepTable], most: int) -> str:
    """One row for each world: how often each way takes the best VAE, or nearly."""
    choices: dict[str, list[Choice]] = {}
    for table in tables:
        for place, kept in enumerate(table["kept"]):
            if kept is None or int(table["members"][place] or 1) < 2:
                continue
            run = table.run(place)
            of_world = choices.setdefault(run.world.describe(), [])
            if len(of_world) < most and (found := choices_of(run)) is not None:
                of_world.append(found)
    every = [choice for of_world in choices.values() for choice in of_world]
    rows = [
        [name, *(right(of_world, way) for way in range(len(WAYS)))]
        for name, of_world in [*choices.items(), ("all", every)]
    ]
    return (
        f"{markdown_table(('world', *WAYS), rows)}\n\n"
        "Runs with a VAE that has no answer, as a collapsed one, are left out. "
        f"In how many runs the VAE taken is the best of its run, or one whose worst "
        f"share is less by at most {NEARLY}."
    )


def right(choices: Sequence[Choice], way: int) -> str:
    """How often a way takes the best VAE, or one that is worse by at most NEARLY."""
    near = sum(choice.taken[way] >= choice.best - NEARLY for choice in choices)
    return f"{near} of {len(choices)}"


# Among settings -----------------------------------------------------------------------


def settings_text(table: SweepTable, world: str) -> str:
    """One row for each setting of a world without supervision, by falling UDR."""
    summary = table.over_seeds()
    places = {row["identity"]: place for place, row in enumerate(table)}
    settings = [
        one
        for one in summary.settings
        if len(one.done) > 1
        and one.settings["world"] == world
        and seen_by(one.settings) == "none"
    ]
    trained = [
        [table.run(places[row["identity"]]) for row in one.done] for one in settings
    ]
    configs = [runs[0].config for runs in trained]
    differ = [name for name in summary.names if not name.startswith("world")]
    names = [one.name for one in named_settings(settings, configs, differ)]
    rows = []
    for name, setting, runs in zip(names, settings, trained, strict=True):
        models = [run.as_model("") for run in runs]
        found = udr([m.found for m in models], active=[m.moving for m in models])
        shares = [float(row["smallest_share"] or 0) for row in setting.done]
        readouts = [float(row["smallest_readout"] or 0) for row in setting.done]
        cells = [name, f"{found.value:.3f}", on_target(shares, readouts), span(shares)]
        rows.append((found.value, float(np.median(shares)), cells))
    rows.sort(key=lambda row: -row[0])
    ranks: Any = spearmanr([row[0] for row in rows], [row[1] for row in rows])
    header = ("objective", "UDR", "seeds on target", "worst share of a seed")
    return (
        f"{markdown_table(header, [cells for *_, cells in rows])}\n\n"
        "Rank correlation of the UDR with the median worst share: "
        f"{ranks.statistic:.2f}."
    )


def main() -> None:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(description="Choices that see no factor.")
    parser.add_argument("--members", type=Path, nargs="*", default=[], metavar="SWEEP")
    parser.add_argument("--runs", type=int, default=5, help="of each world")
    parser.add_argument("--settings", type=Path, metavar="SWEEP")
    parser.add_argument("--world", default="circles", help="of the settings")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    chosen = parser.parse_args()
    if not (chosen.members or chosen.settings):
        parser.error("expected a sweep with --members or --settings, got none.")
    texts = []
    if chosen.members:
        sweeps = map(tv.load_sweep, chosen.members)
        texts.append(members_text(sweeps, chosen.runs))
    if chosen.settings is not None:
        texts.append(settings_text(tv.load_sweep(chosen.settings), chosen.world))
    publish("\n\n".join([*texts, describe_machine()]), chosen.out)


if __name__ == "__main__":
    main()
