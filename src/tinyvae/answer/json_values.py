"""Values of a JSON object, read by key and checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

ADVICE = "The file is damaged or was not written by tinyvae: make the answer again."


def value_of(data: Any, key: str) -> Any:
    """The value of a key.

    Raises: ValueError if there is no such key.
    """
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


def array_of(
    data: Any, key: str, shape: tuple[int, ...]
) -> Float[np.ndarray, "*shape"]:
    """Numbers of a known shape; null is NaN.

    Raises: ValueError if they are anything else.
    """
    value = value_of(data, key)
    try:
        array = np.array(value, dtype=float).reshape(np.shape(value))  # null -> NaN
    except (TypeError, ValueError):
        raise error_of(key, f"numbers of shape {shape}", value) from None
    if shape[0] == 0 and array.size == 0:
        return np.zeros(shape)
    if array.shape != shape:
        raise error_of(key, f"numbers of shape {shape}", f"shape {array.shape}")
    return array


def number_of(data: Any, key: str) -> float:
    """A number; null is NaN.

    Raises: ValueError if it is anything else.
    """
    value = value_of(data, key)
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise error_of(key, "a number or null", value)
    return float(value)


def latent_of(data: Any, key: str, num_latents: int) -> int | None:
    """The number of a latent, or None.

    Raises: ValueError if there is no such latent.
    """
    value = value_of(data, key)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < num_latents:
        raise error_of(key, f"a latent from 0 to {num_latents - 1} or null", value)
    return value


def list_of(data: Any, key: str, length: int | None = None) -> list:
    """A list, of a known length if one is given.

    Raises: ValueError if it is anything else.
    """
    value = value_of(data, key)
    if not isinstance(value, list):
        raise error_of(key, "a list", value)
    if length is not None and len(value) != length:
        raise error_of(key, f"a list of {length}", f"a list of {len(value)}")
    return value


def strings_of(data: Any, key: str) -> tuple[str, ...]:
    """A list of strings.

    Raises: ValueError if it is anything else.
    """
    values = list_of(data, key)
    if not all(isinstance(value, str) for value in values):
        raise error_of(key, "a list of strings", values)
    return tuple(values)


def of_type(data: Any, key: str, kind: type) -> Any:
    """A truth value or a string.

    Raises: ValueError if it is of another type.
    """
    value = value_of(data, key)
    if not isinstance(value, kind):
        raise error_of(key, {bool: "true or false", str: "a string"}[kind], value)
    return value


def one_of(data: Any, key: str, choices: tuple[str, ...]) -> Any:
    """A string among some choices.

    Raises: ValueError if it is none of them.
    """
    value = value_of(data, key)
    if value not in choices:
        raise error_of(key, f"one of {choices}", value)
    return value


def error_of(key: str, expected: str, got: Any) -> ValueError:
    """The error for a value of the wrong form."""
    return ValueError(
        f"expected {key!r} of the answer to be {expected}, "
        f"got {_shortened(got)}. {ADVICE}"
    )


def _shortened(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
