"""The answer to the question: which latent dimension is which factor?

The package may be called: `tinyvae.answer(codes, labels)` is `answer` of `asked.py`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tinyvae.answer.answer import (
    Answer,
    build_answer,
)
from tinyvae.answer.groups import Group
from tinyvae.answer.intervals import binomial_interval
from tinyvae.answer.match import Match, Shortfall
from tinyvae.answer.measurement import Measurement, measure
from tinyvae.answer.parts import CoordinateAnswer
from tinyvae.answer.thresholds import Thresholds
from tinyvae.answer.verdict import judge, overall_verdict
from tinyvae.evaluation.results import DecoderResponse, ModelFit, Movement

__all__ = [
    "Answer",
    "CoordinateAnswer",
    "DecoderResponse",
    "Group",
    "Match",
    "Measurement",
    "ModelFit",
    "Movement",
    "Shortfall",
    "Thresholds",
    "binomial_interval",
    "build_answer",
    "judge",
    "measure",
    "overall_verdict",
]


class _Callable(ModuleType):
    """A package with the name of its main function, which a call of it calls."""

    def __call__(self, *args: Any, **kwargs: Any) -> Answer:
        from tinyvae.answer.asked import answer

        return answer(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
