"""Rows of a table: some of its rows and factors, and draws that keep rare labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int

from tinyvae.factors import FactorTable
from tinyvae.measures.tables import categorical

MOST_ROWS = 20_000  # that shares and rank correlations use
# Rows that readouts use: fewer where there are many latents, and where labels are
# missing in different rows, so that latents x rows is bounded.
READ_NUMBERS = 8_000_000
FEWEST_READ = 3000
# Rotation and ICA look at so many latents and rows at most: beyond, they take minutes.
MOST_TURNED = 20
TURNED_ROWS = 10_000
FEWEST_OF_LABEL = 200  # rows of each label in a draw, where there are as many
SEED = 0

Rows = Bool[np.ndarray, " sample"] | Int[np.ndarray, " row"]


def restricted(
    table: FactorTable, rows: Rows, factors: Int[np.ndarray, " chosen"]
) -> FactorTable:
    """Some rows and factors; a sample, unless they are all of a whole population."""
    values = table.values[rows][:, factors]
    whole = len(values) == len(table)
    weight = table.probability[rows] if whole else np.full(len(values), 1.0)
    return replace(
        table,
        factors=tuple(table.factors[place] for place in factors),
        values=values,
        probability=weight / weight.sum(),
        complete=table.complete and whole,
        group=table.group_of(rows),
    )


def rows_read(num_latents: int, num_patterns: int) -> int:
    """How many rows a readout uses, 3000 to 20 000."""
    most = READ_NUMBERS // max(1, num_latents * num_patterns)
    return min(MOST_ROWS, max(FEWEST_READ, most))


def drawn_rows(
    table: FactorTable, most: int
) -> list[tuple[Int[np.ndarray, " row"], Int[np.ndarray, " factor"]]]:
    """Rows for the numbers and rows for the labels, at most about `most` of each.

    Labels are read by balanced accuracy, which the frequencies of labels do not move:
    of each label, 200 rows are kept where there are as many.
    """
    rng = np.random.default_rng(SEED)
    rows = np.sort(rng.permutation(len(table))[:most])
    labels = np.array(categorical(table), int)
    numbers = np.setdiff1d(np.arange(len(table.factors)), labels)
    found = [(rows, numbers)] if len(numbers) else []
    few = rows[:: 2 if len(labels) else 1]  # trees take longest
    for place in labels:
        found.append((_by_label(table.values[:, place], few, rng), np.array([place])))
    return found


def some_rows(table: FactorTable, most: int) -> Int[np.ndarray, " row"]:
    """Random rows in their order, with a fixed seed; all if there are few."""
    if len(table) <= most:
        return np.arange(len(table))
    return np.sort(np.random.default_rng(SEED).permutation(len(table))[:most])


def _by_label(
    labels: Float[np.ndarray, " sample"],
    rows: Int[np.ndarray, " row"],
    rng: np.random.Generator,
) -> Int[np.ndarray, " more"]:
    """The rows, and more of the labels that are rare among them."""
    names, counts = np.unique(labels[rows], return_counts=True)
    count = dict(zip(names.tolist(), counts.tolist(), strict=True))
    more = [rows]
    for label in np.unique(labels).tolist():
        lacking = FEWEST_OF_LABEL - count.get(label, 0)
        if lacking > 0:
            others = np.setdiff1d(np.flatnonzero(labels == label), rows)
            more.append(rng.permutation(others)[:lacking])
    return np.sort(np.concatenate(more))
