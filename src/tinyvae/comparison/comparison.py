"""Several models of the same rows: what recurs, how scores spread, and paired tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyvae.comparison.display import comparison_lines
from tinyvae.comparison.json_writing import comparison_to_json
from tinyvae.comparison.models import Model, models_of
from tinyvae.comparison.paired import sign_flip_test
from tinyvae.comparison.parts import Against, ComparisonParts, ModelSet
from tinyvae.comparison.recurring import SAME, Recurring, recurring_latents
from tinyvae.comparison.spread import spreads_of
from tinyvae.comparison.tables import comparison_data, comparison_papers
from tinyvae.errors import ConfigError, DataError
from tinyvae.files.result_tables import ResultTable
from tinyvae.scores.udr import udr

Watch = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Which latents recur among models, how scores spread, and against another set."""

    first: ModelSet
    recurring: tuple[Recurring, ...]
    same: float  # |Spearman| from which latents count as the same
    against: Against | None = None

    @property
    def parts(self) -> ComparisonParts:
        """Everything that the comparison holds."""
        return ComparisonParts(self.first, self.recurring, self.same, self.against)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in sentences for a person to read."""
        return comparison_lines(self.parts).sentences

    def to_json(self) -> dict[str, Any]:
        """The comparison as JSON values; undefined values are null."""
        return comparison_to_json(self.parts, self.sentences)

    def data_table(self) -> ResultTable:
        """One row for each recurring latent and each score."""
        return comparison_data(self.parts)

    def paper_tables(self) -> tuple[ResultTable, ...]:
        """A table of latents and a table of scores."""
        return comparison_papers(self.parts)

    def __str__(self) -> str:
        return comparison_lines(self.parts).text

    __repr__ = __str__


def compare(
    models: Sequence[Any],
    *,
    against: Sequence[Any] | None = None,
    names: Sequence[str] | None = None,
    same: float = SAME,
    only: Sequence[str] | None = None,
    watch: Watch | None = None,
) -> Comparison:
    """Which latents recur among models that encoded the same rows; `tinyvae.compare`.

    Latents of different models are matched one to one by |Spearman| of their codes, so
    order, sign and increasing maps do not count. Where factors are known, each score
    is computed for each model.

    >>> rng = np.random.default_rng(0)
    >>> codes = rng.normal(size=(200, 2))
    >>> found = compare([codes, -codes[:, ::-1], np.exp(codes)])
    >>> [len(latent.members) for latent in found.recurring]
    [3, 3]

    Args:
        models: codes (sample, latent), representations, or runs of the same world.
        against: a second set of as many models, for a paired test of each score. Pairs
            have the same seed if all models are runs with different seeds, else the
            same place.
        names: of the models.
        same: |Spearman| from which two latents count as the same, above 0 to 1.
        only: functions of the scores to compute, such as mig_nearest; all by default.
        watch: called before each step with what it does.

    Raises: DataError if there are fewer than two models, or their rows are not the
    same; ConfigError if `same` is not a correlation.
    """
    if not 0 < same <= 1:
        raise ConfigError(f"expected a correlation above 0, up to 1, got {same}.")
    say = watch or (lambda step: None)
    first = _set_of(models, names, only, say)
    say("latents that recur")
    recurring = recurring_latents(first.models, same)
    if against is None:
        return Comparison(first, recurring, same)
    labels = None if names is None else [f"against {n}" for n in range(len(against))]
    other = _set_of(against, labels, only, say)
    return Comparison(first, recurring, same, _against(first, other))


def _set_of(
    given: Sequence[Any],
    names: Sequence[str] | None,
    only: Sequence[str] | None,
    watch: Watch,
) -> ModelSet:
    models = models_of(given, names)
    watch("UDR")
    agreement = udr(
        [model.found for model in models], active=[model.moving for model in models]
    )
    return ModelSet(models, agreement, spreads_of(models, only, watch))


def _against(first: ModelSet, other: ModelSet) -> Against:
    if len(first.models) != len(other.models):
        raise DataError(
            f"expected as many models in both sets, to pair them, got "
            f"{len(first.models)} and {len(other.models)}."
        )
    order, paired_by = _pairs(first.models, other.models)
    others = {spread.id: spread for spread in other.scores}
    tests = []
    for spread in first.scores:
        if spread.id not in others:
            continue
        values = np.array(others[spread.id].values)[order]
        differences = np.array(spread.values) - values
        known = differences[np.isfinite(differences)]
        tests.append((spread, sign_flip_test(known) if len(known) else None))
    return Against(other, paired_by, tuple(tests))


def _pairs(first: Sequence[Model], other: Sequence[Model]) -> tuple[list[int], str]:
    """The place in the other set of the partner of each model, and how it was found."""
    seeds = [model.seed for model in first]
    theirs = [model.seed for model in other]
    known = None not in seeds and len(set(seeds)) == len(seeds)
    if known and set(seeds) == set(theirs):
        return [theirs.index(seed) for seed in seeds], "seed"
    return list(range(len(first))), "order"
