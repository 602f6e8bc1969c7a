"""The value of a score, with its parts, its interval and how it is printed."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float


class Interval(NamedTuple):
    """An interval and the confidence with which it covers the truth."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True, eq=False)
class Score:
    """The value of one score, its parts, and the matrix behind it.

    Parts belong to factors or to latents, as `part_names` says. Undefined values are
    NaN, and `undefined` (for the value) or `reasons` (for the parts) say why.
    `matrix_name` says what the matrix holds. `interval` and `p_value` are present only
    on request; `no_interval` says why an interval that was asked for is not offered,
    and `num_shuffles` of how many shuffles the p-value is. `id` names the
    score in files and programs, and never changes; `name` is its title in tables.
    `best` is the value of a perfect code, and `chance` that of codes independent of the
    factors, None where that is undefined.
    """

    name: str
    value: float
    part_names: tuple[str, ...] = ()
    parts: Float[np.ndarray, " part"] | None = None
    reasons: tuple[str | None, ...] = ()
    matrix: Float[np.ndarray, "latent factor"] | None = None
    matrix_name: str = ""
    undefined: str | None = None
    interval: Interval | None = None
    p_value: float | None = None
    no_interval: str | None = None
    num_shuffles: int | None = None
    id: str = ""
    best: float | None = None
    chance: float | None = None

    def __post_init__(self):
        for array in (self.parts, self.matrix):
            if array is not None:
                array.flags.writeable = False

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        parts = ", ".join(part_texts(self))
        return f"{self.name}: {value_text(self)}" + (f"  ({parts})" if parts else "")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"

    def to_json(self) -> dict[str, Any]:
        """The score as JSON values; undefined values are null."""
        parts = [] if self.parts is None else self.parts
        return {
            "id": self.id,
            "name": self.name,
            "value": _plain(self.value),
            "undefined": self.undefined,
            "parts": {
                name: _plain(part)
                for name, part in zip(self.part_names, parts, strict=True)
            },
            "reasons": {
                name: reason
                for name, reason in zip(self.part_names, self.reasons, strict=False)
                if reason is not None
            },
            "matrix": None
            if self.matrix is None
            else [[_plain(value) for value in row] for row in self.matrix],
            "interval": None if self.interval is None else list(self.interval),
            "no_interval": self.no_interval,
            "p_value": self.p_value,
            "num_shuffles": self.num_shuffles,
            "best": self.best,
            "chance": self.chance,
        }


def value_text(score: Score) -> str:
    """The value with its interval and p-value, or why it is undefined."""
    if score.undefined:
        return f"undefined ({score.undefined})"
    text = f"{score.value:.3f}"
    if score.interval is not None:
        low, high, confidence = score.interval
        text += f" [{low:.3f}, {high:.3f}; {confidence:.0%}]"
    if score.p_value is not None:
        text += f" {p_text(score)}"
        if is_least_p(score):
            text += f", the least that {score.num_shuffles} shuffles allow"
    return text


def is_least_p(score: Score) -> bool:
    """Whether more shuffles could have given a smaller p-value."""
    if score.p_value is None or score.num_shuffles is None:
        return False
    return score.p_value * (1 + score.num_shuffles) < 1.5  # p = 1 / (1 + shuffles)


def p_text(score: Score) -> str:
    """The p-value: `p = 0.03`, or `p <= 0.005` where more shuffles could lower it."""
    sign = "<=" if is_least_p(score) else "="
    return "" if score.p_value is None else f"p {sign} {score.p_value:.3g}"


def part_texts(score: Score, most: int = 12) -> list[str]:
    """Each part with its value, or that it is undefined; of many, the first."""
    parts = [] if score.parts is None else score.parts
    reasons = score.reasons or (None,) * len(parts)
    texts = [
        f"{name} {part:.3f}" if reason is None else f"{name} {_short(reason)}"
        for name, part, reason in zip(score.part_names, parts, reasons, strict=True)
    ]
    if len(texts) > most:
        texts[most - 1 :] = [f"and {len(texts) - most + 1} more"]
    return texts


def _short(reason: str) -> str:
    return f"undefined: {reason.partition(':')[0]}"


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
