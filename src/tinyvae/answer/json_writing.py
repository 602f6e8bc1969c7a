"""The answer as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from tinyvae.answer.axes import AxisScores
from tinyvae.answer.match import Match
from tinyvae.answer.measurement import AfterIca, Measurement
from tinyvae.answer.moved import ColumnMoves
from tinyvae.answer.parts import HasParts
from tinyvae.measures.rotation import BestRotation

# Keys of ModelFit, at the top level of the JSON; all null for codes from elsewhere.
FIT_KEYS = (
    "elbo",
    "reconstruction",
    "kl",
    "total_correlation",
    "intersection_over_union",
)

# Keys of Movement, each with one number for each latent.
MOVEMENT_KEYS = ("change", "pixels", "x", "y", "spread")


def answer_to_json(answer: HasParts) -> dict[str, Any]:
    """Plain lists, numbers and strings; NaN becomes null."""
    measurement, matches, verdict, fit, nested, decoder, movement, *_ = answer.parts
    return {
        **_axes(measurement.axes, matches),
        "verdict": verdict,
        "sentences": list(answer.sentences),
        # what a terminal shows, so that it need not be made anew
        "text": str(answer).split("\n"),
        **_measured(measurement),
        **{key: None if fit is None else plain(getattr(fit, key)) for key in FIT_KEYS},
        "independent_coordinates": None
        if nested is None
        else _axes(nested.axes, nested.matches) | {"verdict": nested.verdict},
        "decoder": None
        if decoder is None
        else {
            "factors": list(decoder.factors),
            "response": plain(decoder.response),
        },
        "movement": None
        if movement is None
        else {key: plain(getattr(movement, key)) for key in MOVEMENT_KEYS},
        "columns": _columns(answer.parts.columns),
    }


def _columns(columns: ColumnMoves | None) -> dict[str, Any] | None:
    if columns is None:
        return None
    return {
        "num_columns": columns.num_columns,
        "moves": [
            [{"column": move.column, "change": plain(move.change)} for move in moves]
            for moves in columns.moves
        ],
    }


def plain(values: Any) -> Any:
    """Arrays as nested lists of floats, with None for what is not finite."""
    if isinstance(values, np.ndarray | list | tuple):
        return [plain(value) for value in values]
    number = float(values)
    return number if np.isfinite(number) else None


def _plain_field(value: Any) -> Any:
    """A field of a match as JSON values; NaN is null."""
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, tuple | list):
        return [_plain_field(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain_field(one) for key, one in value.items()}
    return value


def _axes(axes: AxisScores, matches: tuple[Match, ...]) -> dict[str, Any]:
    return {
        "factors": list(axes.factors),
        "share": plain(axes.share),
        "readout": plain(axes.readout),
        "spearman": plain(axes.spearman),
        "readout_all": plain(axes.joint_readout),
        "undefined": list(axes.undefined),
        "matches": [
            {key: _plain_field(value) for key, value in asdict(match).items()}
            for match in matches
        ],
    }


def _measured(measurement: Measurement) -> dict[str, Any]:
    intervals = measurement.intervals
    return {
        "latents": [
            {"name": name, "kl": plain(kl), "active": bool(active)}
            for name, kl, active in zip(
                measurement.axes.latents,
                measurement.kl,
                measurement.axes.active,
                strict=True,
            )
        ],
        "linear_readout": plain(measurement.linear_readout),
        "after_rotation": _rotation(measurement.after_rotation),
        "after_ica": _ica(measurement.after_ica),
        "independent": measurement.independent,
        "complete": measurement.complete,
        "intervals": None
        if intervals is None
        else {"share": plain(intervals.share), "readout": plain(intervals.readout)},
        "notes": list(measurement.notes),
    }


def _rotation(best: BestRotation) -> dict[str, Any]:
    return {
        "share": plain(best.share),
        "matched_latent": list(best.matching),
        "matched_share": plain(best.matched_share),
        "rotation": plain(best.rotation),
        "angle": plain(best.angle),
    }


def _ica(after: AfterIca) -> dict[str, Any]:
    return {
        "share": plain(after.share),
        "readout": plain(after.readout),
        "matched_component": list(after.matching),
        "matched_share": plain(after.matched_share),
        "matched_readout": plain(after.matched_readout),
        "converged": after.converged,
    }
