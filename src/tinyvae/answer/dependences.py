"""Which factors depend on one another by more than chance, asked pair by pair."""

from __future__ import annotations

import itertools

import numpy as np

from tinyvae.answer.rows import restricted
from tinyvae.factors import FactorTable
from tinyvae.measures.factor_dependence import factor_dependence


class Dependences:
    """Which factors depend on one another by more than chance, in these rows.

    Where rows are few for the labels, least squares find parts in common that are
    noise; `factor_dependence` compares with shuffled rows. It looks at all pairs at
    once, or at each pair's own rows where labels are missing.
    """

    def __init__(self, table: FactorTable) -> None:
        self._table, self._known = table, ~np.isnan(table.values)
        self._found: dict[frozenset[int], bool] = {}

    def beyond_chance(self, factor: int, other: int) -> bool:
        """Whether these two factors depend on one another by more than chance."""
        pair = frozenset((factor, other))
        if pair not in self._found:
            self._look(factor, other)
        return self._found[pair]

    def _look(self, factor: int, other: int) -> None:
        factors = np.array([factor, other])
        if self._known.all():
            factors = np.arange(len(self._table.factors))
        rows = np.flatnonzero(self._known[:, factors].all(axis=1))
        table = restricted(self._table, rows, factors)
        place = {name: int(at) for name, at in zip(table.names, factors, strict=True)}
        pairs = itertools.combinations(place.values(), 2)
        self._found |= dict.fromkeys(map(frozenset, pairs), False)
        for one in factor_dependence(table):
            self._found[frozenset((place[one.factor], place[one.other]))] = True
