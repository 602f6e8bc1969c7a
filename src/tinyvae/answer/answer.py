"""The answer: which latent is which factor, with everything that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from tinyvae.answer.axes import measure_axes
from tinyvae.answer.display import html_table, text_table
from tinyvae.answer.json_reading import parts_from_json
from tinyvae.answer.json_writing import answer_to_json
from tinyvae.answer.match import Match
from tinyvae.answer.measurement import Measurement, measure
from tinyvae.answer.moved import ColumnMoves
from tinyvae.answer.parts import AnswerParts, CoordinateAnswer
from tinyvae.answer.sentence import sentence
from tinyvae.answer.thresholds import Thresholds
from tinyvae.answer.verdict import NO_LABELS, judge, overall_verdict
from tinyvae.evaluation.results import DecoderResponse, ModelFit, Movement
from tinyvae.factors import FactorTable
from tinyvae.representation import Representation


@dataclass(frozen=True, eq=False)
class Answer:
    """Which latent is which factor.

    `matches` has one entry for each factor. `verdict` sums them up: "yes, each", "none
    of them", the factors that have a latent of their own, or "no labels" where no
    factor is known. `fit` is None for codes that came from elsewhere;
    `independent_coordinates` is there for layouts whose factors depend on one another.
    `known` says in words what training saw of the factors, or was told of the world;
    that of codes from elsewhere is not known to tinyvae.
    """

    measurement: Measurement
    matches: tuple[Match, ...]
    verdict: str
    fit: ModelFit | None = None
    independent_coordinates: CoordinateAnswer | None = None
    decoder: DecoderResponse | None = None
    movement: Movement | None = None
    columns: ColumnMoves | None = None
    known: tuple[str, ...] = ()

    @property
    def parts(self) -> AnswerParts:
        """Everything that the answer holds."""
        return AnswerParts(
            self.measurement,
            self.matches,
            self.verdict,
            self.fit,
            self.independent_coordinates,
            self.decoder,
            self.movement,
            self.columns,
            self.known,
        )

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the factors, in the order of the columns."""
        return self.measurement.axes.factors

    @property
    def latents(self) -> tuple[str, ...]:
        """Names of the latents: their own, or z0, z1 and so on."""
        return self.measurement.axes.latents

    @property
    def share(self) -> Float[np.ndarray, "latent factor"]:
        """Share of each latent's variance that is each factor's, 0 to 1."""
        return self.measurement.axes.share

    @property
    def readout(self) -> Float[np.ndarray, "latent factor"]:
        """R2 with which each factor is read from each latent, 0 to 1."""
        return self.measurement.axes.readout

    @property
    def spearman(self) -> Float[np.ndarray, "latent factor"]:
        """Rank correlation of each latent with each factor, -1 to 1."""
        return self.measurement.axes.spearman

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each factor, for a person to read."""
        axes = self.measurement.axes
        joint = axes.joint_readout
        return tuple(
            sentence(match, float(r2), axes.names)
            for match, r2 in zip(self.matches, joint, strict=True)
        )

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON values (docs/answer.md lists the keys); NaN is null."""
        return answer_to_json(self)

    @classmethod
    def from_json(cls, data: Any) -> Answer:
        """The answer that `to_json` wrote; null is NaN.

        Raises: ValueError, saying which key, if anything is missing or misshapen.
        """
        return cls(*parts_from_json(data))

    def __str__(self) -> str:
        return text_table(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self)


def build_answer(
    representation: Representation,
    *,
    names: tuple[str, ...] = (),
    kl: Float[np.ndarray, " latent"] | None = None,
    fit: ModelFit | None = None,
    independent_coordinates: FactorTable | None = None,
    decoder: DecoderResponse | None = None,
    movement: Movement | None = None,
    thresholds: Thresholds | None = None,
) -> Answer:
    """Measure a representation, judge it, and join both into the answer.

    Args:
        representation: codes beside true factors; a label that is missing is NaN.
        names: of the latents; z0, z1 and so on if there are none.
        kl: KL of each latent in nats, mean over pictures.
        fit: how well the VAE fits, if the codes come from one.
        independent_coordinates: other coordinates of the same rows, against which the
            latents are judged as well.
        decoder: how the factors in decoded pictures respond to each latent.
        movement: which pixels change while each latent is walked.
        thresholds: the policy of the verdict.

    Raises: ValueError if shapes do not fit together.
    """
    measurement = measure(representation, kl=kl, names=names)
    matches = judge(measurement.axes, thresholds, factors=representation.factors)
    return Answer(
        measurement,
        matches,
        overall_verdict(matches) if matches else NO_LABELS,
        fit,
        _against(independent_coordinates, representation, thresholds),
        decoder,
        movement,
    )


def _against(
    table: FactorTable | None,
    representation: Representation,
    thresholds: Thresholds | None,
) -> CoordinateAnswer | None:
    if table is None:
        return None
    other = Representation(representation.codes, table, representation.active)
    axes = measure_axes(other)
    matches = judge(axes, thresholds, factors=table.factors)
    return CoordinateAnswer(axes, matches, overall_verdict(matches))
