"""Kinds of settings: those that are registered, and a user's own classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from tinyvae.errors import ConfigError
from tinyvae.models import NETWORKS, BySize
from tinyvae.objectives import OBJECTIVES, RECIPE
from tinyvae.own import is_module, is_own, load_own, own_name
from tinyvae.wording import nearest
from tinyvae.worlds import WORLDS

# sections with several kinds of settings, and the default kind of each
KINDS: dict[str, dict[str, type]] = {
    "world": WORLDS,
    "objective": OBJECTIVES,
    "network": NETWORKS | {"by-size": BySize},
}
DEFAULT_KINDS = {"world": "circles", "objective": RECIPE.kind, "network": "by-size"}
# sections in which `module:Class` names a class of the user's own
OWN_SECTIONS = ("world", "objective")


def settings_type(section: str, kind: Any) -> type:
    """The class of settings of this kind, registered or the user's own.

    Raises: ConfigError if there is none.
    """
    known = KINDS[section]
    if isinstance(kind, str) and kind in known:
        return known[kind]
    if section in OWN_SECTIONS and is_own(kind):
        return load_own(kind)
    article = "an" if section[0] in "aeiou" else "a"
    hint = nearest(str(kind), known)
    if not hint and section in OWN_SECTIONS and is_module(str(kind)):
        hint = f" For a class of the module {kind}, say {kind}:CLASS."
    elif not hint and section in OWN_SECTIONS:
        hint = " For a class of your own, say MODULE:CLASS."
    raise ConfigError(
        f"expected {article} {section} among {', '.join(known)}, got {kind!r}.{hint}"
    )


def check_kind(section: str, settings: Any) -> None:
    """Refuse settings whose kind does not lead back to their class.

    Raises: ConfigError, naming the kind that does.
    """
    owner, kind = type(settings), settings.kind
    if KINDS[section].get(kind) is not owner and kind != own_name(owner):
        raise ConfigError(
            f"expected {owner.__name__} to have the kind {own_name(owner)!r}, by which "
            f"a run is read again, got {kind!r}. Leave kind out of the class, or write "
            "that one."
        )


@cache
def _adapter(settings: type) -> TypeAdapter:
    return TypeAdapter(settings)


def by_kind(section: str) -> Any:
    """For pydantic: settings of any kind, which their key `kind` tells."""

    def validate(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value  # settings made in Python
        owner = settings_type(section, value.get("kind"))
        mine = {entry.name for entry in fields(owner)}
        given = {name: one for name, one in value.items() if name in mine}
        return _adapter(owner).validate_python(given)

    def dump(value: Any) -> dict[str, Any]:
        written = _adapter(type(value)).dump_python(value, mode="json")
        return {**written, "kind": value.kind}

    return Annotated[Any, PlainValidator(validate), PlainSerializer(dump)]
