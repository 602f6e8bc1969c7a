"""What moves when a latent moves, in words, for latents that no label explains."""

from __future__ import annotations

import math

import numpy as np

from tinyvae.answer.moved import ColumnMoves
from tinyvae.answer.parts import AnswerParts

EXPLAINED = 0.5  # share of a latent from which on its factor says what it does
MOST_LATENTS = 12  # that get a line
SHOWN = 3  # columns in a line
HARDLY = 0.001  # of the pixels: less than one in a picture of 31x31


def what_moves(answer: AnswerParts) -> list[str]:
    """A line for each active latent that no factor explains; the widest 12.

    A latent is explained where it is the latent of a factor that is clear or folded,
    or where a factor has half of its variance.
    """
    if answer.columns is not None:
        return _columns_moved(answer, answer.columns)
    movement = answer.movement
    if movement is None:
        return []
    latents, names = _unexplained(answer), answer.measurement.axes.latents
    order = sorted(latents, key=lambda latent: -movement.change[latent])
    lines = [
        _line(
            names[latent],
            float(movement.pixels[latent]),
            (float(movement.x[latent]), float(movement.y[latent])),
            float(movement.spread[latent]),
        )
        for latent in sorted(order[:MOST_LATENTS])
    ]
    if len(order) > MOST_LATENTS:
        lines.append(f"{len(order) - MOST_LATENTS} other latents move less")
    return lines


def _columns_moved(answer: AnswerParts, columns: ColumnMoves) -> list[str]:
    """The columns that each active latent moves most; of the 12 that move most."""
    names = answer.measurement.axes.latents
    size = [abs(moves[0].change) if moves else 0.0 for moves in columns.moves]
    order = np.argsort(-np.array(size), kind="stable")
    shown = sorted(latent for latent in order[:MOST_LATENTS] if size[latent] > 0)
    lines = [
        f"{names[latent]} from low to high moves "
        + ", ".join(
            f"{m.column} {m.change:+.3g}" for m in columns.moves[latent][:SHOWN]
        )
        for latent in shown
    ]
    others = sum(change > 0 for change in size) - len(shown)
    if others > 0:
        lines.append(f"{others} other latents move less")
    return lines


def _unexplained(answer: AnswerParts) -> list[int]:
    axes = answer.measurement.axes
    share = np.nan_to_num(axes.share, nan=0.0).max(axis=1, initial=0.0)
    named = {
        latent
        for match in answer.matches
        if match.verdict in ("clear", "folded")
        for latent in (match.group or (match.latent,))
    }
    return [
        int(latent)
        for latent in np.flatnonzero(axes.active & (share < EXPLAINED))
        if latent not in named
    ]


def _line(
    latent: str, pixels: float, centre: tuple[float, float], spread: float
) -> str:
    """One line on one latent.

    >>> _line("z3", 0.12, (14.2, 19.8), 4.1)
    'z3 moves 12 % of the pixels, around x 14, y 20 (spread 4 px)'
    """
    if math.isnan(centre[0]) and pixels == 0:
        return f"{latent} moves nothing"
    if 0 <= pixels < HARDLY:
        return f"{latent} changes hardly any pixel"
    if math.isnan(centre[0]):  # the numbers of a vector have no places
        return f"{latent} moves {_percent(pixels)} of the numbers in a row"
    return (
        f"{latent} moves {_percent(pixels)} of the pixels, around x {centre[0]:.0f}, "
        f"y {centre[1]:.0f} (spread {spread:.0f} px)"
    )


def _percent(share: float) -> str:
    if 0 < share < 0.01:
        return "less than 1 %"
    return f"{100 * share:.0f} %"
