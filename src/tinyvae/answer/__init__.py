"""The answer to the question: which latent dimension is which factor?"""

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
