"""The parts of an answer: what its table and its JSON are written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from tinyvae.answer.axes import AxisScores
from tinyvae.answer.match import Match
from tinyvae.answer.measurement import Measurement
from tinyvae.answer.moved import ColumnMoves
from tinyvae.evaluation.results import DecoderResponse, ModelFit, Movement


@dataclass(frozen=True, eq=False)
class CoordinateAnswer:
    """The answer against other coordinates of the same pictures."""

    axes: AxisScores
    matches: tuple[Match, ...]
    verdict: str


class AnswerParts(NamedTuple):
    """Everything that an answer holds, in the order of its fields."""

    measurement: Measurement
    matches: tuple[Match, ...]
    verdict: str
    fit: ModelFit | None
    independent_coordinates: CoordinateAnswer | None
    decoder: DecoderResponse | None
    movement: Movement | None
    columns: ColumnMoves | None = None
    known: tuple[str, ...] = ()


@runtime_checkable
class HasParts(Protocol):
    """Whatever holds the parts of an answer, and says them in sentences."""

    @property
    def parts(self) -> AnswerParts:
        """Everything that the answer holds."""
        ...

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each factor."""
        ...
