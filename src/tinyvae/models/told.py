"""What a network is told of the world beforehand, so that results can say it."""

from __future__ import annotations

from typing import Any


def told_to(network: Any) -> str:
    """What the settings of a network, or their class, tell it; nothing by default.

    >>> from tinyvae.models import FullyConnected, Translated
    >>> told_to(Translated())
    'there are places'
    >>> told_to(FullyConnected())
    ''
    """
    return getattr(network, "told", "")


def in_brackets(network: Any) -> str:
    """The same in brackets, behind a name."""
    told = told_to(network)
    return f" (the network is told: {told})" if told else ""
