"""What a comparison holds."""

from __future__ import annotations

from typing import NamedTuple

from tinyvae.comparison.models import Model
from tinyvae.comparison.paired import PairedTest
from tinyvae.comparison.recurring import Recurring
from tinyvae.comparison.spread import ScoreSpread
from tinyvae.scores.score import Score


class ModelSet(NamedTuple):
    """Models of the same rows, their scores, and how far their latents agree."""

    models: tuple[Model, ...]
    udr: Score
    scores: tuple[ScoreSpread, ...]  # none without factors


class Against(NamedTuple):
    """A second set of models, and a paired test of each score: the first less it."""

    other: ModelSet
    paired_by: str  # "seed", or "order"
    tests: tuple[tuple[ScoreSpread, PairedTest | None], ...]  # None: undefined


class ComparisonParts(NamedTuple):
    """Everything that a comparison holds."""

    first: ModelSet
    recurring: tuple[Recurring, ...]
    same: float  # |Spearman| from which latents count as the same
    against: Against | None
