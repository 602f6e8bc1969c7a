"""The answer as a plain-text table and as an HTML table."""

from __future__ import annotations

import html

import numpy as np

from tinyvae.answer.match import Match
from tinyvae.answer.measurement import Measurement
from tinyvae.answer.parts import AnswerParts, HasParts
from tinyvae.answer.sentence import latent_name, two_digits
from tinyvae.answer.what_moves import what_moves
from tinyvae.evaluation.results import ModelFit
from tinyvae.measures.matching import matched_values
from tinyvae.wording import shortened

LONGEST_NAME = 24  # letters of a factor in the table; sentences have them all
MOST_KLS = 20  # that are listed in a line

MEANINGS = (
    "share: the part of the latent that the factor explains. readout: how well the "
    "latent alone, or the group together, reads the factor in held-out rows. "
    "runner-up: the best latent beside these. from all: all latents together. Each is "
    "0 to 1, rounded down."
)
HEADER = ("factor", "latent", "share", "readout", "runner-up", "from all", "verdict")


def text_table(answer: HasParts) -> str:
    """A few lines of plain text: the table, the sentences, the notes."""
    question = f"Which latent is which factor? {answer.parts.verdict}"
    if not answer.parts.matches:
        return "\n".join([question, *_below(answer)])
    rows = [HEADER, *_rows(answer.parts)]
    rows = [(shortened(name, LONGEST_NAME), *cells) for name, *cells in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines = [line.rstrip() for line in lines]
    return "\n".join([question, *lines, MEANINGS, *_below(answer)])


def html_table(answer: HasParts) -> str:
    """The same as one small HTML table; every text is escaped."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEADER)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(answer.parts)
    )
    below = "<br>".join(html.escape(line) for line in _below(answer))
    question = (
        f"Which latent is which factor? <b>{html.escape(answer.parts.verdict)}</b>"
    )
    if not answer.parts.matches:
        return f"<p>{question}</p><p>{below}</p>"
    return (
        f"<table><caption>{question}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{below}</p>"
    )


def _rows(answer: AnswerParts) -> list[tuple[str, ...]]:
    axes = answer.measurement.axes
    return [
        (
            match.factor,
            _latents(match, axes.names),
            *_scores(match, share, readout),
            f"{_latent(match.runner_up_latent, axes.names)} "
            f"{two_digits(match.runner_up_readout)}",
            two_digits(float(r2)),
            match.verdict,
        )
        for match, r2, share, readout in zip(
            answer.matches,
            axes.joint_readout,
            *_intervals(answer.measurement),
            strict=True,
        )
    ]


def _scores(match: Match, share: np.ndarray, readout: np.ndarray) -> tuple[str, str]:
    """Share and readout with their intervals; those of a group have none.

    Only of a circle the share says something: other groups hold several factors.
    """
    if match.group:
        of_group = two_digits(match.group_share) if match.circle else "-"
        return of_group, two_digits(match.group_readout)
    return _with_interval(match.share, share), _with_interval(match.readout, readout)


def _intervals(measurement: Measurement) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of share and readout of each factor; NaN where there are none."""
    if measurement.intervals is None:
        nothing = np.full((len(measurement.axes.factors), 2), np.nan)
        return nothing, nothing
    return measurement.intervals.share, measurement.intervals.readout


def _with_interval(value: float, interval: np.ndarray) -> str:
    """A score, and in brackets its interval where it has one."""
    if np.isnan(interval).any():
        return two_digits(value)
    low, high = (two_digits(float(end)) for end in interval)
    return f"{two_digits(value)} ({low} to {high})"


def _latents(match: Match, names: tuple[str, ...]) -> str:
    """The latent with its direction, or the latents of a group."""
    if match.group:
        return ", ".join(latent_name(latent, names) for latent in match.group)
    sign = "" if match.direction == "none" else match.direction
    return sign + _latent(match.latent, names)


def _latent(latent: int | None, names: tuple[str, ...]) -> str:
    return "-" if latent is None else latent_name(latent, names)


def _below(answer: HasParts) -> list[str]:
    """Sentences, what rotation and ICA would give, the fit, the notes."""
    parts = answer.parts
    measurement = parts.measurement
    lines = list(answer.sentences)
    if not np.isnan(measurement.after_rotation.matched_share).all():
        lines.append(_if_turned(measurement))
    if not np.isnan(measurement.kl).all():
        lines.append(f"KL of each latent, nats: {_kls(measurement)}")
    if (moved := what_moves(parts)) and parts.columns is None and parts.matches:
        moved.insert(0, "What the latents do that no factor alone explains:")
    lines += moved
    if parts.fit is not None:
        lines.append(_fit(parts.fit))
    if parts.independent_coordinates is not None:
        nested = parts.independent_coordinates
        names = ", ".join(nested.axes.factors)
        lines.append(f"against independent coordinates ({names}): {nested.verdict}")
    return [*lines, *(f"note: {note}" for note in measurement.notes), *parts.known]


def _if_turned(measurement: Measurement) -> str:
    """What a rotation of the latents, and ICA, would make of them."""
    rotation, ica = measurement.after_rotation, measurement.after_ica
    own = matched_values(measurement.axes.share, measurement.axes.matching)
    judged = np.array([reason is None for reason in measurement.axes.undefined])
    least = [
        _least(shares[judged])
        for shares in (own, rotation.matched_share, ica.matched_share)
    ]
    # among many latents a rotation has many planes, and its angles no simple sum
    turn = f"by {rotation.angle:.1f} degrees, " if rotation.angle <= 180 else ""
    return (
        f"smallest share of a factor: {least[0]} as it is; {least[1]} after the best "
        f"rotation of the latents ({turn}found with the factors); {least[2]} after ICA "
        "(found without them)"
    )


def _fit(fit: ModelFit) -> str:
    line = (
        f"ELBO {fit.elbo:.2f} = reconstruction {fit.reconstruction:.2f} "
        f"- KL {fit.kl:.2f} nats; total correlation of the aggregate posterior "
        f"{fit.total_correlation:z.2f} nats"
    )
    overlap = fit.intersection_over_union
    if np.isnan(overlap):  # pictures that are not black and white have none
        return line
    return f"{line}; intersection over union {two_digits(overlap)}"


def _least(shares: np.ndarray) -> str:
    """The smallest share; that of a factor without a latent is 0, as in sweeps."""
    return two_digits(float(np.nan_to_num(shares).min())) if len(shares) else "-"


def _kls(measurement: Measurement) -> str:
    """KL of each latent; of many latents, the largest."""
    kls, active = measurement.kl, measurement.axes.active
    names = measurement.axes.latents
    largest = np.argsort(np.where(np.isnan(kls), np.inf, -kls), kind="stable")
    shown, others = np.sort(largest[:MOST_KLS]), largest[MOST_KLS:]
    texts = [
        f"{names[latent]} "
        f"{'unknown' if np.isnan(kls[latent]) else f'{kls[latent]:.2f}'}"
        f"{'' if active[latent] else ' (not active)'}"
        for latent in shown
    ]
    if len(others):
        inactive = np.count_nonzero(~active[others])
        texts.append(f"and {len(others)} others ({inactive} not active)")
    return ", ".join(texts)
