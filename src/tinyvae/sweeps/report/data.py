"""What the page is told of a sweep, as JSON values. Every number is computed here."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tinyvae.files.result_tables import Cell
from tinyvae.runs.config import RunConfig
from tinyvae.sweeps.plan import work_of
from tinyvae.sweeps.rank_correlations import (
    FEWEST_MEMBERS,
    rank_correlations,
    within_settings,
)
from tinyvae.sweeps.report.commands import (
    PAGES_COMMAND,
    SEED,
    page_command,
    train_command,
)
from tinyvae.sweeps.report.compared import Compared
from tinyvae.sweeps.report.measures import Measure, measures_of
from tinyvae.sweeps.report.members import member_columns
from tinyvae.sweeps.report.names import Named, named_settings
from tinyvae.sweeps.report.words import headline, ranking
from tinyvae.sweeps.report.worlds import worlds_of
from tinyvae.sweeps.summary import (
    SMALLEST_SHARE,
    Row,
    Setting,
    spread_of,
)
from tinyvae.sweeps.weights import is_url, page_of

DIGITS = 5  # significant, of numbers on the page
Agreement = Mapping[Cell, float]  # UDR by identity
Columns = Mapping[str, Float[np.ndarray, " member"]]


def page_data(sweep: Compared) -> dict[str, Any]:
    """Everything that the page shows, by world.

    Nothing is compared between worlds or likelihoods, since an ELBO and a loss cannot.
    """
    return {
        "worlds": [
            {"world": one.title, **world_data(one.sweep)} for one in worlds_of(sweep)
        ]
    }


def world_data(sweep: Compared) -> dict[str, Any]:
    """What the page shows of one world; settings stand best first."""
    settings = [sweep.summary.settings[k] for k in ranking(sweep.summary.settings)]
    places = {id(one): k for k, one in enumerate(sweep.summary.settings)}
    configs = [sweep.configs[places[id(one)]] for one in settings]
    titles = {c.objective.kind: c.objective.title for c in configs}
    named = named_settings(settings, configs, sweep.summary.names)
    names = [one.name for one in named]
    rows = [row for one in settings for row in one.rows]
    belongs = [k for k, one in enumerate(settings) for _ in one.rows]
    works = [work_of(config) for config in configs]
    counts = sorted({int(row["factors"]) for row in rows if row["factors"]})
    measures = measures_of([*sweep.summary.scores, "udr"], counts)
    columns = member_columns(
        rows, measures, [works[k] for k in belongs], sweep.agreement
    )
    measures = [measure for measure in measures if measure.id in columns]
    found = headline(settings, names)
    # in the order of the spec: an objective keeps its colour when the ranking changes
    kinds = list(
        dict.fromkeys(str(one.settings["objective"]) for one in sweep.summary.settings)
    )
    return {
        "name": sweep.folder.resolve().name,
        "states": Counter(str(row["state"]) for row in rows),
        "headline": {
            "verdict": found.verdict,
            "tone": found.tone,
            "sentences": list(found.sentences),
        },
        "objectives": [titles[kind] for kind in kinds],
        "settings": [
            _setting_data(one, words, config, kinds)
            for one, words, config in zip(settings, named, configs, strict=True)
        ],
        "measures": [_measure_data(measure) for measure in measures],
        "members": _members_data(rows, belongs, sweep),
        "columns": {name: _rounded(column) for name, column in columns.items()},
        "undefined": undefined_data(settings, measures, sweep.agreement),
        "correlations": correlations_data(measures, columns),
        "criteria": criteria_data(measures, columns, belongs),
        "fewest": FEWEST_MEMBERS,
        "keptSeeds": sum(row["kept"] is not None for row in rows),
        "seedWord": SEED,
    }


def _setting_data(
    one: Setting, named: Named, config: RunConfig, kinds: Sequence[str]
) -> dict[str, Any]:
    interval = one.clear_interval()
    elbo, seconds = one.spread("elbo"), one.seconds()
    training = spread_of(row["training_seconds"] for row in one.done).mean
    work = work_of(config)
    return {
        "name": named.name,
        "others": list(named.others),
        "kind": str(one.settings["objective"]),
        "objective": kinds.index(str(one.settings["objective"])),
        "members": len(one.rows),
        "done": len(one.done),
        "failed": one.failed,
        "judged": one.judged,
        "clear": one.clear,
        "share": one.clear_share,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "elbo": _number(elbo.mean),
        "elboDeviation": _number(elbo.deviation),
        "seconds": _number(seconds.mean),
        "speed": _number(work / training if training else None),
        "command": train_command(config),
    }


def _measure_data(measure: Measure) -> dict[str, Any]:
    return {
        "id": measure.id,
        "title": measure.title,
        "kind": measure.kind,
        "unit": measure.unit,
        "best": measure.best,
        "chances": list(measure.chances),
        "least": measure.least,
        "most": measure.most,
        "higher": measure.higher,
        "question": measure.question,
    }


def _members_data(
    rows: Sequence[Row], belongs: Sequence[int], sweep: Compared
) -> dict[str, Any]:
    """Columns of texts and whole numbers; reasons are said once, and numbered."""
    reasons = list(dict.fromkeys(str(row["reason"]) for row in rows if row["reason"]))
    links = [_page_of(row, sweep) for row in rows]
    return {
        "setting": list(belongs),
        "identity": [row["identity"] for row in rows],
        "seed": [row["seed"] for row in rows],
        "state": [row["state"] for row in rows],
        "verdict": [row["verdict"] for row in rows],
        "factors": [row["factors"] for row in rows],
        "clear": [row["clear"] for row in rows],
        "step": [row["step"] for row in rows],
        "reason": [
            reasons.index(str(row["reason"])) if row["reason"] else None for row in rows
        ],
        "reasons": reasons,
        "link": [link for link, _ in links],
        "command": [command for _, command in links],
    }


def _page_of(row: Row, sweep: Compared) -> tuple[str | None, str | None]:
    """Link to the page of a member, or else the command that writes it.

    Both are relative: to the page of the sweep, and to the folder of the sweep. Neither
    where its weights are not kept.
    """
    if row["kept"] is None:
        return None, None
    kept = str(row["kept"])
    page = page_of(sweep.folder, kept)
    if page.is_file():
        # a page is passed on with what lies beside it; elsewhere the link leads nowhere
        path = os.path.relpath(page.resolve(), sweep.out.resolve())
        return Path(path).as_posix(), None
    return None, PAGES_COMMAND if is_url(kept) else page_command(Path(kept).as_posix())


def undefined_data(
    settings: Sequence[Setting], measures: Sequence[Measure], agreement: Agreement
) -> dict[str, list[list[int]]]:
    """Of each measure and setting: how many members have no value, and of how many.

    Members that cannot have one are left out: without labels there is no score, without
    weights no UDR, without held-out pictures no ELBO of them.
    """
    found = {}
    for measure in measures:
        if measure.kind == "cost":
            continue
        found[measure.id] = counts = []
        for one in settings:
            rows, values = one.done, [row.get(measure.id) for row in one.done]
            if measure.id == "udr":
                rows = [row for row in rows if row["kept"] is not None]
                values = [agreement.get(row["identity"]) for row in rows]
            elif measure.kind in ("answer", "score"):
                values = [row.get(measure.id) for row in rows if row["factors"]]
            elif measure.id == "test_elbo" and not any(v is not None for v in values):
                values = []
            counts.append([sum(v is None for v in values), len(values)])
    return found


def correlations_data(measures: Sequence[Measure], columns: Columns) -> dict[str, Any]:
    """Spearman's correlation of each two measures but those of cost."""
    names = [measure.id for measure in measures if measure.kind != "cost"]
    if not names:
        return {"names": [], "values": [], "members": []}
    found = rank_correlations(np.column_stack([columns[name] for name in names]))
    return {
        "names": names,
        "values": [_rounded(row) for row in found.values],
        "members": found.members.tolist(),
    }


def criteria_data(
    measures: Sequence[Measure], columns: Columns, belongs: Sequence[int]
) -> list[dict[str, Any]]:
    """How well each criterion that needs no factor foretells the smallest share."""
    if SMALLEST_SHARE not in columns:
        return []
    answer, found = columns[SMALLEST_SHARE], []
    for measure in measures:
        if measure.kind != "criterion":
            continue
        both = np.column_stack([columns[measure.id], answer])
        over_all = rank_correlations(both)
        within = within_settings(both[:, 0], answer, belongs)
        found.append(
            {
                "id": measure.id,
                "value": _number(over_all.values[0, 1]),
                "members": int(over_all.members[0, 1]),
                "within": _number(within.value),
                "settings": within.settings,
            }
        )
    return found


def _rounded(column: Float[np.ndarray, " number"]) -> list[float | None]:
    return [_number(value) for value in column.tolist()]


def _number(value: float | None) -> float | None:
    """Five significant digits; None where it is not a number."""
    if value is None or not np.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")
