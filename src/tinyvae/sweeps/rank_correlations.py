"""Rank correlations between measures over the members of a sweep."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from tinyvae.measures.spearman import spearman_matrix

FEWEST_MEMBERS = 5  # a correlation of fewer is not given


class RankCorrelations(NamedTuple):
    """Spearman's rank correlation of each two columns, and what it rests on.

    NaN where fewer than five members have both values, or where one is constant.
    """

    values: Float[np.ndarray, "column column"]  # -1 to 1
    members: Int[np.ndarray, "column column"]  # that have both values


def rank_correlations(
    columns: Float[np.ndarray, "member column"], *, fewest: int = FEWEST_MEMBERS
) -> RankCorrelations:
    """Spearman's correlation of each two columns, over the members that have both.

    A value that is missing is NaN. Ties share their middle rank. Ranks are those among
    the members that have both values, so that members which miss one change nothing.

    Source: Spearman (1904); `scipy.stats.spearmanr` of the complete pairs.
    """
    count = columns.shape[1]
    known = np.isfinite(columns)
    members = known.T.astype(int) @ known.astype(int)
    values = np.full((count, count), np.nan)
    for i in range(count):
        for j in range(i + 1):
            both = known[:, i] & known[:, j]
            if members[i, j] >= fewest:
                found = _spearman(columns[both, i], columns[both, j])
                values[i, j] = values[j, i] = found
    return RankCorrelations(values, members)


class WithinSettings(NamedTuple):
    """Mean rank correlation among the seeds of one setting."""

    value: float  # NaN without a setting that has one
    settings: int  # that it is the mean of


def within_settings(
    first: Float[np.ndarray, " member"],
    second: Float[np.ndarray, " member"],
    settings: Sequence[Hashable],
    *,
    fewest: int = FEWEST_MEMBERS,
) -> WithinSettings:
    """Mean over settings of the rank correlation among the seeds of each.

    Losses of two objectives cannot be compared; those of two seeds of one can. Settings
    without a correlation (fewer than five seeds, or a constant value) do not count.
    """
    places: dict[Hashable, list[int]] = {}
    for place, setting in enumerate(settings):
        places.setdefault(setting, []).append(place)
    both = np.column_stack([first, second])
    found = [
        rank_correlations(both[rows], fewest=fewest).values[0, 1]
        for rows in places.values()
    ]
    known = [value for value in found if np.isfinite(value)]
    return WithinSettings(float(np.mean(known)) if known else np.nan, len(known))


def _spearman(
    first: Float[np.ndarray, " member"], second: Float[np.ndarray, " member"]
) -> float:
    probability = np.full(len(first), 1 / len(first))
    return float(spearman_matrix(first[:, None], second[:, None], probability)[0, 0])
