"""The answer read back from JSON values, checked key by key."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any, get_args

import numpy as np
from jaxtyping import Bool

from tinyvae.answer.axes import AxisScores
from tinyvae.answer.intervals import SampledIntervals
from tinyvae.answer.json_values import (
    array_of,
    error_of,
    latent_of,
    list_of,
    number_of,
    of_type,
    one_of,
    strings_of,
    value_of,
)
from tinyvae.answer.json_writing import FIT_KEYS, MOVEMENT_KEYS
from tinyvae.answer.match import Direction, Match, Shortfall, Threshold, Verdict, Why
from tinyvae.answer.measurement import AfterIca, Measurement
from tinyvae.answer.moved import ColumnMove, ColumnMoves
from tinyvae.answer.parts import AnswerParts, CoordinateAnswer
from tinyvae.answer.verdict import judge
from tinyvae.evaluation.results import DecoderResponse, ModelFit, Movement
from tinyvae.measures.rotation import BestRotation


def parts_from_json(data: Any) -> AnswerParts:
    """The parts of the answer that `answer_to_json` wrote; null becomes NaN.

    Raises: ValueError, saying which key, if anything is missing or misshapen.
    """
    latents = list_of(data, "latents")
    active = np.array([of_type(latent, "active", bool) for latent in latents], bool)
    axes = _axes(data, active, _names(latents))
    num_latents, num_factors = axes.share.shape
    intervals, nested = data.get("intervals"), data.get("independent_coordinates")
    measurement = Measurement(
        axes=axes,
        kl=np.array([number_of(latent, "kl") for latent in latents]),
        linear_readout=array_of(data, "linear_readout", (num_factors,)),
        after_rotation=_rotation(value_of(data, "after_rotation"), axes),
        after_ica=_ica(value_of(data, "after_ica"), num_latents, num_factors),
        independent=of_type(data, "independent", bool),
        complete=of_type(data, "complete", bool),
        intervals=None
        if intervals is None
        else SampledIntervals(
            array_of(intervals, "share", (num_factors, 2)),
            array_of(intervals, "readout", (num_factors, 2)),
        ),
        notes=strings_of(data, "notes"),
    )
    return AnswerParts(
        measurement,
        _matches(data, axes),
        of_type(data, "verdict", str),
        _fit(data),
        None if nested is None else _coordinates(nested, active),
        _decoder(data.get("decoder"), num_latents),
        _movement(data.get("movement"), num_latents),
        _columns(data.get("columns"), num_latents),
    )


def _names(latents: list) -> tuple[str, ...]:
    """Names of the latents; () where they are z0, z1 and so on, or an older file's."""
    usual = [f"z{latent}" for latent in range(len(latents))]
    pairs = zip(latents, usual, strict=True)
    names = [of_type({"name": name, **one}, "name", str) for one, name in pairs]
    return () if names == usual else tuple(names)


def _axes(
    data: Any, active: Bool[np.ndarray, " latent"], names: tuple[str, ...] = ()
) -> AxisScores:
    factors = strings_of(data, "factors")
    num_latents, num_factors = len(active), len(factors)
    shape = (num_latents, num_factors)
    undefined = list_of(data, "undefined", num_factors)
    return AxisScores(
        factors=factors,
        active=active,
        share=array_of(data, "share", shape),
        readout=array_of(data, "readout", shape),
        spearman=array_of(data, "spearman", shape),
        joint_readout=array_of(data, "readout_all", (num_factors,)),
        matching=tuple(
            latent_of(match, "latent", num_latents)
            for match in list_of(data, "matches", num_factors)
        ),
        undefined=tuple(None if why is None else str(why) for why in undefined),
        names=names,
    )


def _matches(data: Any, axes: AxisScores) -> tuple[Match, ...]:
    """The matches; those of an older file are judged anew, from its scores."""
    matches = list_of(data, "matches")
    if len(matches) != len(axes.factors):
        raise error_of("matches", f"a list of {len(axes.factors)}", len(matches))
    # "mixed" was the verdict of what is now partial or shared
    old = any(isinstance(match, dict) and "why" not in match for match in matches)
    read = tuple(
        _match({**match, "verdict": _renamed(match)} if old else match, name, axes)
        for match, name in zip(matches, axes.factors, strict=True)
    )
    if not old:
        return read
    return tuple(
        replace(match, seen=before.seen)
        for match, before in zip(judge(axes), read, strict=True)
    )


def _renamed(match: Any) -> str:
    verdict = of_type(match, "verdict", str)
    return "shared" if verdict == "mixed" else verdict


