"""Scores of several models: mean and spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinyvae.comparison.models import Model
from tinyvae.errors import DataError
from tinyvae.scores.score import SCORES, Score
from tinyvae.scores.suite import function_name, scores_that_apply


@dataclass(frozen=True)
class ScoreSpread:
    """One score of several models; NaN where it is undefined."""

    id: str
    name: str
    values: tuple[float, ...]  # of each model
    best: float | None
    chance: float | None

    @property
    def num_defined(self) -> int:
        """Number of models in which the score is defined."""
        return int(np.isfinite(self.values).sum())

    @property
    def mean(self) -> float:
        """Mean over the models in which it is defined; NaN if in none."""
        return float(np.nanmean(self.values)) if self.num_defined else np.nan

    @property
    def deviation(self) -> float:
        """Standard deviation over models (n - 1); NaN for fewer than two."""
        if self.num_defined < 2:
            return np.nan
        return float(np.nanstd(self.values, ddof=1))

    @property
    def least(self) -> float:
        """The smallest value; NaN if there is none."""
        return float(np.nanmin(self.values)) if self.num_defined else np.nan

    @property
    def most(self) -> float:
        """The largest value; NaN if there is none."""
        return float(np.nanmax(self.values)) if self.num_defined else np.nan


def spreads_of(
    models: Sequence[Model], only: Sequence[str] | None, watch: Callable[[str], None]
) -> tuple[ScoreSpread, ...]:
    """Every score of every model; without factors, those of codes alone.

    Raises: DataError on the name of a score that is unknown or needs factors.
    """
    applies = scores_that_apply(models[0].found)
    chosen = applies if only is None else _chosen(only, applies)
    of_each: list[list[Score]] = []
    for model in models:
        found: list[Score] = []
        for name in chosen:
            watch(f"{model.name}: {name}")
            found.extend(SCORES[name].scores(model.found))
        of_each.append(found)
    return tuple(
        ScoreSpread(
            scores[0].id,
            scores[0].name,
            tuple(score.value for score in scores),
            scores[0].best,
            scores[0].chance,
        )
        for scores in zip(*of_each, strict=True)
    )


def _chosen(only: Sequence[str], applies: Sequence[str]) -> list[str]:
    names = [function_name(name) or name for name in only]
    for name in names:
        if name not in applies:
            raise DataError(
                f"expected scores among {', '.join(applies)}, got {name!r}."
            )
    return list(dict.fromkeys(names))
