"""Notes of an answer: what a reader must keep in mind."""

from __future__ import annotations

import numpy as np

from tinyvae.answer.axes import AxisScores, rows_of_factors
from tinyvae.answer.rows import (
    MOST_ROWS,
    MOST_TURNED,
    restricted,
    rows_read,
)
from tinyvae.factors import FactorTable
from tinyvae.measures.factor_dependence import factor_dependence
from tinyvae.representation import FEWEST_ROWS
from tinyvae.wording import counted

MOST_NAMED = 6  # factors with missing labels that a note names


def _dependence_notes(table: FactorTable) -> list[str]:
    """What is to be kept in mind where factors depend on one another."""
    if table.complete:
        if len(table.factors) < 2:
            return []
        return [
            "the factors depend on one another, so shares of a latent may add up to "
            "more than 1"
        ]
    known = np.flatnonzero(~np.isnan(table.values).any(axis=1))
    if len(known) < FEWEST_ROWS:
        return []
    pairs = factor_dependence(restricted(table, known, np.arange(len(table.factors))))
    if not pairs:
        return []
    first, *others = pairs
    more = f" ({len(others)} other pairs depend as well)" if len(others) > 1 else ""
    if len(others) == 1:
        more = f" ({others[0].factor} and {others[0].other} depend as well)"
    return [
        f"{first.factor} and {first.other} depend on one another "
        f"({first.explained:.2f} of the variance of {first.factor} goes with "
        f"{first.other}; {first.chance:.2f} by chance), so a latent that follows one "
        f"also follows the other{more}"
    ]


def _in_groups(table: FactorTable) -> str:
    if table.group is None:
        return ""
    return f" in {counted(len(np.unique(table.group)), 'group')}"


def notes_of(axes: AxisScores, table: FactorTable) -> tuple[str, ...]:
    """Sentences on undefined factors, missing labels, dependence and sampling."""
    notes = [
        f"{name} is undefined ({reason})"
        for name, reason in zip(axes.factors, axes.undefined, strict=True)
        if reason is not None
    ]
    notes += _missing(table)
    if not table.independent:
        notes += _dependence_notes(table)
    if not table.complete and table.factors:
        notes.append(
            f"measured on {len(table)} rows{_in_groups(table)}, a sample: other "
            "samples of as many give values within the intervals in about 95 % of cases"
        )
    read = rows_read(len(axes.active), len(rows_of_factors(table)))
    if len(table) > read and table.factors:
        shared = min(len(table), MOST_ROWS)
        notes.append(
            f"of {len(table)} rows, {shared} are used for shares and rank correlations "
            f"and {read} for readouts, with at least 200 of each label"
        )
    num_active = np.count_nonzero(axes.active)
    if num_active > MOST_TURNED and table.factors:
        notes.append(
            f"active latents: {num_active}; rotation and ICA look at {MOST_TURNED} of "
            "them, those with the largest shares and the largest variances"
        )
    if num_active < len(axes.factors):
        notes.append(
            f"active latents: {num_active}, factors: {len(axes.factors)}, so some "
            "factors have no latent"
        )
    return tuple(notes)


def _missing(table: FactorTable) -> list[str]:
    """How many rows lack which label."""
    missing = np.isnan(table.values).sum(axis=0)
    lacking = np.flatnonzero(missing)
    if not len(lacking):
        return []
    order = lacking[np.argsort(-missing[lacking], kind="stable")]
    named = ", ".join(
        f"{table.names[place]} {missing[place]}" for place in order[:MOST_NAMED]
    )
    more = f" and {len(order) - MOST_NAMED} others" if len(order) > MOST_NAMED else ""
    return [
        f"missing labels, of {counted(len(table), 'row')}: {named}{more}; each factor "
        "is judged on the rows that have it"
    ]
