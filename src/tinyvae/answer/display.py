"""The answer as a plain-text table and as an HTML table."""

from __future__ import annotations

import html

import numpy as np

from tinyvae.answer.parts import AnswerParts, HasParts
from tinyvae.answer.sentence import two_digits

HEADER = ("factor", "latent", "share", "readout", "runner-up", "from all", "verdict")


def text_table(answer: HasParts) -> str:
    """A few lines of plain text: the table, the sentences, the notes."""
    rows = [HEADER, *_rows(answer.parts)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines = [line.rstrip() for line in lines]
    return "\n".join(
        [
            f"Which latent is which factor? {answer.parts.verdict}",
            *lines,
            *_below(answer),
        ]
    )


def html_table(answer: HasParts) -> str:
    """The same as one small HTML table; every text is escaped."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in HEADER)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(answer.parts)
    )
    below = "<br>".join(html.escape(line) for line in _below(answer))
    return (
        f"<table><caption>Which latent is which factor? "
        f"<b>{html.escape(answer.parts.verdict)}</b></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{below}</p>"
    )


def _rows(answer: AnswerParts) -> list[tuple[str, ...]]:
    joint = answer.measurement.axes.joint_readout
    return [
        (
            match.factor,
            _latent(match.latent, match.direction),
            two_digits(match.share),
            two_digits(match.readout),
            f"{_latent(match.runner_up_latent)} {two_digits(match.runner_up_readout)}",
            two_digits(float(r2)),
            match.verdict,
        )
        for match, r2 in zip(answer.matches, joint, strict=True)
    ]


def _latent(latent: int | None, direction: str = "none") -> str:
    sign = "" if direction == "none" else direction
    return "-" if latent is None else f"{sign}z{latent}"


def _below(answer: HasParts) -> list[str]:
    """Sentences, what rotation and ICA would give, the fit, the notes."""
    parts = answer.parts
    measurement = parts.measurement
    rotation, ica = measurement.after_rotation, measurement.after_ica
    lines = list(answer.sentences)
    # among many latents a rotation has many planes, and its angles no simple sum
    turn = f" (a turn of {rotation.angle:.1f} degrees)" if rotation.angle <= 180 else ""
    lines.append(
        f"smallest share: best rotation of the latents {_least(rotation.matched_share)}"
        f"{turn}, ICA {_least(ica.matched_share)}"
    )
    if not np.isnan(measurement.kl).all():
        lines.append(f"KL of each latent, nats: {_kls(parts)}")
    if parts.fit is not None:
        fit = parts.fit
        lines.append(
            f"ELBO {fit.elbo:.2f} = reconstruction {fit.reconstruction:.2f} "
            f"- KL {fit.kl:.2f} nats; total correlation {fit.total_correlation:z.2f} "
            f"nats; intersection over union {two_digits(fit.intersection_over_union)}"
        )
    if parts.independent_coordinates is not None:
        nested = parts.independent_coordinates
        names = ", ".join(nested.axes.factors)
        lines.append(f"against independent coordinates ({names}): {nested.verdict}")
    return [*lines, *(f"note: {note}" for note in measurement.notes)]


def _least(shares: np.ndarray) -> str:
    known = shares[~np.isnan(shares)]
    return two_digits(float(known.min())) if len(known) else "-"


def _kls(answer: AnswerParts) -> str:
    measurement = answer.measurement
    return ", ".join(
        f"z{latent} {'unknown' if np.isnan(kl) else f'{kl:.2f}'}"
        f"{'' if active else ' (not active)'}"
        for latent, (kl, active) in enumerate(
            zip(measurement.kl, measurement.axes.active, strict=True)
        )
    )
