"""From the text of an option to the value of a setting."""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Sequence
from types import UnionType
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.tables.choosing import listed

RANGE = re.compile(r"^\s*(-?[\d.]+)\s*[:x]\s*(-?[\d.]+)\s*$")


def parse_value(flag: str, given: Any, hint: Any, separator: str = ",") -> Any:
    """The value of a text, for a setting of the given type.

    `3:8` and `20x30` are pairs, `256,128` a list, `species=categorical` an entry of a
    table; other texts are numbers or words. Whatever is not a text is returned as it
    is.

    >>> parse_value("--hidden", "256,128", tuple[int, ...])
    [256, 128]
    >>> parse_value("--radius", "3:8", tuple[int, int] | None)
    [3, 8]

    Raises: ConfigError if a pair is expected and the text is not one.
    """
    if isinstance(given, list):
        return _table(flag, given)
    if not isinstance(given, str):
        return given
    choices = alternatives(hint)
    lists = [choice for choice in choices if _is_list(choice)]
    if not lists:
        return parse_word(given)
    if pair := RANGE.match(given):
        return [parse_word(end) for end in pair.groups()]
    if separator in given or len(lists) == len(choices):
        parts = [parse_word(part) for part in listed(given, separator)]
        _check_length(flag, given, parts, lists[0])
        return parts
    return parse_word(given)


def parse_word(text: str) -> Any:
    """A number or boolean as TOML writes them, or else the word itself.

    >>> parse_word(" 3.5"), parse_word("disc")
    (3.5, 'disc')
    """
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()
    return value if isinstance(value, bool | int | float) else text.strip()


def _table(flag: str, texts: list[str]) -> dict[str, str]:
    entries = [part for text in texts for part in listed(text)]
    pairs = [entry.rpartition("=") for entry in entries]
    for name, equals, value in pairs:
        if not (name.strip() and equals and value.strip()):
            raise ConfigError(
                f"{flag}: expected name=kind, such as species=categorical, "
                f"got {name + equals + value!r}."
            )
    return {name.strip(): value.strip() for name, _, value in pairs}


def _check_length(flag: str, given: str, parts: list[Any], hint: Any) -> None:
    """Refuse anything but two numbers if the setting is a pair of numbers."""
    inner = typing.get_args(hint)
    if len(inner) == 2 and Ellipsis not in inner and inner[0] is not str:
        numbers = all(isinstance(part, int | float) for part in parts)
        if len(parts) != 2 or not numbers:
            raise ConfigError(
                f"{flag}: expected low:high in whole pixels, such as 3:8, "
                f"got {given!r}."
            )


def alternatives(hint: Any) -> list[Any]:
    """The types that a setting may have, except None."""
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return [choice for choice in typing.get_args(hint) if choice is not type(None)]
    return [hint]


def _is_list(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Sequence)
