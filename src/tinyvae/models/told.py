"""What a network is told of the world beforehand, so that results can say it."""

from __future__ import annotations

from typing import Any


def told_to(network: Any) -> str:
    """What the settings of a network, or their class, tell it; nothing by default.

    >>> from tinyvae.models import FullyConnected, Translated
    >>> told_to(Translated())
    'there are places'
    >>> told_to(Translated(room=True))
    'there are places, and the room for them may differ'
    >>> told_to(FullyConnected())
    ''
    """
    told = getattr(network, "told", "")
    return f"{told}, and the room for them may differ" if _has_room(network) else told


def _has_room(network: Any) -> bool:
    return getattr(network, "room", False) is True


def in_brackets(network: Any) -> str:
    """The same in brackets, behind a name."""
    told = told_to(network)
    return f" (the network is told: {told})" if told else ""
