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
    more = "" if isinstance(network, type) else getattr(network, "told_more", "")
    return told + more
