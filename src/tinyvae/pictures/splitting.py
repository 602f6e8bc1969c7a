"""Which pictures are held out: a share of each class, whole groups only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int

from tinyvae.errors import DataError
from tinyvae.notes import Note
from tinyvae.pictures.rules import SplitRule
from tinyvae.tables.kinds import Label

BINS = 10  # of an ordered label, by quantiles


def held_out_rows(
    count: int,
    labels: Sequence[Label],
    groups: np.ndarray | None,
    rule: SplitRule,
) -> tuple[Bool[np.ndarray, " sample"], tuple[Note, ...]]:
    """Which pictures are held out, and a text that says how they were chosen.

    Each stratum gives its share. Strata are the classes of the first categorical label,
    or else tenths (by quantiles) of the first other label. Groups are never split.

    Raises: DataError if there are too few pictures or groups to hold some out.
    """
    if rule.held_out == 0:
        text = "no picture is held out: the answer is measured on training pictures"
        return np.zeros(count, bool), (Note("split", text),)
    strata, what = _strata(count, labels)
    rng = np.random.default_rng(rule.seed)
    if groups is None:
        held = _shares(strata, rule.held_out, rng)
        how = f"the same share of {what}" if what else "at random"
    else:
        number = group_numbers(groups)
        if number.max() < 1:
            raise DataError(
                "expected at least 2 groups, so that one can be held out, got 1. "
                "Leave group out."
            )
        held = _whole_groups(strata, number, rule.held_out, rng)
        how = f"{len(np.unique(number[held]))} of {number.max() + 1} whole groups"
        if what:
            how += f" that give about the same share of {what}"
    if not held.any() or held.all():
        raise DataError(
            f"expected enough pictures to hold out a share of {rule.held_out:g} and "
            f"train on the rest, got {count}. Set held_out=0 to hold out none."
        )
    text = f"{held.sum()} of {count} pictures are held out, {how}, seed {rule.seed}"
    return held, (Note("split", text),)


def _strata(count: int, labels: Sequence[Label]) -> tuple[Int[np.ndarray, " n"], str]:
    """The stratum of each picture, and a text that describes the strata."""
    classes = [label for label in labels if label.factor.kind == "categorical"]
    if classes:
        values = np.nan_to_num(classes[0].values, nan=-1).astype(int)
        return values, f"each {classes[0].factor.name}"
    if labels:
        values = labels[0].values
        edges = np.nanquantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
        places = np.searchsorted(edges, values, side="right")
        return np.where(
            np.isnan(values), -1, places
        ), f"tenths of {labels[0].factor.name}"
    return np.zeros(count, int), ""


def _shares(
    strata: Int[np.ndarray, " sample"], share: float, rng: np.random.Generator
) -> Bool[np.ndarray, " sample"]:
    """A share of each stratum; the rest goes where rounding down removed most."""
    held = np.zeros(len(strata), bool)
    places = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    exact = np.array([share * len(rows) for rows in places])
    quota = np.floor(exact).astype(int)
    missing = round(share * len(strata)) - quota.sum()
    order = np.argsort(-(exact - quota), kind="stable")
    quota[order[: max(0, missing)]] += 1
    for rows, size in zip(places, quota, strict=True):
        held[rng.permutation(rows)[:size]] = True
    return held


def group_numbers(groups: np.ndarray) -> Int[np.ndarray, " sample"]:
    """A number for each group; a picture without a group forms its own group."""
    texts = [
        f"row {row}" if cell is None or cell != cell else f"group {cell}"
        for row, cell in enumerate(groups.tolist())
    ]
    return np.unique(texts, return_inverse=True)[1]


def _whole_groups(
    strata: Int[np.ndarray, " sample"],
    number: Int[np.ndarray, " sample"],
    share: float,
    rng: np.random.Generator,
) -> Bool[np.ndarray, " sample"]:
    """Groups in random order, held out if that brings the shares closer to their aims.

    Closer: a smaller squared distance of the strata's held-out counts to their aims.
    """
    kinds, place = np.unique(strata, return_inverse=True)
    counts = np.zeros((number.max() + 1, len(kinds)))
    np.add.at(counts, (number, place), 1)
    aim = share * counts.sum(0)
    taken, chosen = np.zeros(len(kinds)), np.zeros(len(counts), bool)
    for group in rng.permutation(len(counts)):
        nearer = ((taken + counts[group] - aim) ** 2).sum() < ((taken - aim) ** 2).sum()
        if nearer:
            taken, chosen[group] = taken + counts[group], True
    if not chosen.any():
        chosen[np.argmin(counts.sum(1))] = True
    return chosen[number]
