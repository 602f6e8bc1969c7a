"""The answers of one or several inputs as tables, for a program or a paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinyvae.answer.answer import Answer
from tinyvae.answer.match import Match
from tinyvae.answer.sentence import latent_name
from tinyvae.files.result_tables import Cell, ResultTable, rounded

COLUMNS = (
    "input", "factor", "verdict", "latent", "direction", "share", "share_low",
    "share_high", "readout", "readout_low", "readout_high", "runner_up",
    "runner_up_readout", "from_all",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class AnswersOfInputs:
    """Answers with the names of their inputs, to be written as tables.

    Raises: ValueError if there is not one answer for each input.
    """

    inputs: tuple[str, ...]
    answers: tuple[Answer, ...]

    def __post_init__(self):
        if len(self.inputs) != len(self.answers):
            raise ValueError(
                f"expected an answer for each of {len(self.inputs)} inputs, got "
                f"{len(self.answers)}."
            )

    def data_table(self) -> ResultTable:
        """One row for each input and factor; undefined values are None."""
        rows = [
            (name, *row)
            for name, answer in zip(self.inputs, self.answers, strict=True)
            for row in map(_data_row, _of_factors(answer))
        ]
        return ResultTable(COLUMNS, tuple(rows))

    def paper_tables(self) -> tuple[ResultTable, ...]:
        """For each input the matches, and the readout of each factor by each latent."""
        return tuple(
            table
            for name, answer in zip(self.inputs, self.answers, strict=True)
            for table in (_matches(name, answer), _readouts(name, answer))
        )


@dataclass(frozen=True)
class OfFactor:
    """The match of one factor, with what belongs to it."""

    match: Match
    latents: str  # names, those of a group with a comma between
    runner_up: str
    share: tuple[float, float]  # interval; NaN where there is none
    readout: tuple[float, float]
    from_all: float


def _of_factors(answer: Answer) -> list[OfFactor]:
    measured = answer.measurement
    axes, intervals = measured.axes, measured.intervals
    none = np.full((len(answer.matches), 2), np.nan)
    shares = none if intervals is None else intervals.share
    readouts = none if intervals is None else intervals.readout
    return [
        OfFactor(
            match,
            ", ".join(latent_name(latent, axes.names) for latent in match.latents),
            ""
            if match.runner_up_latent is None
            else latent_name(match.runner_up_latent, axes.names),
            _ends(match, share),
            _ends(match, readout),
            float(joint),
        )
        for match, share, readout, joint in zip(
            answer.matches, shares, readouts, axes.joint_readout, strict=True
        )
    ]


def _ends(match: Match, interval: np.ndarray) -> tuple[float, float]:
    """The interval of a single latent; a group has none."""
    if match.group:
        return math.nan, math.nan
    return float(interval[0]), float(interval[1])


def _scores(match: Match) -> tuple[float, float]:
    if match.group:
        return match.group_share, match.group_readout
    return match.share, match.readout


def _data_row(found: OfFactor) -> tuple[Cell, ...]:
    share, readout = _scores(found.match)
    direction = found.match.direction
    numbers = (share, *found.share, readout, *found.readout)
    return (
        found.match.factor,
        found.match.verdict,
        found.latents or None,
        None if direction == "none" else direction,
        *map(_known, numbers),
        found.runner_up or None,
        _known(found.match.runner_up_readout),
        _known(found.from_all),
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _matches(name: str, answer: Answer) -> ResultTable:
    rows = []
    for found in _of_factors(answer):
        share, readout = _scores(found.match)
        best = found.match.runner_up_readout
        runner_up = f"{found.runner_up} {rounded(best)}" if found.runner_up else "-"
        rows.append(
            (
                found.match.factor,
                found.latents or "-",
                _with_ends(share, found.share),
                _with_ends(readout, found.readout),
                runner_up,
                _with_ends(found.from_all, (math.nan, math.nan)),
                found.match.verdict,
            )
        )
    return ResultTable(
        ("factor", "latent", "share", "readout", "runner-up", "from all", "verdict"),
        tuple(rows),
        f"{name}: which latent is which factor? {answer.verdict}",
    )


def _with_ends(value: float, ends: tuple[float, float]) -> str:
    if math.isnan(value):
        return "-"
    if math.isnan(ends[0]):
        return rounded(value)
    return f"{rounded(value)} [{rounded(ends[0])}, {rounded(ends[1])}]"


def _readouts(name: str, answer: Answer) -> ResultTable:
    rows = [
        (latent, *map(_known, of_latent))
        for latent, of_latent in zip(
            answer.latents, answer.readout.tolist(), strict=True
        )
    ]
    caption = f"{name}: readout (R2) of each factor by each latent"
    return ResultTable(("latent", *answer.factors), tuple(rows), caption)
