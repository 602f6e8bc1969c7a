"""A comparison as JSON values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tinyvae.comparison.parts import ComparisonParts, ModelSet
from tinyvae.comparison.recurring import Recurring
from tinyvae.comparison.spread import ScoreSpread


def comparison_to_json(
    comparison: ComparisonParts, sentences: Sequence[str]
) -> dict[str, Any]:
    """Models, recurring latents, UDR, scores and tests; undefined values are null."""
    against = comparison.against
    return {
        **_set(comparison.first),
        "same": comparison.same,
        "recurring": [_recurring(comparison, one) for one in comparison.recurring],
        "sentences": list(sentences),
        "against": None
        if against is None
        else {
            **_set(against.other),
            "paired_by": against.paired_by,
            "tests": [
                {"id": spread.id, "name": spread.name}
                | ({} if test is None else test._asdict())
                for spread, test in against.tests
            ],
        },
    }


def _set(models: ModelSet) -> dict[str, Any]:
    return {
        "models": [model.name for model in models.models],
        "seeds": [model.seed for model in models.models],
        "udr": models.udr.to_json(),
        "scores": [_spread(spread) for spread in models.scores],
    }


def _spread(spread: ScoreSpread) -> dict[str, Any]:
    return {
        "id": spread.id,
        "name": spread.name,
        "values": [_plain(value) for value in spread.values],
        "mean": _plain(spread.mean),
        "sd": _plain(spread.deviation),
        "best": spread.best,
        "chance": spread.chance,
    }


def _recurring(comparison: ComparisonParts, group: Recurring) -> dict[str, Any]:
    names = [model.name for model in comparison.first.models]
    return {
        "reference": names[group.reference],
        "latent": group.latent,
        "factor": group.factor,
        "share": _plain(group.share),
        "similarity": _plain(group.similarity),
        "interval": None if group.interval is None else list(group.interval),
        "members": [
            {
                "model": names[one.model],
                "latent": one.latent,
                "spearman": one.similarity,
            }
            for one in group.members
        ],
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
