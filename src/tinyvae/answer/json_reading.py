"""The answer read back from JSON values, checked key by key."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from jaxtyping import Bool, Float

from tinyvae.answer.intervals import SampledIntervals
from tinyvae.answer.json_writing import FIT_KEYS, MOVEMENT_KEYS
from tinyvae.answer.measurement import AfterIca, AxisScores, Measurement
from tinyvae.answer.parts import AnswerParts, CoordinateAnswer
from tinyvae.answer.verdict import Direction, Match, Verdict
from tinyvae.evaluation.results import DecoderResponse, ModelFit, Movement
from tinyvae.measures.rotation import BestRotation

ADVICE = "The file is damaged or was not written by tinyvae: make the answer again."


def parts_from_json(data: Any) -> AnswerParts:
    """The parts of the answer that `answer_to_json` wrote; null becomes NaN.

    Raises: ValueError, saying which key, if anything is missing or misshapen.
    """
    latents = _list(data, "latents")
    active = np.array([_of_type(latent, "active", bool) for latent in latents], bool)
    axes = _axes(data, active)
    num_latents, num_factors = axes.share.shape
    intervals, nested = data.get("intervals"), data.get("independent_coordinates")
    measurement = Measurement(
        axes=axes,
        kl=np.array([_number(latent, "kl") for latent in latents]),
        linear_readout=_array(data, "linear_readout", (num_factors,)),
        after_rotation=_rotation(_get(data, "after_rotation"), axes),
        after_ica=_ica(_get(data, "after_ica"), num_latents, num_factors),
        independent=_of_type(data, "independent", bool),
        complete=_of_type(data, "complete", bool),
        intervals=None
        if intervals is None
        else SampledIntervals(
            _array(intervals, "share", (num_factors, 2)),
            _array(intervals, "readout", (num_factors, 2)),
        ),
        notes=_strings(data, "notes"),
    )
    return AnswerParts(
        measurement,
        _matches(data, axes),
        _of_type(data, "verdict", str),
        _fit(data),
        None if nested is None else _coordinates(nested, active),
        _decoder(data.get("decoder"), num_latents),
        _movement(data.get("movement"), num_latents),
    )


def _axes(data: Any, active: Bool[np.ndarray, " latent"]) -> AxisScores:
    factors = _strings(data, "factors")
    num_latents, num_factors = len(active), len(factors)
    shape = (num_latents, num_factors)
    undefined = _list(data, "undefined", num_factors)
    return AxisScores(
        factors=factors,
        active=active,
        share=_array(data, "share", shape),
        readout=_array(data, "readout", shape),
        spearman=_array(data, "spearman", shape),
        joint_readout=_array(data, "readout_all", (num_factors,)),
        matching=tuple(
            _latent(match, "latent", num_latents)
            for match in _list(data, "matches", num_factors)
        ),
        undefined=tuple(None if why is None else str(why) for why in undefined),
    )


def _matches(data: Any, axes: AxisScores) -> tuple[Match, ...]:
    return tuple(
        Match(
            factor=_one_of(match, "factor", (name,)),
            latent=_latent(match, "latent", len(axes.active)),
            direction=_one_of(match, "direction", get_args(Direction)),
            share=_number(match, "share"),
            readout=_number(match, "readout"),
            runner_up_latent=_latent(match, "runner_up_latent", len(axes.active)),
            runner_up_share=_number(match, "runner_up_share"),
            runner_up_readout=_number(match, "runner_up_readout"),
            verdict=_one_of(match, "verdict", get_args(Verdict)),
            # absent where an older version wrote the file
            seen=_of_type({"seen": "", **match}, "seen", str),
        )
        for match, name in zip(_list(data, "matches"), axes.factors, strict=True)
    )


def _rotation(data: Any, axes: AxisScores) -> BestRotation:
    num_latents, num_factors = axes.share.shape
    return BestRotation(
        rotation=_array(data, "rotation", (num_latents, num_latents)),
        angle=_number(data, "angle"),
        share=_array(data, "share", (num_latents, num_factors)),
        matching=_matching(data, "matched_latent", num_latents, num_factors),
        matched_share=_array(data, "matched_share", (num_factors,)),
    )


def _ica(data: Any, num_latents: int, num_factors: int) -> AfterIca:
    num_components = len(_list(data, "share"))
    shape = (num_components, num_factors)
    if num_components > num_latents:
        raise _error("share", f"at most {num_latents} components", num_components)
    return AfterIca(
        share=_array(data, "share", shape),
        readout=_array(data, "readout", shape),
        matching=_matching(data, "matched_component", num_components, num_factors),
        matched_share=_array(data, "matched_share", (num_factors,)),
        matched_readout=_array(data, "matched_readout", (num_factors,)),
        converged=_of_type(data, "converged", bool),
    )


def _fit(data: Any) -> ModelFit | None:
    if all(_get(data, key) is None for key in FIT_KEYS):
        return None
    return ModelFit(**{key: _number(data, key) for key in FIT_KEYS})


def _coordinates(data: Any, active: Bool[np.ndarray, " latent"]) -> CoordinateAnswer:
    axes = _axes(data, active)
    return CoordinateAnswer(axes, _matches(data, axes), _of_type(data, "verdict", str))


def _decoder(data: Any, num_latents: int) -> DecoderResponse | None:
    if data is None:
        return None
    factors = _strings(data, "factors")
    return DecoderResponse(
        factors, _array(data, "response", (num_latents, len(factors)))
    )


def _movement(data: Any, num_latents: int) -> Movement | None:
    """Absent where an older version wrote the file."""
    if data is None:
        return None
    return Movement(**{key: _array(data, key, (num_latents,)) for key in MOVEMENT_KEYS})


def _matching(data, key, num_latents, num_factors) -> tuple[int | None, ...]:
    latents = _list(data, key, num_factors)
    return tuple(_latent({key: latent}, key, num_latents) for latent in latents)


def _get(data: Any, key: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(
            f"expected an object with the key {key!r} in the answer, "
            f"got {_shortened(data)}. {ADVICE}"
        )
    if key not in data:
        raise ValueError(
            f"expected the key {key!r} in the answer, got {sorted(data)}. {ADVICE}"
        )
    return data[key]


def _array(data: Any, key: str, shape: tuple[int, ...]) -> Float[np.ndarray, "*shape"]:
    value = _get(data, key)
    try:
        array = np.array(value, dtype=float).reshape(np.shape(value))  # null -> NaN
    except (TypeError, ValueError):
        raise _error(key, f"numbers of shape {shape}", value) from None
    if shape[0] == 0 and array.size == 0:
        return np.zeros(shape)
    if array.shape != shape:
        raise _error(key, f"numbers of shape {shape}", f"shape {array.shape}")
    return array


def _number(data: Any, key: str) -> float:
    value = _get(data, key)
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _error(key, "a number or null", value)
    return float(value)


def _latent(data: Any, key: str, num_latents: int) -> int | None:
    value = _get(data, key)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < num_latents:
        raise _error(key, f"a latent from 0 to {num_latents - 1} or null", value)
    return value


def _list(data: Any, key: str, length: int | None = None) -> list:
    value = _get(data, key)
    if not isinstance(value, list):
        raise _error(key, "a list", value)
    if length is not None and len(value) != length:
        raise _error(key, f"a list of {length}", f"a list of {len(value)}")
    return value


def _strings(data: Any, key: str) -> tuple[str, ...]:
    values = _list(data, key)
    if not all(isinstance(value, str) for value in values):
        raise _error(key, "a list of strings", values)
    return tuple(values)


def _of_type(data: Any, key: str, kind: type) -> Any:
    value = _get(data, key)
    if not isinstance(value, kind):
        raise _error(key, {bool: "true or false", str: "a string"}[kind], value)
    return value


def _one_of(data: Any, key: str, choices: tuple[str, ...]) -> Any:
    value = _get(data, key)
    if value not in choices:
        raise _error(key, f"one of {choices}", value)
    return value


def _error(key: str, expected: str, got: Any) -> ValueError:
    return ValueError(
        f"expected {key!r} of the answer to be {expected}, "
        f"got {_shortened(got)}. {ADVICE}"
    )


def _shortened(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