def _match(data: Any, name: str, axes: AxisScores) -> Match:
    num_latents = len(axes.active)
    # absent where an older version wrote the file
    data = {**_NEW, **data} if isinstance(data, dict) else data
    return Match(
        factor=one_of(data, "factor", (name,)),
        latent=latent_of(data, "latent", num_latents),
        direction=one_of(data, "direction", get_args(Direction)),
        share=number_of(data, "share"),
        readout=number_of(data, "readout"),
        runner_up_latent=latent_of(data, "runner_up_latent", num_latents),
        runner_up_share=number_of(data, "runner_up_share"),
        runner_up_readout=number_of(data, "runner_up_readout"),
        verdict=one_of(data, "verdict", get_args(Verdict)),
        seen=of_type(data, "seen", str),
        short=tuple(_shortfall(one, num_latents) for one in list_of(data, "short")),
        why=one_of(data, "why", get_args(Why)),
        group=tuple(
            place
            for one in list_of(data, "group")
            if (place := latent_of({"group": one}, "group", num_latents)) is not None
        ),
        group_readout=number_of(data, "group_readout"),
        group_share=number_of(data, "group_share"),
        circle=of_type(data, "circle", bool),
        other=of_type(data, "other", str),
        held_too=of_type(data, "held_too", str),
        held_too_share=number_of(data, "held_too_share"),
        covariate=of_type(data, "covariate", str),
        covariate_part=number_of(data, "covariate_part"),
    )


# fields of a match that files of older versions lack
_NEW = {
    field.name: [] if field.default == () else field.default
    for field in fields(Match)
    if field.default is not MISSING
}
_NEW = {key: None if value != value else value for key, value in _NEW.items()}


def _shortfall(data: Any, num_latents: int) -> Shortfall:
    if isinstance(data, dict):  # absent where an older version wrote the file
        data = {"latent": None, "other": "", **data}
    return Shortfall(
        one_of(data, "threshold", get_args(Threshold)),
        number_of(data, "value"),
        number_of(data, "needed"),
        latent_of(data, "latent", num_latents),
        of_type(data, "other", str),
    )


def _rotation(data: Any, axes: AxisScores) -> BestRotation:
    num_latents, num_factors = axes.share.shape
    return BestRotation(
        rotation=array_of(data, "rotation", (num_latents, num_latents)),
        angle=number_of(data, "angle"),
        share=array_of(data, "share", (num_latents, num_factors)),
        matching=_matching(data, "matched_latent", num_latents, num_factors),
        matched_share=array_of(data, "matched_share", (num_factors,)),
    )


def _ica(data: Any, num_latents: int, num_factors: int) -> AfterIca:
    num_components = len(list_of(data, "share"))
    shape = (num_components, num_factors)
    if num_components > num_latents:
        raise error_of("share", f"at most {num_latents} components", num_components)
    return AfterIca(
        share=array_of(data, "share", shape),
        readout=array_of(data, "readout", shape),
        matching=_matching(data, "matched_component", num_components, num_factors),
        matched_share=array_of(data, "matched_share", (num_factors,)),
        matched_readout=array_of(data, "matched_readout", (num_factors,)),
        converged=of_type(data, "converged", bool),
    )


def _fit(data: Any) -> ModelFit | None:
    if all(value_of(data, key) is None for key in FIT_KEYS):
        return None
    return ModelFit(**{key: number_of(data, key) for key in FIT_KEYS})


def _coordinates(data: Any, active: Bool[np.ndarray, " latent"]) -> CoordinateAnswer:
    axes = _axes(data, active)
    return CoordinateAnswer(axes, _matches(data, axes), of_type(data, "verdict", str))


def _decoder(data: Any, num_latents: int) -> DecoderResponse | None:
    if data is None:
        return None
    factors = strings_of(data, "factors")
    return DecoderResponse(
        factors, array_of(data, "response", (num_latents, len(factors)))
    )


def _movement(data: Any, num_latents: int) -> Movement | None:
    """Absent where an older version wrote the file."""
    if data is None:
        return None
    return Movement(
        **{key: array_of(data, key, (num_latents,)) for key in MOVEMENT_KEYS}
    )


def _columns(data: Any, num_latents: int) -> ColumnMoves | None:
    """Absent where an older version wrote the file."""
    if data is None:
        return None
    moves = tuple(
        tuple(
            ColumnMove(of_type(move, "column", str), number_of(move, "change"))
            for move in latent
        )
        for latent in list_of(data, "moves", num_latents)
    )
    return ColumnMoves(moves, int(number_of(data, "num_columns")))


def _matching(data, key, num_latents, num_factors) -> tuple[int | None, ...]:
    latents = list_of(data, key, num_factors)
    return tuple(latent_of({key: latent}, key, num_latents) for latent in latents)
